#include "services/api/openapi/schema_table.h"

namespace conntrail::api {
namespace {

constexpr NamedSchema kSchemas[] = {
    {"Uuid", R"({"type":"string","format":"uuid",
      "pattern":"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
      "description":"In lower case.","examples":["4f1d9c36-2f0b-4c7e-9a51-0d6f0c8b7e21"]})"},
    {"Time", R"({"type":"string","format":"date-time","examples":["2026-05-03T14:03:00.000Z"]})"},
    {"ConnectionTime", R"({"type":"string",
      "pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}([.][0-9]{1,3})? [+]0000 UTC$",
      "examples":["2026-07-13 13:25:37.434 +0000 UTC"]})"},
    {"Index", R"({"type":"integer","minimum":0,"format":"int64",
      "description":"Which record of the organisation's trail it is, from 0.","examples":[4711]})"},
    {"Revision", R"({"type":"integer","minimum":0,"format":"int64","examples":[3],
      "description":"Grows by 1 with every change; the ETag is this number in quotes."})"},
    {"Moment", R"({"type":"string","default":"now","examples":["2026-05-03T14:03:00Z"],
      "pattern":"^(now|(time:)?[0-9]{4}-.*|index:[0-9]{1,20}|seq:(.*:)?[0-9]{1,20})$"})"},
    {"Principal", R"({"type":"string",
      "pattern":"^(user|service_account|team|role|org):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
      "examples":["user:0b1e7c1a-8d25-4a39-8a1e-5f3f6f1f7f10"]})"},
    {"Account", R"({"type":"string",
      "pattern":"^(user|service_account):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
      "examples":["user:0b1e7c1a-8d25-4a39-8a1e-5f3f6f1f7f10"]})"},
    {"OptionalAccount", R"({"anyOf":[{"$ref":"#/components/schemas/Account"},{"type":"null"}]})"},
    {"OptionalTime", R"({"anyOf":[{"$ref":"#/components/schemas/Time"},{"type":"null"}]})"},
    {"Relation", R"({"type":"string","enum":["viewer","resolver","editor"]})"},
    {"Scope", R"({"type":"string","enum":["connections_read","connections_write",
      "connections_resolve","user_access_manage","audit_logs_read","event_intake","operator",
      "backfill","actions_api"]})"},
    {"Name", R"({"type":"string","minLength":1,"maxLength":255,
      "pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$","examples":["pager"],
      "description":"At most 255 bytes in UTF-8, without control characters; nothing that looks like a token."})"},
    {"Consent", R"({"type":"object","required":["provider","client_id","scopes","given_by"],
      "description":"Who has consented to what; no token.","properties":{
      "provider":{"type":"string"},"client_id":{"type":"string"},
      "scopes":{"type":"array","items":{"type":"string"}},
      "given_by":{"$ref":"#/components/schemas/Principal"}}})"},
    {"Change", R"({"type":"object","required":["path"],
      "description":"A field before and after; either is left out where there was none.","properties":{
      "path":{"type":"string","examples":["integration.base_url"]},
      "before":{"$ref":"#/components/schemas/FieldValue"},
      "after":{"$ref":"#/components/schemas/FieldValue"}}})"},
    {"FieldValue", R"({"anyOf":[{"type":"string"},{"type":"boolean"},{"type":"integer"},
      {"type":"array","items":{"type":"string"}}]})"},
    {"ErrorObjects", R"({"type":"object","required":["errors"],"properties":{
      "errors":{"type":"array","minItems":1,"items":{"type":"object",
        "required":["detail","status","title"],"properties":{
        "detail":{"type":"string","examples":["must not be empty"]},
        "status":{"type":"string","pattern":"^[45][0-9]{2}$","examples":["400"]},
        "title":{"type":"string","examples":["Generic Error"]},
        "source":{"type":"object","properties":{
          "pointer":{"type":"string","description":"JSON pointer (RFC 6901) into the body."},
          "parameter":{"type":"string"},"header":{"type":"string"}}}}}}}})"},
    {"ErrorTexts", R"({"type":"object","required":["errors"],"properties":{
      "errors":{"type":"array","minItems":1,
        "items":{"type":"string","examples":["Forbidden"]}}
}
})"},
    {"Lines",
     R"({"type":"string","description":"One line a record; the form is that of the parameter format."})"},
    {"EventStream",
     R"({"type":"string","description":"Server-Sent Events: id is an index, event is \"audit\", data an AuditEvent."})"},
};

}  // namespace

std::span<const NamedSchema> BasicSchemas() { return kSchemas; }

SchemaMap AllSchemas() {
  SchemaMap schemas;
  for (const std::span<const NamedSchema> table :
       {BasicSchemas(), ConnectionSchemas(), DirectorySchemas(), TrailSchemas()}) {
    for (const NamedSchema& schema : table) schemas.emplace(schema.name, schema.json);
  }
  AddCatalogSchemas(schemas);
  AddEventSchemas(schemas);
  return schemas;
}

}  // namespace conntrail::api
