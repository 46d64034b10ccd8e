#include "services/api/json_body.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "events/secret/token_shapes.h"

namespace conntrail::api {
namespace {

// "a~b/c" as a token of a pointer.
std::string Escaped(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

// Appends the pointer from `from` down to `to`; false if it is not below.
bool AppendPointer(const JsonValue& from, const JsonValue& to, std::string& pointer) {
  if (&from == &to) return true;
  const size_t length = pointer.size();
  for (size_t i = 0; i < from.items.size(); ++i) {
    pointer += '/';
    pointer += from.kind == JsonKind::kArray ? std::to_string(i) : Escaped(from.items[i].name);
    if (AppendPointer(from.items[i], to, pointer)) return true;
    pointer.resize(length);
  }
  return false;
}

bool HoldsToken(const std::string& pointer) {
  std::string names = pointer;
  for (size_t at = names.find("~1"); at != std::string::npos; at = names.find("~1", at)) {
    names.replace(at, 2, "/");
  }
  return !FindTokenShape(names).empty();
}

// Members may be named like anything, also like a token: then the place is the object they are in.
void HideTokens(std::string& pointer) {
  while (HoldsToken(pointer)) {
    const size_t slash = pointer.rfind('/');
    pointer.resize(slash == std::string::npos ? 0 : slash);
  }
}

// "data.attributes.tags[3]" as a pointer; "" for a path that could be read in two ways.
std::string PointerOfPath(std::string_view path) {
  std::string pointer;
  bool begins = true;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (c == '.' || c == '[') {
      begins = true;
    } else if (plain || c == '_' || c == '-') {
      if (begins) pointer += '/';
      begins = false;
      pointer += c;
    } else if (c != ']') {
      return {};
    }
  }
  HideTokens(pointer);
  return pointer;
}

// What ParseJson found: "line 3, column 14: ..." or "<path>: ...".
Fault SyntaxFault(std::string_view message) {
  constexpr std::string_view kTwin = "\" stands twice";
  Fault fault;
  if (message.ends_with(kTwin)) {  // the member's name is anybody's text
    const std::string_view path = message.substr(0, message.find(": member \""));
    fault.detail = "a member stands twice in one object";
    if (path.size() < message.size()) fault.pointer = PointerOfPath(path);
    return fault;
  }
  const size_t colon = message.rfind(": ");
  if (message.starts_with("line ")) {
    fault.detail = fmt::format("the body is not JSON: {}", message);
    if (!FindTokenShape(message).empty()) fault.detail = "the body is not JSON";
  } else if (colon == std::string_view::npos) {
    fault.detail = fmt::format("the body {}", message);
  } else {
    fault.detail = message.substr(colon + 2);
    fault.pointer = PointerOfPath(message.substr(0, colon));
  }
  return fault;
}

void RefuseWideObjects(BodyReader& reader, const JsonValue& value) {
  if (value.kind == JsonKind::kObject && value.items.size() > kBodyMembersMax) {
    return reader.Fail(value, fmt::format("must not have more than {} members", kBodyMembersMax));
  }
  for (const JsonValue& item : value.items) RefuseWideObjects(reader, item);
}

}  // namespace

Parsed<JsonValue> ParseBody(std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return Fault{.detail = "the body is empty; it must be a JSON object"};
  }
  Result<JsonValue> root = ParseJson(body);
  if (!root.ok()) return SyntaxFault(root.status().message());
  BodyReader reader(*root);
  reader.IsObject(*root);
  RefuseWideObjects(reader, *root);
  if (!reader.ok()) return reader.fault();
  return std::move(root).value();
}

void BodyReader::Fail(const JsonValue& at, std::string_view what) {
  if (fault_) return;
  fault_.emplace();
  fault_->detail = what;
  AppendPointer(root_, at, fault_->pointer);
  HideTokens(fault_->pointer);
}

bool BodyReader::Is(const JsonValue& value, JsonKind kind, std::string_view kind_name) {
  if (value.kind == kind) return true;
  Fail(value, fmt::format("must be {}", kind_name));
  return false;
}

