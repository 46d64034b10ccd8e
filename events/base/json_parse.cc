#include <algorithm>

#include <fmt/format.h>
#include <simdjson.h>

#include "events/base/bytes.h"
#include "events/base/json_reader.h"
#include "events/base/json_syntax.h"

namespace conntrail {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// Copies simdjson's tree into ours and refuses what simdjson 3.0.1 takes: a member twice, U+0000,
// any depth and any number of members. `root_` is where the path of a fault begins.
class TreeCopier {
 public:
  explicit TreeCopier(JsonValue& root) : root_(root) {}

  Status Copy(const element& from, JsonValue& to, size_t depth);

 private:
  Status CopyArray(const simdjson::dom::array& from, JsonValue& to, size_t depth);
  Status CopyObject(const simdjson::dom::object& from, JsonValue& to, size_t depth);
  Status CopyText(std::string_view from, std::string& to, const JsonValue& at);
  Status RefuseTwins(const JsonValue& object);
  Status Fault(const JsonValue& at, std::string_view what);

  JsonValue& root_;
};

Status TreeCopier::Fault(const JsonValue& at, std::string_view what) {
  JsonReader reader(root_);
  reader.Fail(at, what);
  return reader.status();
}

Status TreeCopier::Copy(const element& from, JsonValue& to, size_t depth) {
  switch (from.type()) {
    case element_type::NULL_VALUE:
      to.kind = JsonKind::kNull;
      return Status::Ok();
    case element_type::BOOL:
      to.kind = JsonKind::kBool;
      to.flag = from.get_bool().value_unsafe();
      return Status::Ok();
    case element_type::INT64:
      to.kind = JsonKind::kInt;
      to.bits = static_cast<uint64_t>(from.get_int64().value_unsafe());
      return Status::Ok();
    case element_type::UINT64:
      to.kind = JsonKind::kUint;
      to.bits = from.get_uint64().value_unsafe();
      return Status::Ok();
    case element_type::DOUBLE:
      to.kind = JsonKind::kNumber;
      return Status::Ok();
    case element_type::STRING:
      to.kind = JsonKind::kText;
      return CopyText(from.get_string().value_unsafe(), to.text, to);
    case element_type::ARRAY:
      to.kind = JsonKind::kArray;
      return CopyArray(from.get_array().value_unsafe(), to, depth + 1);
    case element_type::OBJECT:
      to.kind = JsonKind::kObject;
      return CopyObject(from.get_object().value_unsafe(), to, depth + 1);
  }
  return Fault(to, "is of no known kind");
}

Status TreeCopier::CopyText(std::string_view from, std::string& to, const JsonValue& at) {
  if (from.find('\0') != std::string_view::npos) return Fault(at, "must not contain U+0000");
  to = from;
  return Status::Ok();
}

Status TreeCopier::CopyArray(const simdjson::dom::array& from, JsonValue& to, size_t depth) {
  if (depth > kJsonDepthMax) return Fault(to, "is nested too deeply");
  to.items.reserve(from.size());
  for (const element item : from) {
    CONNTRAIL_RETURN_IF_ERROR(Copy(item, to.items.emplace_back(), depth));
  }
  return Status::Ok();
}

Status TreeCopier::CopyObject(const simdjson::dom::object& from, JsonValue& to, size_t depth) {
  if (depth > kJsonDepthMax) return Fault(to, "is nested too deeply");
  if (from.size() > kJsonMembersMax) return Fault(to, "has too many members");
  to.items.reserve(from.size());
  for (const auto member : from) {
    JsonValue& value = to.items.emplace_back();
    CONNTRAIL_RETURN_IF_ERROR(CopyText(member.key, value.name, to));
    CONNTRAIL_RETURN_IF_ERROR(Copy(member.value, value, depth));
  }
  return RefuseTwins(to);
}

Status TreeCopier::RefuseTwins(const JsonValue& object) {
  static thread_local std::vector<std::string_view> names;
  names.clear();
  for (const JsonValue& member : object.items) names.push_back(member.name);
  std::sort(names.begin(), names.end());
  const auto twin = std::adjacent_find(names.begin(), names.end());
  if (twin == names.end()) return Status::Ok();
  return Fault(object, fmt::format("member \"{}\" stands twice", *twin));
}

Status SyntaxFault(std::string_view text, simdjson::error_code error) {
  if (const std::optional<JsonSyntaxFault> fault = FindJsonSyntaxFault(text)) {
    return Status::InvalidArgument(
        fmt::format("line {}, column {}: {}", fault->line, fault->column, fault->what));
  }
  return Status::InvalidArgument(simdjson::error_message(error));
}

}  // namespace

Result<JsonValue> ParseJson(std::string_view text) {
  static thread_local simdjson::dom::parser parser;
  element root;
  // With `true` simdjson copies the text to where it may read beyond its end.
  const auto error = parser.parse(text.data(), text.size(), true).get(root);
  if (error != simdjson::SUCCESS) return SyntaxFault(text, error);
  JsonValue value;
  CONNTRAIL_RETURN_IF_ERROR(TreeCopier(value).Copy(root, value, 0));
  return value;
}

}  // namespace conntrail
