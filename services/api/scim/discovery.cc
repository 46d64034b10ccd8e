// What a client asks first: which resources there are, and how they look (RFC 7643 sections 5-7).

#include <string>
#include <utility>

#include "events/base/check.h"
#include "services/api/scim/messages.h"

namespace conntrail::api::scim {
namespace {

// "@BASE@" stands for the base URL.
constexpr std::string_view kConfig = R"({
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
  "patch": {"supported": true},
  "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
  "filter": {"supported": true, "maxResults": 1000},
  "changePassword": {"supported": false},
  "sort": {"supported": false},
  "etag": {"supported": true},
  "authenticationSchemes": [
    {"type": "oauthbearertoken", "name": "OAuth Bearer Token", "primary": true,
     "description": "An application key, or a token of the configured issuer"},
    {"type": "httpheader", "name": "Keys",
     "description": "The headers DD-API-KEY and DD-APPLICATION-KEY"}
  ],
  "meta": {"resourceType": "ServiceProviderConfig", "location": "@BASE@/ServiceProviderConfig"}
})";

constexpr std::string_view kTypes = R"([
  {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "id": "User",
   "name": "User", "endpoint": "/Users", "description": "Account of a person or a service",
   "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
   "schemaExtensions": [
     {"schema": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "required": false}],
   "meta": {"resourceType": "ResourceType", "location": "@BASE@/ResourceTypes/User"}},
  {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "id": "Group",
   "name": "Group", "endpoint": "/Groups", "description": "Team or role",
   "schema": "urn:ietf:params:scim:schemas:core:2.0:Group",
   "meta": {"resourceType": "ResourceType", "location": "@BASE@/ResourceTypes/Group"}}
])";

struct Attribute {
  std::string_view name;
  std::string_view type = "string";
  bool is_multi_valued = false;
  bool is_required = false;
  bool is_case_exact = false;
  std::string_view uniqueness = "none";
  std::string_view mutability = "readWrite";
  std::vector<Attribute> parts = {};
};

struct SchemaOf {
  std::string_view id;
  std::string_view name;
  std::string_view description;
  std::vector<Attribute> attributes;
};

const std::vector<SchemaOf>& AllSchemas() {
  static const std::vector<SchemaOf> schemas = {
      {kUserSchema,
       "User",
       "Account of a person or a service",
       {{.name = "userName", .is_required = true, .uniqueness = "server"},
        {.name = "displayName"},
        {.name = "name",
         .type = "complex",
         .parts = {{.name = "formatted"}, {.name = "givenName"}, {.name = "familyName"}}},
        {.name = "emails",
         .type = "complex",
         .is_multi_valued = true,
         .parts = {{.name = "value"}, {.name = "type"}, {.name = "primary", .type = "boolean"}}},
        {.name = "userType", .mutability = "readOnly"},
        {.name = "active", .type = "boolean"}}},
      {kGroupSchema,
       "Group",
       "Team or role",
       {{.name = "displayName", .is_required = true},
        {.name = "members",
         .type = "complex",
         .is_multi_valued = true,
         .parts = {{.name = "value", .is_case_exact = true, .mutability = "immutable"},
                   {.name = "$ref", .type = "reference", .mutability = "immutable"},
                   {.name = "type", .mutability = "immutable"}}}}},
      {kEnterpriseSchema,
       "EnterpriseUser",
       "Who somebody answers to",
       {{.name = "manager",
         .type = "complex",
         .parts = {{.name = "value", .is_case_exact = true}}}}}};
  return schemas;
}

JsonValue AttributeDocument(const Attribute& attribute) {
  JsonValue document = ObjectValue();
  AddText(document, "name", attribute.name);
  AddText(document, "type", attribute.type);
  Add(document, "multiValued", FlagValue(attribute.is_multi_valued));
  Add(document, "required", FlagValue(attribute.is_required));
  Add(document, "caseExact", FlagValue(attribute.is_case_exact));
  AddText(document, "mutability", attribute.mutability);
  AddText(document, "returned", "default");
  AddText(document, "uniqueness", attribute.uniqueness);
  if (attribute.type == "reference") {
    Add(document, "referenceTypes", ArrayValue()).items.push_back(TextValue("User"));
  }
  if (attribute.parts.empty()) return document;
  JsonValue& parts = Add(document, "subAttributes", ArrayValue());
  for (const Attribute& part : attribute.parts) parts.items.push_back(AttributeDocument(part));
  return document;
}

JsonValue SchemaDocument(const SchemaOf& schema, std::string_view base_url) {
  JsonValue document = ObjectValue();
  Add(document, "schemas", ArrayValue())
      .items.push_back(TextValue("urn:ietf:params:scim:schemas:core:2.0:Schema"));
  AddText(document, "id", schema.id);
  AddText(document, "name", schema.name);
  AddText(document, "description", schema.description);
  JsonValue& attributes = Add(document, "attributes", ArrayValue());
  for (const Attribute& attribute : schema.attributes) {
    attributes.items.push_back(AttributeDocument(attribute));
  }
  JsonValue& meta = Add(document, "meta", ObjectValue());
  AddText(meta, "resourceType", "Schema");
  AddText(meta, "location", std::string(base_url) + "/Schemas/" + std::string(schema.id));
  return document;
}

// Puts `base_url` where "@BASE@" stands, in all texts below.
void Place(JsonValue& value, std::string_view base_url) {
  constexpr std::string_view kMark = "@BASE@";
  if (value.text.starts_with(kMark)) value.text.replace(0, kMark.size(), base_url);
  for (JsonValue& item : value.items) Place(item, base_url);
}

JsonValue Placed(std::string_view json, std::string_view base_url) {
  Result<JsonValue> value = ParseJson(json);
  CONNTRAIL_CHECK(value.ok());
  Place(*value, base_url);
  return std::move(*value);
}

std::vector<JsonValue> SchemaDocuments(std::string_view base_url) {
  std::vector<JsonValue> documents;
  for (const SchemaOf& schema : AllSchemas()) {
    documents.push_back(SchemaDocument(schema, base_url));
  }
  return documents;
}

http::Response ListOf(const std::vector<JsonValue>& documents) {
  return ListResponse(documents, documents.size(), {});
}

std::optional<http::Response> OneOf(const std::vector<JsonValue>& documents, std::string_view id) {
  for (const JsonValue& document : documents) {
    if (MemberText(document, "id") == id) return ResourceResponse(200, document);
  }
  return std::nullopt;
}

}  // namespace

http::Response ServiceProviderConfig(std::string_view base_url) {
  return ResourceResponse(200, Placed(kConfig, base_url));
}

http::Response ResourceTypes(std::string_view base_url) {
  return ListOf(Placed(kTypes, base_url).items);
}

http::Response Schemas(std::string_view base_url) { return ListOf(SchemaDocuments(base_url)); }

std::optional<http::Response> ResourceType(std::string_view base_url, std::string_view id) {
  return OneOf(Placed(kTypes, base_url).items, id);
}

std::optional<http::Response> Schema(std::string_view base_url, std::string_view id) {
  return OneOf(SchemaDocuments(base_url), id);
}

}  // namespace conntrail::api::scim
