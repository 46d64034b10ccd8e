#include "services/api/openapi/schema_table.h"

namespace conntrail::api {
namespace {

constexpr NamedSchema kSchemas[] = {
    {"Tags", R"({"type":"array","maxItems":64,"items":{"type":"string","maxLength":200,
      "pattern":"^[A-Za-z][A-Za-z0-9_/-]*:[A-Za-z0-9_/-]+$","examples":["team:ops"]},
      "description":"key:value; \"default\" is reserved, as a key and as a value."})"},
    {"ConnectionCreateRequest",
     R"({"type":"object","required":["data"],"additionalProperties":false,
      "properties":{"data":{"type":"object","required":["type","attributes"],
        "additionalProperties":false,"properties":{
        "type":{"const":"action_connection"},
        "attributes":{"type":"object","required":["name","integration"],
          "additionalProperties":false,"properties":{
          "name":{"$ref":"#/components/schemas/Name"},
          "integration":{"$ref":"#/components/schemas/IntegrationCreate"},
          "tags":{"$ref":"#/components/schemas/Tags"}}}}}}})"},
    {"ConnectionPatchRequest", R"({"type":"object","required":["data"],"additionalProperties":false,
      "properties":{"data":{"type":"object","required":["type","attributes"],
        "additionalProperties":false,"properties":{
        "type":{"const":"action_connection"},
        "id":{"$ref":"#/components/schemas/Uuid","description":"The id in the path, if it is sent."},
        "attributes":{"type":"object","additionalProperties":false,"properties":{
          "name":{"$ref":"#/components/schemas/Name"},
          "integration":{"$ref":"#/components/schemas/IntegrationPatch"},
          "tags":{"$ref":"#/components/schemas/Tags"}}}}}}})"},
    {"Credential", R"({"type":"object","description":"Of the secrets, fingerprints only.",
      "required":["present","version","fingerprints","fingerprint","rotated_at","expires_at","consent"],
      "properties":{"present":{"type":"boolean"},"version":{"type":"integer","minimum":0},
        "fingerprints":{"type":"object","additionalProperties":{"type":"string",
          "pattern":"^[0-9a-f]{16}$"},"description":"By the path of the secret."},
        "fingerprint":{"type":["string","null"],"pattern":"^[0-9a-f]{16}$",
          "description":"Of all secrets together."},
        "rotated_at":{"$ref":"#/components/schemas/OptionalTime"},
        "expires_at":{"$ref":"#/components/schemas/OptionalTime"},
        "consent":{"anyOf":[{"$ref":"#/components/schemas/Consent"},{"type":"null"}]}}})"},
    {"Connection", R"({"type":"object","required":["type","id","attributes","relationships"],
      "properties":{"type":{"const":"action_connection"},
        "id":{"$ref":"#/components/schemas/Uuid"},
        "attributes":{"type":"object","required":["name","integration","acting_user_can_resolve",
          "created_at","last_updated","is_favorite","external_secrets_manager","revision","scopes",
          "suspended","last_used_at","credential"],"properties":{
          "name":{"type":"string","examples":["pager"]},
          "integration":{"$ref":"#/components/schemas/IntegrationAnswer"},
          "tags":{"type":"array","items":{"type":"string"}},
          "acting_user_can_resolve":{"type":"boolean"},
          "created_at":{"$ref":"#/components/schemas/ConnectionTime"},
          "last_updated":{"$ref":"#/components/schemas/ConnectionTime"},
          "is_favorite":{"const":false},"external_secrets_manager":{"type":"null"},
          "revision":{"$ref":"#/components/schemas/Revision"},
          "scopes":{"type":"array","items":{"type":"string"},
            "description":"What the credential may do, as far as it is known."},
          "suspended":{"type":"boolean"},
          "last_used_at":{"$ref":"#/components/schemas/OptionalTime"},
          "credential":{"$ref":"#/components/schemas/Credential"},
          "fields":{"type":"object","description":"What a source has told beyond all that, by path.",
            "additionalProperties":{"$ref":"#/components/schemas/FieldValue"}}}},
        "relationships":{"type":"object","required":["created_by"],"properties":{
          "created_by":{"type":"object","required":["data"],"properties":{
            "data":{"anyOf":[{"type":"null"},{"type":"object","required":["id","type"],
              "properties":{"id":{"$ref":"#/components/schemas/Uuid"},
              "type":{"const":"created_by"}}}]}}}}}}})"},
    {"ConnectionAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"$ref":"#/components/schemas/Connection"}}})"},
    {"ConnectionListAnswer", R"({"type":"object","required":["data","meta"],"properties":{
      "data":{"type":"array","items":{"$ref":"#/components/schemas/Connection"}},
      "meta":{"type":"object","required":["page"],"properties":{
        "page":{"type":"object","required":["total"],"properties":{
          "after":{"type":"string","description":"The cursor of the next page, if there is one."},
          "total":{"type":"integer","minimum":0}}}}}}})"},
    {"RestrictedResource", R"({"type":"string",
      "pattern":"^connection:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
      "examples":["connection:4f1d9c36-2f0b-4c7e-9a51-0d6f0c8b7e21"]})"},
    {"RestrictionPolicyRequest", R"({"type":"object","required":["data"],
      "additionalProperties":false,"properties":{"data":{"type":"object",
        "required":["type","id","attributes"],"additionalProperties":false,"properties":{
        "type":{"const":"restriction_policy"},
        "id":{"$ref":"#/components/schemas/RestrictedResource","description":"That of the path."},
        "attributes":{"type":"object","required":["bindings"],"additionalProperties":false,
          "properties":{"bindings":{"type":"array","items":{"type":"object",
            "required":["relation","principals"],"additionalProperties":false,"properties":{
            "relation":{"$ref":"#/components/schemas/Relation"},
            "principals":{"type":"array","minItems":1,"maxItems":1500,
              "items":{"$ref":"#/components/schemas/PolicyPrincipal"}}}}}}}}}}})"},
    {"PolicyPrincipal", R"({"type":"string",
      "pattern":"^(user|role|team|org):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
      "description":"A service account is a user here; an org must be the caller's own.",
      "examples":["team:9d0c2b7e-4a55-4a0f-b8a4-7b0c8f2f6f11"]})"},
    {"RestrictionPolicyAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"type":"object","required":["type","id","attributes"],"properties":{
        "type":{"const":"restriction_policy"},
        "id":{"$ref":"#/components/schemas/RestrictedResource"},
        "attributes":{"type":"object","required":["bindings"],"properties":{
          "bindings":{"type":"array","items":{"type":"object",
            "required":["relation","principals"],"properties":{
            "relation":{"$ref":"#/components/schemas/Relation"},
            "principals":{"type":"array","minItems":1,
              "items":{"$ref":"#/components/schemas/Principal"}}}}}}}}}}})"},
};

}  // namespace

std::span<const NamedSchema> ConnectionSchemas() { return kSchemas; }

}  // namespace conntrail::api
