#include "services/api/scim/messages.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace conntrail::api::scim {
namespace {

const std::string kContentType{MediaTypeOf(ErrorForm::kScim)};
constexpr std::string_view kListSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
constexpr std::string_view kErrorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";

http::Response Answer(int status, const JsonValue& body) {
  JsonWriter out;
  WriteJson(out, body);
  http::Response response;
  response.status = status;
  response.content_type = kContentType;
  response.body = out.Take();
  return response;
}

JsonValue Message(std::string_view schema) {
  JsonValue message = ObjectValue();
  Add(message, "schemas", ArrayValue()).items.push_back(TextValue(schema));
  return message;
}

void AddNumber(JsonValue& object, std::string_view name, size_t number) {
  JsonValue value;
  value.kind = JsonKind::kInt;
  value.bits = number;
  Add(object, name, std::move(value));
}

Fault Wrong(std::string_view parameter, std::string_view what) {
  return {.status = 400,
          .title = "invalidValue",
          .detail = std::string(parameter) + " " + std::string(what),
          .parameter = std::string(parameter)};
}

// The nearest number from `least` to `most`; false if `text` is no integer.
bool ReadNumber(std::string_view text, size_t least, size_t most, size_t& number) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_large = error == std::errc::result_out_of_range;
  if (end != text.data() + text.size() || text.empty() || (error != std::errc() && !is_large)) {
    return false;
  }
  if (is_large) value = text.front() == '-' ? INT64_MIN : INT64_MAX;
  number = static_cast<size_t>(
      std::clamp(value, static_cast<int64_t>(least), static_cast<int64_t>(most)));
  return true;
}

// Attribute names from a list with commas. Of a path only the attribute counts: "name.formatted"
// gives the whole name.
std::vector<std::string> ReadNames(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view name = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (name.starts_with(' ')) name.remove_prefix(1);
    if (SameName(name, kEnterpriseSchema)) {
      names.emplace_back(name);
      continue;
    }
    if (const size_t colon = name.rfind(':'); colon != name.npos) name.remove_prefix(colon + 1);
    name = name.substr(0, name.find('.'));
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

// RFC 7644, table 9.
bool IsScimType(std::string_view title) {
  static constexpr std::string_view kTypes[] = {
      "invalidFilter", "invalidPath", "invalidSyntax", "invalidValue", "invalidVers",
      "mutability",    "noTarget",    "sensitive",     "tooMany",      "uniqueness"};
  return std::find(std::begin(kTypes), std::end(kTypes), title) != std::end(kTypes);
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& known) { return SameName(known, name); });
}

}  // namespace

http::Response ErrorResponse(const Fault& fault) {
  JsonValue error = Message(kErrorSchema);
  AddText(error, "detail", fault.detail);
  if (IsScimType(fault.title)) AddText(error, "scimType", fault.title);
  AddText(error, "status", std::to_string(fault.status));
  return Answer(fault.status, error);
}

Parsed<ListQuery> ReadListQuery(const http::Request& request) {
  ListQuery query;
  if (const std::string* text = request.Parameter("filter")) {
    Parsed<Filter> filter = Filter::Parse(*text);
    if (!filter.ok()) {
      Fault fault = filter.fault();
      fault.parameter = "filter";
      return fault;
    }
    query.filter = std::move(*filter);
  }
  if (const std::string* text = request.Parameter("startIndex")) {
    if (!ReadNumber(*text, 1, INT64_MAX, query.start_index)) {
      return Wrong("startIndex", "must be an integer");
    }
  }
  if (const std::string* text = request.Parameter("count")) {
    if (!ReadNumber(*text, 0, ListQuery::kCountMax, query.count)) {
      return Wrong("count", "must be an integer");
    }
  }
  if (const std::string* text = request.Parameter("attributes")) {
    query.attributes = ReadNames(*text);
  }
  if (const std::string* text = request.Parameter("excludedAttributes")) {
    query.excluded_attributes = ReadNames(*text);
  }
  return query;
}

JsonValue Chosen(JsonValue resource, const ListQuery& query) {
  std::erase_if(resource.items, [&](const JsonValue& member) {
    if (member.name == "id" || member.name == "schemas" || member.name == "meta") return false;
    if (!query.attributes.empty()) return !Contains(query.attributes, member.name);
    return Contains(query.excluded_attributes, member.name);
  });
  return resource;
}

http::Response ResourceResponse(int status, const JsonValue& resource) {
  http::Response response = Answer(status, resource);
  if (const JsonValue* meta = FindMember(resource, "meta")) {
    const auto add = [&](std::string_view name, std::string_view value) {
      if (!value.empty()) response.headers.push_back({std::string(name), std::string(value)});
    };
    add("ETag", MemberText(*meta, "version"));
    add("Location", MemberText(*meta, "location"));
  }
  return response;
}

http::Response ListResponse(const std::vector<JsonValue>& resources, size_t total,
                            const ListQuery& query) {
  JsonValue list = Message(kListSchema);
  AddNumber(list, "totalResults", total);
  AddNumber(list, "startIndex", query.start_index);
  AddNumber(list, "itemsPerPage", resources.size());
  JsonValue& items = Add(list, "Resources", ArrayValue());
  for (const JsonValue& resource : resources) items.items.push_back(Chosen(resource, query));
  return Answer(200, list);
}

}  // namespace conntrail::api::scim
