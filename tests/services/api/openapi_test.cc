#include "services/api/openapi/openapi.h"

#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "services/api/endpoints.h"
#include "services/api/integration_catalog.h"
#include "services/api/openapi/fixed_answer.h"
#include "services/api/openapi/operation_table.h"
#include "services/api/openapi/operation_words.h"
#include "services/auth/rights.h"

namespace conntrail::api {
namespace {

using nlohmann::json;

const json& Document() {
  static const json document = json::parse(OpenApiDocument("1.2.3"));
  return document;
}

const json& Schemas() { return Document()["components"]["schemas"]; }

void ForEachRef(const json& value, const std::function<void(const std::string&)>& each) {
  if (value.is_object() && value.contains("$ref")) each(value["$ref"]);
  if (!value.is_structured()) return;
  for (const json& item : value) ForEachRef(item, each);
}

std::set<std::string> RefsIn(const json& value) {
  std::set<std::string> refs;
  ForEachRef(value, [&](const std::string& ref) { refs.insert(ref); });
  return refs;
}

// "get /api/v2/counts" of each operation, with what it is called.
std::map<std::string, std::string> OperationsOfDocument() {
  std::map<std::string, std::string> operations;
  for (const auto& [path, item] : Document()["paths"].items()) {
    for (const auto& [method, operation] : item.items()) {
      operations[method + " " + path] = operation["operationId"];
    }
  }
  return operations;
}

TEST(OpenApi, HasEveryRouteOfTheRouterAndNoOther) {
  http::Router router;
  Service service{Service::Parts{}};
  for (const std::span<const Endpoint> table : AllEndpoints()) {
    for (const Endpoint& endpoint : table) {
      if (IsDocumented(endpoint)) Add(router, service, endpoint);
    }
  }
  std::set<std::string> routes;
  for (const auto& [method, pattern] : router.Routes()) {
    routes.insert(LowerMethod(method) + " " + DocumentedPath(pattern));
  }
  for (const PlainEndpoint& endpoint : PlainEndpoints()) {
    routes.insert("get " + std::string(endpoint.path));
  }
  std::set<std::string> documented;
  for (const auto& [operation, name] : OperationsOfDocument()) documented.insert(operation);
  EXPECT_EQ(documented, routes);
}

TEST(OpenApi, EveryEndpointHasOneRowAndNoRowIsLeftOver) {
  std::multiset<std::string_view> endpoints;
  for (const std::span<const Endpoint> table : AllEndpoints()) {
    for (const Endpoint& endpoint : table) {
      if (IsDocumented(endpoint)) endpoints.insert(endpoint.name);
    }
  }
  std::multiset<std::string_view> rows;
  for (const OperationShape& shape : OperationTable()) rows.insert(shape.name);
  EXPECT_EQ(rows, endpoints);
}

TEST(OpenApi, EveryOperationIsInAGroupThatIsDescribed) {
  std::set<std::string_view> groups;
  for (const OperationGroup& group : OperationGroups()) groups.insert(group.name);
  for (const OperationShape& shape : OperationTable()) {
    EXPECT_TRUE(groups.contains(shape.group)) << shape.name;
  }
}

TEST(OpenApi, NamesEachOperationOnce) {
  std::set<std::string> names;
  for (const auto& [operation, name] : OperationsOfDocument()) {
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
  for (const std::string& ref : RefsIn(Document())) {
    EXPECT_TRUE(Document().contains(json::json_pointer(ref.substr(1)))) << ref;
  }
}

TEST(OpenApi, NoComponentIsLeftOver) {
  std::set<std::string> refs = RefsIn(Document());
  for (const std::string section : {"schemas", "parameters", "responses", "headers"}) {
    for (const auto& [name, component] : Document()["components"][section].items()) {
      EXPECT_TRUE(refs.contains("#/components/" + section + "/" + name) || name == "AuditEvent")
          << section << " " << name;
    }
  }
}

TEST(OpenApi, EveryParameterOfAPathIsDeclared) {
  for (const auto& [path, item] : Document()["paths"].items()) {
    for (const auto& [method, operation] : item.items()) {
      std::set<std::string> declared;
      for (const json& parameter : operation.value("parameters", json::array())) {
        const json& known =
            Document()[json::json_pointer(std::string(parameter["$ref"]).substr(1))];
        if (known["in"] == "path") declared.insert(known["name"]);
      }
      std::set<std::string> in_path;
      const std::regex brace("\\{([a-z_]+)\\}");
      for (auto at = std::sregex_iterator(path.begin(), path.end(), brace);
           at != std::sregex_iterator(); ++at) {
        in_path.insert((*at)[1]);
      }
      EXPECT_EQ(declared, in_path) << method << " " << path;
    }
  }
}

TEST(OpenApi, ErrorsHaveTheFormOfTheirEndpoint) {
  for (const std::span<const Endpoint> table : AllEndpoints()) {
    for (const Endpoint& endpoint : table) {
      if (!IsDocumented(endpoint)) continue;
      const json& responses = Document()["paths"][DocumentedPath(endpoint.path)]
                                        [LowerMethod(endpoint.method)]["responses"];
      for (const std::string status : {"400", "401", "403", "429"}) {
        const std::string ref = responses[status]["$ref"];
        const json& content = Document()[json::json_pointer(ref.substr(1))]["content"];
        EXPECT_TRUE(content.contains(ErrorMediaOf(endpoint.errors))) << endpoint.name;
      }
    }
  }
}

TEST(OpenApi, EveryWayToAuthenticateOfTheCatalogHasItsThreeForms) {
  for (const IntegrationType& integration : IntegrationCatalog()) {
    for (const std::string form : {"Create", "Patch", "Answer"}) {
      const std::string type(integration.type);
      const std::set<std::string> of_all = RefsIn(Schemas()["Integration" + form]);
      EXPECT_TRUE(of_all.contains("#/components/schemas/" + type + "Integration" + form));
      const json& schema = Schemas()[type + "Integration" + form];
      EXPECT_EQ(schema["properties"]["type"]["const"], type);
      const std::set<std::string> credentials = RefsIn(schema["properties"]["credentials"]);
      EXPECT_EQ(credentials.size(), integration.variants.size()) << type << form;
      for (const CredentialVariant& variant : integration.variants) {
        const std::string name = std::string(variant.type) + form;
        EXPECT_TRUE(credentials.contains("#/components/schemas/" + name)) << name;
        EXPECT_EQ(Schemas()[name]["properties"]["type"]["const"], variant.type);
      }
    }
  }
}

TEST(OpenApi, SecretsAreOnlyEverSentAndAnsweredAsEmptyTexts) {
  size_t secrets = 0;
  for (const IntegrationType& integration : IntegrationCatalog()) {
    for (const CredentialVariant& variant : integration.variants) {
      for (const CatalogField& field : variant.fields) {
        if (field.kind != CatalogFieldKind::kSecret) continue;
        ++secrets;
        const std::string type(variant.type);
        const std::string name(field.name);
        const json& sent = Schemas()[type + "Create"]["properties"][name];
        EXPECT_EQ(sent["format"], "password") << type << name;
        EXPECT_EQ(sent["writeOnly"], true) << type << name;
        EXPECT_EQ(Schemas()[type + "Answer"]["properties"][name]["const"], "") << type << name;
      }
    }
  }
  EXPECT_GT(secrets, 25);
}

TEST(OpenApi, WhatTheServerMakesIsReadOnlyAndNotInTheFormToCreate) {
  EXPECT_FALSE(Schemas()["AWSAssumeRoleCreate"]["properties"].contains("external_id"));
  EXPECT_EQ(Schemas()["AWSAssumeRolePatch"]["properties"]["external_id"]["readOnly"], true);
  EXPECT_EQ(Schemas()["AWSAssumeRoleAnswer"]["properties"]["principal_id"]["const"],
            "464622532012");
  EXPECT_TRUE(Schemas()["AWSAssumeRolePatch"]["properties"].contains("generate_new_external_id"));
  EXPECT_FALSE(Schemas()["AWSAssumeRoleCreate"]["properties"].contains("generate_new_external_id"));
}

TEST(OpenApi, AnEditAsksForNothingButTypes) {
  EXPECT_EQ(Schemas()["OktaAPITokenCreate"]["required"],
            json::array({"type", "domain", "api_token"}));
  EXPECT_EQ(Schemas()["OktaAPITokenPatch"]["required"], json::array({"type"}));
}

TEST(OpenApi, ScopesAreThoseThatKeysCanHave) {
  std::set<std::string> known;
  for (const json& scope : Schemas()["Scope"]["enum"]) known.insert(scope);
  std::set<std::string> rights;
  for (const std::string& scope : ScopesOf(right::kAll)) rights.insert(scope);
  EXPECT_EQ(known, rights);
  const json& list = Document()["paths"]["/api/v2/audit/events"]["get"];
  EXPECT_EQ(list["x-required-scopes"], json::array({"audit_logs_read"}));
}

TEST(OpenApi, EventsHaveTheMembersThatTheirCodecReads) {
  const json& event = Schemas()["Event"];
  EXPECT_TRUE(event["properties"].contains("occurred_at"));
  EXPECT_TRUE(event["properties"].contains("producer_sequence"));
  EXPECT_TRUE(RefsIn(event["oneOf"]).contains("#/components/schemas/ConnectionUsed"));
  EXPECT_FALSE(Schemas().contains("KeyCreated"));
  const json& used = Schemas()["ConnectionUsed"]["properties"];
  EXPECT_EQ(used["type"]["const"], "connection.used");
  EXPECT_TRUE(used["action"]["properties"].contains("run_as"));
}

TEST(FixedAnswer, IsNotSentAgainToWhoeverHasIt) {
  const FixedAnswer answer("{}", "application/json");
  http::Request request;
  const http::Response first = answer.To(request);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "{}");
  ASSERT_EQ(first.headers.at(0).name, "ETag");

  request.headers.push_back({"if-none-match", first.headers.at(0).value});
  const http::Response again = answer.To(request);
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.content_type, "");

  request.headers.back().value = "\"another\"";
  EXPECT_EQ(answer.To(request).status, 200);
}

}  // namespace
}  // namespace conntrail::api
