#include "events/base/json_reader.h"

#include <fmt/format.h>

namespace conntrail {
namespace {

// Appends the path from `from` down to `to`; false if it is not below.
bool AppendPath(const JsonValue& from, const JsonValue& to, std::string& path) {
  if (&from == &to) return true;
  const size_t length = path.size();
  for (size_t i = 0; i < from.items.size(); ++i) {
    if (from.kind == JsonKind::kArray) {
      path += fmt::format("[{}]", i);
    } else {
      if (!path.empty()) path += '.';
      path += from.items[i].name;
    }
    if (AppendPath(from.items[i], to, path)) return true;
    path.resize(length);
  }
  return false;
}

}  // namespace

void JsonReader::Fail(const JsonValue& at, std::string_view what) {
  if (!status_.ok()) return;
  std::string path;
  AppendPath(root_, at, path);
  status_ =
      Status::InvalidArgument(path.empty() ? std::string(what) : fmt::format("{}: {}", path, what));
}

bool JsonReader::Is(const JsonValue& value, JsonKind kind, std::string_view kind_name) {
  if (value.kind == kind) return true;
  Fail(value, fmt::format("must be {}", kind_name));
  return false;
}

const JsonValue* JsonReader::Find(const JsonValue& object, std::string_view name) {
  if (!Is(object, JsonKind::kObject, "an object")) return nullptr;
  for (const JsonValue& member : object.items) {
    if (member.name != name) continue;
    member.is_read = true;
    return &member;
  }
  return nullptr;
}

const JsonValue* JsonReader::Require(const JsonValue& object, std::string_view name) {
  const JsonValue* member = Find(object, name);
  if (member == nullptr) Fail(object, fmt::format("member \"{}\" is missing", name));
  return member;
}

void JsonReader::RefuseOthers(const JsonValue& object) {
  if (!Is(object, JsonKind::kObject, "an object")) return;
  for (const JsonValue& member : object.items) {
    if (!member.is_read) return Fail(member, "there is no such member");
  }
}

const std::string& JsonReader::Text(const JsonValue& value) {
  static const std::string empty;
  return Is(value, JsonKind::kText, "a text") ? value.text : empty;
}

bool JsonReader::Bool(const JsonValue& value) {
  return Is(value, JsonKind::kBool, "true or false") && value.flag;
}

int64_t JsonReader::Int(const JsonValue& value) {
  if (value.kind == JsonKind::kUint) Fail(value, "is too large");
  return Is(value, JsonKind::kInt, "an integer") ? static_cast<int64_t>(value.bits) : 0;
}

uint64_t JsonReader::Uint(const JsonValue& value) {
  if (value.kind == JsonKind::kUint) return value.bits;
  if (!Is(value, JsonKind::kInt, "an integer")) return 0;
  if (static_cast<int64_t>(value.bits) < 0) Fail(value, "must not be negative");
  return value.bits;
}

const std::vector<JsonValue>& JsonReader::Items(const JsonValue& array) {
  static const std::vector<JsonValue> empty;
  return Is(array, JsonKind::kArray, "an array") ? array.items : empty;
}

const std::vector<JsonValue>& JsonReader::Members(const JsonValue& object) {
  static const std::vector<JsonValue> empty;
  return Is(object, JsonKind::kObject, "an object") ? object.items : empty;
}

}  // namespace conntrail
