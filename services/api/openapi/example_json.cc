#include "services/api/openapi/example_json.h"

#include "events/base/check.h"
#include "events/base/json_reader.h"
#include "events/base/json_writer.h"

namespace conntrail::api {
namespace {

constexpr int kRefsMax = 12;  // on the way down

const JsonValue* Member(const JsonValue& object, std::string_view name) {
  for (const JsonValue& item : object.items) {
    if (object.kind == JsonKind::kObject && item.name == name) return &item;
  }
  return nullptr;
}

class ExampleWriter {
 public:
  explicit ExampleWriter(const SchemaMap& schemas) : schemas_(schemas) {}

  void Write(std::string_view schema_json, int refs) {
    const Result<JsonValue> schema = ParseJson(schema_json);
    CONNTRAIL_CHECK(schema.ok());
    Write(*schema, refs);
  }
  std::string Take() { return out_.Take(); }

 private:
  void Write(const JsonValue& schema, int refs);
  void WriteLiteral(const JsonValue& value);
  void WriteObject(const JsonValue& schema, int refs);
  void WriteOfType(const JsonValue& schema, int refs);

  const SchemaMap& schemas_;
  JsonWriter out_;
};

void ExampleWriter::WriteLiteral(const JsonValue& value) {
  switch (value.kind) {
    case JsonKind::kText:
      return out_.Text(value.text);
    case JsonKind::kBool:
      return out_.Bool(value.flag);
    case JsonKind::kInt:
      return out_.Int(static_cast<int64_t>(value.bits));
    case JsonKind::kUint:
      return out_.Uint(value.bits);
    default:
      return out_.Null();
  }
}

void ExampleWriter::Write(const JsonValue& schema, int refs) {
  if (const JsonValue* constant = Member(schema, "const")) return WriteLiteral(*constant);
  if (const JsonValue* examples = Member(schema, "examples")) {
    return WriteLiteral(examples->items.front());
  }
  if (const JsonValue* first = Member(schema, "default")) return WriteLiteral(*first);
  if (const JsonValue* choices = Member(schema, "enum")) {
    return WriteLiteral(choices->items.front());
  }
  if (const JsonValue* ref = Member(schema, "$ref")) {
    if (refs == kRefsMax) return out_.Null();
    const auto found = schemas_.find(std::string_view(ref->text).substr(ref->text.rfind('/') + 1));
    CONNTRAIL_CHECK(found != schemas_.end());
    return Write(found->second, refs + 1);
  }
  if (Member(schema, "properties") != nullptr) return WriteObject(schema, refs);
  for (const std::string_view name : {"oneOf", "anyOf"}) {
    if (const JsonValue* choices = Member(schema, name)) return Write(choices->items[0], refs);
  }
  WriteOfType(schema, refs);
}

void ExampleWriter::WriteObject(const JsonValue& schema, int refs) {
  out_.BeginObject();
  for (const JsonValue& property : Member(schema, "properties")->items) {
    out_.Name(property.name);
    Write(property, refs);
  }
  out_.EndObject();
}

void ExampleWriter::WriteOfType(const JsonValue& schema, int refs) {
  const JsonValue* type = Member(schema, "type");
  if (type != nullptr && type->kind == JsonKind::kArray) type = &type->items.front();
  const std::string_view name = type == nullptr ? "null" : std::string_view(type->text);
  if (name == "string")
    return out_.Text(Member(schema, "writeOnly") == nullptr ? "text" : "secret");
  if (name == "boolean") return out_.Bool(true);
  if (name == "integer") return out_.Int(1);
  if (name == "object") {
    out_.BeginObject();
    return out_.EndObject();
  }
  if (name != "array") return out_.Null();
  out_.BeginArray();
  if (const JsonValue* items = Member(schema, "items")) Write(*items, refs);
  out_.EndArray();
}

}  // namespace

std::string ExampleOf(const SchemaMap& schemas, std::string_view schema_json) {
  ExampleWriter writer(schemas);
  writer.Write(schema_json, 0);
  return writer.Take();
}

std::string Indented(std::string_view json) {
  std::string out;
  size_t level = 0;
  bool in_text = false;
  const auto line = [&] { out.append("\n").append(2 * level, ' '); };
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      out += c;
      if (c == '\\') out += json[++i];
      if (c == '"') in_text = false;
      continue;
    }
    const bool is_empty = (c == '{' || c == '[') && (json[i + 1] == '}' || json[i + 1] == ']');
    if (is_empty) {
      out.append({c, json[++i]});
      continue;
    }
    if (c == '}' || c == ']') {
      --level;
      line();
    }
    out += c;
    in_text = c == '"';
    if (c == ':') out += ' ';
    if (c == '{' || c == '[') ++level;
    if (c == '{' || c == '[' || c == ',') line();
  }
  return out;
}

}  // namespace conntrail::api
