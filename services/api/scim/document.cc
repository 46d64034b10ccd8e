#include "services/api/scim/document.h"

#include <algorithm>
#include <utility>

namespace conntrail::api::scim {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

JsonValue Of(JsonKind kind) {
  JsonValue value;
  value.kind = kind;
  return value;
}

}  // namespace

JsonValue TextValue(std::string_view text) {
  JsonValue value = Of(JsonKind::kText);
  value.text = text;
  return value;
}

JsonValue FlagValue(bool flag) {
  JsonValue value = Of(JsonKind::kBool);
  value.flag = flag;
  return value;
}

JsonValue ArrayValue() { return Of(JsonKind::kArray); }
JsonValue ObjectValue() { return Of(JsonKind::kObject); }

JsonValue& Add(JsonValue& object, std::string_view name, JsonValue value) {
  value.name = name;
  return object.items.emplace_back(std::move(value));
}

void AddText(JsonValue& object, std::string_view name, std::string_view text) {
  if (!text.empty()) Add(object, name, TextValue(text));
}

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  return lower;
}

const JsonValue* FindMember(const JsonValue& object, std::string_view name) {
  if (object.kind != JsonKind::kObject) return nullptr;
  const auto found =
      std::find_if(object.items.begin(), object.items.end(),
                   [&](const JsonValue& member) { return SameName(member.name, name); });
  return found == object.items.end() ? nullptr : &*found;
}

JsonValue* FindMember(JsonValue& object, std::string_view name) {
  return const_cast<JsonValue*>(FindMember(std::as_const(object), name));
}

std::string_view MemberText(const JsonValue& object, std::string_view name) {
  const JsonValue* member = FindMember(object, name);
  return member == nullptr ? std::string_view() : member->text;
}

bool SameValue(const JsonValue& a, const JsonValue& b) {
  if (a.kind != b.kind || a.flag != b.flag || a.bits != b.bits || a.text != b.text ||
      a.items.size() != b.items.size()) {
    return false;
  }
  for (size_t i = 0; i < a.items.size(); ++i) {
    const bool by_name = a.kind == JsonKind::kObject;
    const JsonValue* other = by_name ? FindMember(b, a.items[i].name) : &b.items[i];
    if (other == nullptr || !SameValue(a.items[i], *other)) return false;
  }
  return true;
}

void WriteJson(JsonWriter& out, const JsonValue& value) {
  switch (value.kind) {
    case JsonKind::kNull:
    case JsonKind::kNumber:  // its value was not kept; no resource of ours has one
      return out.Null();
    case JsonKind::kBool:
      return out.Bool(value.flag);
    case JsonKind::kInt:
      return out.Int(static_cast<int64_t>(value.bits));
    case JsonKind::kUint:
      return out.Uint(value.bits);
    case JsonKind::kText:
      return out.Text(value.text);
    case JsonKind::kArray:
      out.BeginArray();
      for (const JsonValue& item : value.items) WriteJson(out, item);
      return out.EndArray();
    case JsonKind::kObject:
      out.BeginObject();
      for (const JsonValue& member : value.items) {
        out.Name(member.name);
        WriteJson(out, member);
      }
      return out.EndObject();
  }
}

}  // namespace conntrail::api::scim