const JsonValue* BodyReader::Find(const JsonValue& object, std::string_view name) {
  if (!IsObject(object)) return nullptr;
  for (const JsonValue& member : object.items) {
    if (member.name != name) continue;
    member.is_read = true;
    return &member;
  }
  return nullptr;
}

const JsonValue* BodyReader::Require(const JsonValue& object, std::string_view name) {
  const JsonValue* member = Find(object, name);
  if (member == nullptr) Fail(object, fmt::format("member \"{}\" is missing", name));
  return member;
}

void BodyReader::RefuseOthers(const JsonValue& object, std::string_view known) {
  if (!IsObject(object)) return;
  for (const JsonValue& member : object.items) {
    if (member.is_read) continue;
    if (known.empty()) return Fail(member, "there is no such member");
    return Fail(member, fmt::format("there is no such member; there are: {}", known));
  }
}

const std::string& BodyReader::Text(const JsonValue& value) {
  static const std::string empty;
  return Is(value, JsonKind::kText, "a text") ? value.text : empty;
}

bool BodyReader::Bool(const JsonValue& value) {
  return Is(value, JsonKind::kBool, "true or false") && value.flag;
}

int64_t BodyReader::Int(const JsonValue& value, int64_t min, int64_t max) {
  const auto number = static_cast<int64_t>(value.bits);
  if (value.kind == JsonKind::kInt && number >= min && number <= max) return number;
  Fail(value, fmt::format("must be an integer from {} to {}", min, max));
  return min;
}

const std::vector<JsonValue>& BodyReader::Items(const JsonValue& array) {
  static const std::vector<JsonValue> empty;
  return Is(array, JsonKind::kArray, "an array") ? array.items : empty;
}

bool BodyReader::IsObject(const JsonValue& value) {
  return Is(value, JsonKind::kObject, "an object");
}

std::string BodyReader::Line(const JsonValue& value, size_t characters_max, size_t bytes_max) {
  const std::string& text = Text(value);
  if (text.empty()) Fail(value, "must not be empty");
  if (CharactersOf(text) > characters_max) {
    Fail(value, fmt::format("must not be longer than {} characters", characters_max));
  }
  if (text.size() > bytes_max) {
    Fail(value, fmt::format("must not be longer than {} bytes in UTF-8", bytes_max));
  }
  if (HasControl(text)) Fail(value, "must not contain control characters");
  RefuseTokens(value, text);
  return text;
}

void BodyReader::RefuseTokens(const JsonValue& at, std::string_view text) {
  const std::string_view shape = FindTokenShape(text);
  if (shape.empty()) return;
  Fail(at, fmt::format("looks like {}: secrets belong into secret fields only", shape));
}

const JsonValue* ReadEnvelope(BodyReader& reader, const JsonValue& root, std::string_view type,
                              IdRule rule, std::string_view id) {
  const JsonValue* data = reader.Require(root, "data");
  reader.RefuseOthers(root, "data");
  if (data == nullptr || !reader.IsObject(*data)) return nullptr;
  const JsonValue* sent_type = reader.Require(*data, "type");
  if (sent_type != nullptr && reader.Text(*sent_type) != type) {
    reader.Fail(*sent_type, fmt::format("must be \"{}\"", type));
  }
  const JsonValue* sent_id =
      rule == IdRule::kRequired ? reader.Require(*data, "id") : reader.Find(*data, "id");
  if (sent_id != nullptr && rule == IdRule::kNone) {
    reader.Fail(*sent_id, "is given by the server; leave it out");
  } else if (sent_id != nullptr && reader.Text(*sent_id) != id) {
    reader.Fail(*sent_id, "must be the id in the path");
  }
  const JsonValue* attributes = reader.Require(*data, "attributes");
  reader.RefuseOthers(*data, "type, id, attributes");
  return attributes != nullptr && reader.IsObject(*attributes) ? attributes : nullptr;
}

size_t CharactersOf(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool HasControl(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) return true;
    // C1 in UTF-8: C2 80 to C2 9F.
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      return true;
    }
  }
  return false;
}

}  // namespace conntrail::api
