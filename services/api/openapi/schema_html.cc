#include "services/api/openapi/schema_html.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/base/check.h"
#include "events/base/json_reader.h"

namespace conntrail::api {
namespace {

const JsonValue* Member(const JsonValue& object, std::string_view name) {
  for (const JsonValue& item : object.items) {
    if (object.kind == JsonKind::kObject && item.name == name) return &item;
  }
  return nullptr;
}

std::string Shown(const JsonValue& value) {
  switch (value.kind) {
    case JsonKind::kText:
      return fmt::format("<code>\"{}\"</code>", EscapeHtml(value.text));
    case JsonKind::kBool:
      return value.flag ? "<code>true</code>" : "<code>false</code>";
    case JsonKind::kInt:
      return fmt::format("{}", static_cast<int64_t>(value.bits));
    case JsonKind::kUint:
      return fmt::format("{}", value.bits);
    default:
      return "<code>null</code>";
  }
}

std::string Listed(const JsonValue& values, std::string_view between) {
  std::string text;
  for (const JsonValue& value : values.items) {
    if (!text.empty()) text += between;
    text += Shown(value);
  }
  return text;
}

std::string Link(std::string_view ref) {
  const std::string_view name = ref.substr(ref.rfind('/') + 1);
  return fmt::format("<a href=\"#schema-{}\">{}</a>", name, name);
}

std::string TypeOf(const JsonValue& schema) {
  if (const JsonValue* ref = Member(schema, "$ref")) return Link(ref->text);
  if (const JsonValue* constant = Member(schema, "const")) return Shown(*constant);
  if (const JsonValue* choices = Member(schema, "enum")) return Listed(*choices, " or ");
  if (Member(schema, "properties") == nullptr) {
    for (const std::string_view name : {"oneOf", "anyOf"}) {
      const JsonValue* choices = Member(schema, name);
      if (choices == nullptr) continue;
      std::string text;
      for (const JsonValue& choice : choices->items) {
        text += (text.empty() ? "" : " or ") + TypeOf(choice);
      }
      return text;
    }
  }
  const JsonValue* type = Member(schema, "type");
  if (type == nullptr) return "any";
  if (type->kind == JsonKind::kArray) {
    std::string text;
    for (const JsonValue& each : type->items) text += (text.empty() ? "" : " or ") + each.text;
    return text;
  }
  if (type->text != "array") return type->text;
  const JsonValue* items = Member(schema, "items");
  return items == nullptr ? "list" : "list of " + TypeOf(*items);
}

void AddRules(const JsonValue& schema, std::string& html) {
  static constexpr std::pair<std::string_view, std::string_view> kRules[] = {
      {"format", "format"},        {"minimum", "at least"},     {"maximum", "at most"},
      {"minLength", "min length"}, {"maxLength", "max length"}, {"minItems", "min items"},
      {"maxItems", "max items"},   {"pattern", "pattern"},      {"default", "default"}};
  for (const auto& [name, words] : kRules) {
    const JsonValue* rule = Member(schema, name);
    if (rule == nullptr) continue;
    const bool is_text = rule->kind == JsonKind::kText;
    html += fmt::format(
        " <span class=\"rule\">{} {}</span>", words,
        is_text ? fmt::format("<code>{}</code>", EscapeHtml(rule->text)) : Shown(*rule));
  }
  if (Member(schema, "readOnly") != nullptr) html += " <span class=\"rule\">read-only</span>";
  if (Member(schema, "writeOnly") != nullptr) html += " <span class=\"rule\">secret</span>";
}

void AddInside(const JsonValue& schema, std::string& html);

void AddProperty(const JsonValue& property, bool is_required, std::string& html) {
  html += fmt::format("<li><code class=\"name\">{}</code> <span class=\"type\">{}</span>",
                      EscapeHtml(property.name), TypeOf(property));
  if (is_required) html += " <span class=\"required\">required</span>";
  AddRules(property, html);
  if (const JsonValue* items = Member(property, "items")) AddRules(*items, html);
  if (const JsonValue* description = Member(property, "description")) {
    html += fmt::format("<br>{}", EscapeHtml(description->text));
  }
  AddInside(property, html);
  html += "</li>";
}

// What an object, the items of a list, or one of several choices is made of.
void AddInside(const JsonValue& schema, std::string& html) {
  if (const JsonValue* properties = Member(schema, "properties")) {
    const JsonValue* required = Member(schema, "required");
    html += "<ul class=\"properties\">";
    for (const JsonValue& property : properties->items) {
      const bool is_required =
          required != nullptr &&
          std::any_of(required->items.begin(), required->items.end(),
                      [&](const JsonValue& name) { return name.text == property.name; });
      AddProperty(property, is_required, html);
    }
    html += "</ul>";
  }
  if (const JsonValue* items = Member(schema, "items")) AddInside(*items, html);
  for (const std::string_view name : {"oneOf", "anyOf"}) {
    const JsonValue* choices = Member(schema, name);
    if (choices == nullptr) continue;
    for (const JsonValue& choice : choices->items) AddInside(choice, html);
  }
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string SchemaHtml(std::string_view schema_json) {
  const Result<JsonValue> schema = ParseJson(schema_json);
  CONNTRAIL_CHECK(schema.ok());
  std::string html = fmt::format("<p><span class=\"type\">{}</span>", TypeOf(*schema));
  AddRules(*schema, html);
  html += "</p>";
  if (const JsonValue* description = Member(*schema, "description")) {
    html += fmt::format("<p>{}</p>", EscapeHtml(description->text));
  }
  const JsonValue* choices = Member(*schema, "oneOf");
  if (choices != nullptr && Member(*schema, "properties") != nullptr) {
    html += "<p>and one of ";
    for (const JsonValue& choice : choices->items) html += TypeOf(choice) + " ";
    html += "</p>";
  }
  AddInside(*schema, html);
  return html;
}

}  // namespace conntrail::api
