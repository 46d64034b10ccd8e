#include "services/api/openapi/schema_table.h"

namespace conntrail::api {
namespace {

constexpr NamedSchema kSchemas[] = {
    {"WorkflowRequest", R"({"type":"object","required":["data"],"additionalProperties":false,
      "properties":{"data":{"type":"object","required":["type","attributes"],
        "additionalProperties":false,"properties":{
        "type":{"const":"workflow"},
        "id":{"$ref":"#/components/schemas/Uuid","description":"The id in the path, if it is sent."},
        "attributes":{"type":"object","required":["name"],"additionalProperties":false,
          "if":{"properties":{"run_as":{"const":"service_account"}},"required":["run_as"]},
          "then":{"required":["run_as_account"],"properties":{"run_as_account":{"type":"string"}}},
          "else":{"properties":{"run_as_account":{"type":"null"}}},"properties":{
          "name":{"$ref":"#/components/schemas/Name"},
          "owner":{"$ref":"#/components/schemas/Account",
            "description":"Without it the owner stays; of a workflow not known before: the caller."},
          "run_as":{"type":"string","enum":["owner","initiator","service_account"],"default":"owner"},
          "run_as_account":{"$ref":"#/components/schemas/OptionalAccount",
            "description":"Required for run_as \"service_account\", refused otherwise."},
          "editors":{"type":"array","maxItems":200,"items":{"$ref":"#/components/schemas/Account"}},
          "steps":{"type":"array","maxItems":100,
            "items":{"$ref":"#/components/schemas/WorkflowStepRequest"}}}}}}}})"},
    {"WorkflowStepRequest", R"({"type":"object","required":["step","action"],
      "additionalProperties":false,"properties":{
      "step":{"type":"string","minLength":1,"maxLength":128,
        "pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$","examples":["page_on_call"],
        "description":"Its name, once in a workflow."},
      "action":{"type":"string","minLength":1,"maxLength":256,
        "pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$","examples":["pagerduty.trigger"]},
      "connection_id":{"anyOf":[{"$ref":"#/components/schemas/Uuid"},{"type":"null"}]}}})"},
    {"StepConnectionRequest", R"({"type":"object","required":["data"],"additionalProperties":false,
      "properties":{"data":{"type":"object","required":["type","attributes"],
        "additionalProperties":false,"properties":{
        "type":{"const":"step_connection"},
        "attributes":{"type":"object","required":["connection_id"],"additionalProperties":false,
          "properties":{"connection_id":{"description":"null takes the connection away.",
            "anyOf":[{"$ref":"#/components/schemas/Uuid"},{"type":"null"}]}}}}}}})"},
    {"Workflow", R"({"type":"object","required":["type","id","attributes"],"properties":{
      "type":{"const":"workflow"},"id":{"$ref":"#/components/schemas/Uuid"},
      "attributes":{"type":"object","required":["name","owner","run_as","run_as_account","editors",
        "steps","created_at","last_updated","revision"],"properties":{
        "name":{"type":"string","examples":["page the operator"]},
        "owner":{"$ref":"#/components/schemas/OptionalAccount"},
        "run_as":{"enum":["owner","initiator","service_account",null]},
        "run_as_account":{"$ref":"#/components/schemas/OptionalAccount"},
        "editors":{"type":"array","items":{"$ref":"#/components/schemas/Principal"}},
        "steps":{"type":"array","items":{"type":"object",
          "required":["step","action","connection_id"],"properties":{
          "step":{"type":"string"},"action":{"type":"string"},
          "connection_id":{"anyOf":[{"$ref":"#/components/schemas/Uuid"},{"type":"null"}]}}}},
        "created_at":{"$ref":"#/components/schemas/Time"},
        "last_updated":{"$ref":"#/components/schemas/Time"},
        "revision":{"$ref":"#/components/schemas/Revision"}}}}})"},
    {"WorkflowAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"$ref":"#/components/schemas/Workflow"}}})"},
    {"WorkflowListAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"type":"array","items":{"$ref":"#/components/schemas/Workflow"}}}})"},

    {"ConsentRequest", R"({"type":"object","required":["client_id"],"additionalProperties":false,
      "properties":{
        "provider":{"type":"string","minLength":1,"maxLength":255,
          "pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
          "description":"The type of the integration without it."},
        "client_id":{"type":"string","minLength":1,"maxLength":1024,
          "pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$"},
        "scopes":{"type":"array","maxItems":50,"items":{"type":"string","minLength":1,
          "maxLength":512,"pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$"}},
        "given_by":{"$ref":"#/components/schemas/Account",
          "description":"The caller without it."}}})"},
    {"CredentialRequest", R"({"type":"object","required":["data"],"additionalProperties":false,
      "properties":{"data":{"type":"object","required":["type","attributes"],
        "additionalProperties":false,"properties":{
        "type":{"const":"credential"},
        "attributes":{"type":"object","additionalProperties":false,
          "if":{"properties":{"cause":{"const":"consent"}},"required":["cause"]},
          "then":{"required":["consent"]},
          "properties":{
          "cause":{"type":"string","enum":["asked","consent","refresh","leak"],"default":"asked"},
          "consent":{"$ref":"#/components/schemas/ConsentRequest"},
          "expires_at":{"$ref":"#/components/schemas/Time"},
          "secrets":{"type":"object","maxProperties":16,
            "description":"By name: what the type of the credentials has, or the connection has.",
            "propertyNames":{"pattern":"^[A-Za-z0-9_.]{1,80}$"},
            "additionalProperties":{"type":"string","minLength":1,"maxLength":32768,
              "format":"password","writeOnly":true}}}}}}}})"},
    {"ConnectIntegrationRequest", R"({"type":"object","required":["data"],
      "additionalProperties":false,"properties":{"data":{"type":"object",
        "required":["type","attributes"],"additionalProperties":false,"properties":{
        "type":{"const":"integration"},
        "attributes":{"type":"object","required":["type","account"],"additionalProperties":false,
          "properties":{
          "type":{"type":"string","enum":["GitHub","Jira","PagerDuty","Slack"]},
          "account":{"type":"string","minLength":1,"maxLength":255,
            "pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]+$","examples":["example.atlassian.net"]},
          "consent":{"$ref":"#/components/schemas/ConsentRequest"},
          "secrets":{"type":"object","maxProperties":16,"description":"By name.",
            "propertyNames":{"pattern":"^[A-Za-z0-9_]{1,80}$"},
            "additionalProperties":{"type":"string","minLength":1,"maxLength":32768,
              "format":"password","writeOnly":true}}}}}}}})"},
    {"ConnectedIntegration", R"({"type":"object","required":["type","id","attributes"],
      "properties":{"type":{"const":"integration"},"id":{"$ref":"#/components/schemas/Uuid"},
        "attributes":{"type":"object","required":["type","account","consent","secrets","created_at",
          "last_updated","revision"],"properties":{
          "type":{"type":"string","examples":["Jira"]},
          "account":{"type":"string","examples":["example.atlassian.net"]},
          "consent":{"anyOf":[{"$ref":"#/components/schemas/Consent"},{"type":"null"}]},
          "secrets":{"type":"object","additionalProperties":{"const":""},
            "description":"The names of the secrets there are."},
          "created_at":{"$ref":"#/components/schemas/Time"},
          "last_updated":{"$ref":"#/components/schemas/Time"},
          "revision":{"$ref":"#/components/schemas/Revision"}}}}})"},
    {"ConnectedIntegrationAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"$ref":"#/components/schemas/ConnectedIntegration"}}})"},
    {"ConnectedIntegrationListAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"type":"array","items":{"$ref":"#/components/schemas/ConnectedIntegration"}}}})"},

    {"OrgCreateRequest", R"({"type":"object","required":["data"],"additionalProperties":false,
      "properties":{"data":{"type":"object","required":["type","attributes"],
        "additionalProperties":false,"properties":{
        "type":{"const":"orgs"},
        "attributes":{"type":"object","required":["name"],"additionalProperties":false,
          "properties":{"name":{"$ref":"#/components/schemas/Name"}}}}}}})"},
    {"OrgAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"type":"object","required":["id","type","attributes"],"properties":{
        "id":{"$ref":"#/components/schemas/Uuid"},"type":{"const":"orgs"},
        "attributes":{"type":"object","required":["name","user"],"properties":{
          "name":{"type":"string"},"user":{"$ref":"#/components/schemas/Uuid"},
          "api_key":{"type":"string"},"api_key_id":{"$ref":"#/components/schemas/Uuid"},
          "application_key":{"type":"string"},
          "application_key_id":{"$ref":"#/components/schemas/Uuid"}}}}}}})"},
    {"AccessKeyCreateRequest", R"({"type":"object","required":["data"],"additionalProperties":false,
      "properties":{"data":{"type":"object","required":["type","attributes"],
        "additionalProperties":false,"properties":{
        "type":{"const":"access_keys"},
        "attributes":{"type":"object","required":["kind","name","scopes"],
          "additionalProperties":false,"properties":{
          "kind":{"type":"string","enum":["api","application"]},
          "name":{"$ref":"#/components/schemas/Name"},
          "scopes":{"type":"array","items":{"$ref":"#/components/schemas/Scope"}},
          "owner":{"$ref":"#/components/schemas/Account",
            "description":"Of an application key; the caller without it."},
          "expires_at":{"$ref":"#/components/schemas/Time"}}}}}}})"},
    {"AccessKeyPatchRequest", R"({"type":"object","required":["data"],"additionalProperties":false,
      "properties":{"data":{"type":"object","required":["type","attributes"],
        "additionalProperties":false,"properties":{
        "type":{"const":"access_keys"},
        "id":{"$ref":"#/components/schemas/Uuid","description":"The id in the path, if it is sent."},
        "attributes":{"type":"object","required":["scopes"],"additionalProperties":false,
          "properties":{"scopes":{"type":"array",
            "items":{"$ref":"#/components/schemas/Scope"}}}}}}}})"},
    {"AccessKey", R"({"type":"object","required":["type","id","attributes"],"properties":{
      "type":{"const":"access_keys"},"id":{"$ref":"#/components/schemas/Uuid"},
      "attributes":{"type":"object","required":["created_at","expires_at","kind","name","owner",
        "revision","revoked","scopes"],"properties":{
        "created_at":{"$ref":"#/components/schemas/Time"},
        "expires_at":{"$ref":"#/components/schemas/OptionalTime"},
        "key":{"type":"string","readOnly":true,
          "description":"The text of the key: in the answer to its creation, and nowhere else."},
        "kind":{"type":"string","enum":["api","application"]},"name":{"type":"string"},
        "owner":{"$ref":"#/components/schemas/OptionalAccount"},
        "revision":{"$ref":"#/components/schemas/Revision"},"revoked":{"type":"boolean"},
        "scopes":{"type":"array","items":{"$ref":"#/components/schemas/Scope"}}}}}})"},
    {"AccessKeyAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"$ref":"#/components/schemas/AccessKey"}}})"},
    {"AccessKeyListAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"type":"array","items":{"$ref":"#/components/schemas/AccessKey"}}}})"},
    {"AppKeyRegistration", R"({"type":"object","required":["id","type"],"properties":{
      "id":{"$ref":"#/components/schemas/Uuid"},"type":{"const":"app_key_registration"}}})"},
    {"AppKeyRegistrationAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"$ref":"#/components/schemas/AppKeyRegistration"}}})"},
    {"AppKeyRegistrationListAnswer", R"({"type":"object","required":["data","meta"],"properties":{
      "data":{"type":"array","items":{"$ref":"#/components/schemas/AppKeyRegistration"}},
      "meta":{"type":"object","required":["total","total_filtered"],"properties":{
        "total":{"type":"integer"},"total_filtered":{"type":"integer"}}}}})"},
};

}  // namespace

std::span<const NamedSchema> DirectorySchemas() { return kSchemas; }

}  // namespace conntrail::api
