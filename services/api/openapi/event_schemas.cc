#include <fmt/format.h>

#include "events/base/json_writer.h"
#include "events/codec/describe.h"
#include "events/model/enum_names.h"
#include "services/api/openapi/schema_table.h"

namespace conntrail::api {
namespace {

template <typename E>
concept Enum = std::is_enum_v<E>;

// Writes as properties what Describe visits: the schema is what the codec reads.
class PropertyWriter {
 public:
  explicit PropertyWriter(JsonWriter& out) : out_(out) {}

  template <typename T>
  void operator()(std::string_view name, const T& member) {
    out_.Name(name);
    Shape(member);
  }
  void NonZero(std::string_view, uint64_t) {}  // the log's own
  void Rights(std::string_view name, uint64_t) {
    out_.Name(name);
    out_.Raw(R"({"type":"array","items":{"$ref":"#/components/schemas/Scope"}})");
  }
  void Org(std::string_view name, const OrgId& org) { (*this)(name, org); }
  void Action(std::string_view, const conntrail::Action&) {}
  void Type(std::string_view, const conntrail::Action&) {}

 private:
  void Ref(std::string_view name) {
    out_.Raw(fmt::format(R"({{"$ref":"#/components/schemas/{}"}})", name));
  }
  void Shape(bool) { out_.Raw(R"({"type":"boolean"})"); }
  void Shape(uint32_t) { out_.Raw(R"({"type":"integer","minimum":0,"maximum":4294967295})"); }
  void Shape(uint64_t) { out_.Raw(R"({"type":"integer","minimum":0,"format":"int64"})"); }
  void Shape(UnixMs) { Ref("Time"); }
  void Shape(const std::string&) { out_.Raw(R"({"type":"string"})"); }
  void Shape(const Uuid&) { Ref("Uuid"); }
  void Shape(const Digest&) { out_.Raw(R"({"type":"string","pattern":"^[0-9a-f]{64}$"})"); }
  void Shape(const Principal&) { Ref("Principal"); }
  void Shape(const Fields&) {
    out_.Raw(
        R"({"type":"object","additionalProperties":{"$ref":"#/components/schemas/FieldValue"}})");
  }
  void Shape(const FieldChange&) { Ref("Change"); }
  void Shape(const Grant&) {
    out_.Raw(R"({"type":"object","required":["principal","relation"],"properties":{)"
             R"("principal":{"$ref":"#/components/schemas/Principal"},)"
             R"("relation":{"$ref":"#/components/schemas/Relation"}}})");
  }
  template <Enum E>
  void Shape(const E&) {
    out_.BeginObject();
    out_.Name("type");
    out_.Text("string");
    out_.Name("enum");
    out_.BeginArray();
    for (size_t i = 1; i < kEnumNames<E>.size(); ++i) out_.Text(kEnumNames<E>[i]);
    out_.EndArray();
    out_.EndObject();
  }
  template <typename Tag>
  void Shape(const UuidId<Tag>&) {
    Ref("Uuid");
  }
  template <typename Tag, typename Rep>
  void Shape(const StrongId<Tag, Rep>& number) {
    Shape(number.value);
  }
  template <typename T>
  void Shape(const std::optional<T>&) {
    Shape(T());
  }
  template <typename T>
  void Shape(const std::vector<T>&) {
    out_.BeginObject();
    out_.Name("type");
    out_.Text("array");
    out_.Name("items");
    Shape(T());
    out_.EndObject();
  }
  template <typename T>
  void Shape(const T& described) {
    out_.BeginObject();
    out_.Name("type");
    out_.Text("object");
    out_.Name("properties");
    out_.BeginObject();
    Describe(*this, described);
    out_.EndObject();
    out_.EndObject();
  }

  JsonWriter& out_;
};

// "connection.used" → "ConnectionUsed".
std::string SchemaNameOf(EventType type) {
  std::string name;
  bool begins = true;
  for (const char c : EventTypeName(type)) {
    if (c == '.' || c == '_') {
      begins = true;
    } else {
      name += begins ? static_cast<char>(c - 'a' + 'A') : c;
      begins = false;
    }
  }
  return name;
}

// What no producer can report: see event_intake.h.
bool IsReportable(EventType type) {
  switch (type) {
    case EventType::kNone:
    case EventType::kKeyCreated:
    case EventType::kKeyRevoked:
    case EventType::kKeyRightsChanged:
    case EventType::kAuditTrailRead:
    case EventType::kOrgOpened:
    case EventType::kRulesActivated:
    case EventType::kSeal:
      return false;
    default:
      return true;
  }
}

std::string ActionSchema(EventType type) {
  JsonWriter out;
  PropertyWriter properties(out);
  out.BeginObject();
  out.Name("type");
  out.Text("object");
  out.Name("required");
  out.Raw(R"(["type","action"])");
  out.Name("properties");
  out.BeginObject();
  out.Name("type");
  out.BeginObject();
  out.Name("const");
  out.Text(EventTypeName(type));
  out.EndObject();
  out.Name("action");
  out.BeginObject();
  out.Name("type");
  out.Text("object");
  out.Name("additionalProperties");
  out.Bool(false);
  out.Name("properties");
  out.BeginObject();
  std::visit([&](const auto& action) { Describe(properties, action); }, NewAction(type));
  out.EndObject();
  out.EndObject();
  out.EndObject();
  out.EndObject();
  return out.Take();
}

}  // namespace

void AddEventSchemas(SchemaMap& schemas) {
  JsonWriter out;
  out.BeginObject();
  out.Name("type");
  out.Text("object");
  out.Name("description");
  out.Text("What a producer has observed. Facts that are absent are left out.");
  out.Name("required");
  out.Raw(R"(["id","org","authority","type"])");
  out.Name("properties");
  out.BeginObject();
  PropertyWriter properties(out);
  const Event event;
  Describe(properties, event);
  out.Name("type");
  out.Raw(R"({"type":"string"})");
  out.Name("action");
  out.Raw(R"({"type":"object"})");
  out.EndObject();
  out.Name("oneOf");
  out.BeginArray();
  for (uint8_t number = 0; number <= kEventTypeMax; ++number) {
    const auto type = static_cast<EventType>(number);
    if (!IsReportable(type)) continue;
    const std::string name = SchemaNameOf(type);
    schemas.emplace(name, ActionSchema(type));
    out.Raw(fmt::format(R"({{"$ref":"#/components/schemas/{}"}})", name));
  }
  out.EndArray();
  out.EndObject();
  schemas.emplace("Event", out.Take());
}

}  // namespace conntrail::api
