#include "events/model/field_json.h"

#include <algorithm>

#include "events/model/enum_names.h"

namespace conntrail {
namespace {

struct ValueWriter {
  JsonWriter& out;

  void operator()(std::monostate) const { out.Null(); }
  void operator()(const std::string& text) const { out.Text(text); }
  void operator()(bool flag) const { out.Bool(flag); }
  void operator()(int64_t number) const { out.Int(number); }
  void operator()(const TextList& list) const {
    out.BeginArray();
    for (const std::string& text : list) out.Text(text);
    out.EndArray();
  }
};

bool IsAbsent(const FieldValue& value) { return std::holds_alternative<std::monostate>(value); }

FieldValue ReadSide(JsonReader& reader, const JsonValue& change, std::string_view name) {
  const JsonValue* side = reader.Find(change, name);
  return side == nullptr ? FieldValue() : ReadFieldValue(reader, *side);
}

}  // namespace

void WriteFieldValue(JsonWriter& out, const FieldValue& value) {
  std::visit(ValueWriter{out}, value);
}

void WriteFields(JsonWriter& out, const Fields& fields) {
  out.BeginObject();
  for (const Field& field : fields) {
    out.Name(field.path);
    WriteFieldValue(out, field.value);
  }
  out.EndObject();
}

void WriteChanges(JsonWriter& out, const std::vector<FieldChange>& changes) {
  out.BeginArray();
  for (const FieldChange& change : changes) {
    out.BeginObject();
    if (!IsAbsent(change.after)) {
      out.Name("after");
      WriteFieldValue(out, change.after);
    }
    if (!IsAbsent(change.before)) {
      out.Name("before");
      WriteFieldValue(out, change.before);
    }
    out.Name("path");
    out.Text(change.path);
    out.EndObject();
  }
  out.EndArray();
}

void WritePrincipal(JsonWriter& out, const Principal& principal) { out.Text(principal.ToString()); }

void WritePrincipals(JsonWriter& out, const std::vector<Principal>& principals) {
  out.BeginArray();
  for (const Principal& principal : principals) WritePrincipal(out, principal);
  out.EndArray();
}

void WriteGrant(JsonWriter& out, const Grant& grant) {
  out.BeginObject();
  out.Name("principal");
  WritePrincipal(out, grant.principal);
  out.Name("relation");
  out.Text(EnumName(grant.relation));
  out.EndObject();
}

void WriteGrants(JsonWriter& out, const std::vector<Grant>& grants) {
  out.BeginArray();
  for (const Grant& grant : grants) WriteGrant(out, grant);
  out.EndArray();
}

void WriteRights(JsonWriter& out, uint64_t rights) {
  out.BeginArray();
  for (size_t bit = 0; bit < kRightNames.size(); ++bit) {
    if ((rights >> bit & 1) != 0) out.Text(kRightNames[bit]);
  }
  out.EndArray();
}

std::string FieldValueToJson(const FieldValue& value) {
  JsonWriter out;
  WriteFieldValue(out, value);
  return out.Take();
}

std::string FieldsToJson(const Fields& fields) {
  JsonWriter out;
  WriteFields(out, fields);
  return out.Take();
}

FieldValue ReadFieldValue(JsonReader& reader, const JsonValue& in) {
  switch (in.kind) {
    case JsonKind::kText:
      return in.text;
    case JsonKind::kBool:
      return in.flag;
    case JsonKind::kArray: {
      TextList list;
      for (const JsonValue& item : in.items) list.push_back(reader.Text(item));
      FieldValue value = std::move(list);
      NormalizeValue(value);
      return value;
    }
    case JsonKind::kInt:
    case JsonKind::kUint:
      return reader.Int(in);
    case JsonKind::kNull:
    case JsonKind::kNumber:
    case JsonKind::kObject:
      break;
  }
  reader.Fail(in, "must be a text, true or false, an integer or an array of texts");
  return {};
}

Fields ReadFields(JsonReader& reader, const JsonValue& in) {
  Fields fields;
  for (const JsonValue& member : reader.Members(in)) {
    if (member.name.empty()) reader.Fail(member, "a field must have a path");
    fields.push_back({member.name, ReadFieldValue(reader, member)});
  }
  NormalizeFields(fields);
  return fields;
}

std::vector<FieldChange> ReadChanges(JsonReader& reader, const JsonValue& in) {
  std::vector<FieldChange> changes;
  for (const JsonValue& item : reader.Items(in)) {
    FieldChange& change = changes.emplace_back();
    if (const JsonValue* path = reader.Require(item, "path")) change.path = reader.Text(*path);
    change.before = ReadSide(reader, item, "before");
    change.after = ReadSide(reader, item, "after");
    if (reader.ok()) reader.RefuseOthers(item);
  }
  return changes;
}

Principal ReadPrincipal(JsonReader& reader, const JsonValue& in) {
  const std::optional<Principal> principal = Principal::Parse(reader.Text(in));
  if (!principal) reader.Fail(in, "must be a principal, as in user:<uuid>");
  return principal.value_or(Principal());
}

Grant ReadGrant(JsonReader& reader, const JsonValue& in) {
  Grant grant;
  if (const JsonValue* principal = reader.Require(in, "principal")) {
    grant.principal = ReadPrincipal(reader, *principal);
  }
  if (const JsonValue* relation = reader.Require(in, "relation")) {
    const std::optional<Relation> parsed = ParseEnum<Relation>(reader.Text(*relation));
    if (!parsed) reader.Fail(*relation, "must be viewer, resolver or editor");
    grant.relation = parsed.value_or(Relation::kNone);
  }
  if (reader.ok()) reader.RefuseOthers(in);
  return grant;
}

uint64_t ReadRights(JsonReader& reader, const JsonValue& in) {
  uint64_t rights = 0;
  for (const JsonValue& item : reader.Items(in)) {
    const auto name = std::find(kRightNames.begin(), kRightNames.end(), reader.Text(item));
    if (name == kRightNames.end()) {
      reader.Fail(item, "there is no such right");
    } else {
      rights |= uint64_t{1} << (name - kRightNames.begin());
    }
  }
  return rights;
}

}  // namespace conntrail
