#include "services/api/endpoints.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/api/integration_catalog.h"

namespace conntrail::api {
namespace {

// tests/e2e/service/NAME holds what the tests that drive a server work through: they are written in
// another language, and shall miss nothing.
std::string TableOf(const std::string& name) {
  std::ifstream file(std::string(CONNTRAIL_SOURCE_DIR) + "/tests/e2e/service/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(Endpoints, AreAllInTheTableOfTheTestsOfIsolation) {
  std::vector<std::pair<std::string, std::string>> routes;
  for (const std::span<const Endpoint> table : AllEndpoints()) {
    for (const Endpoint& endpoint : table) {
      routes.emplace_back(endpoint.path, http::MethodName(endpoint.method));
    }
  }
  std::sort(routes.begin(), routes.end());
  std::vector<std::string> lines;
  for (const auto& [path, method] : routes) lines.push_back(method + " " + path);
  EXPECT_EQ(TableOf("endpoints.txt"), Joined(lines))
      << "a new endpoint belongs into endpoints.txt and into tenants_test.py";
}

TEST(Endpoints, APathThatIsNoneHasTheErrorsOfItsNeighbours) {
  for (const std::span<const Endpoint> table : AllEndpoints()) {
    for (const Endpoint& endpoint : table) {
      EXPECT_EQ(ErrorFormOf(endpoint.path), endpoint.errors) << endpoint.path;
    }
  }
  EXPECT_EQ(ErrorFormOf("/api/v2/actions/nothing?a=/scim/v2/Users"), ErrorForm::kObjects);
  EXPECT_EQ(ErrorFormOf("/api/v2/audit"), ErrorForm::kTexts);
  EXPECT_EQ(ErrorFormOf("/scim/v9"), ErrorForm::kScim);
  for (const std::string_view shared : {"/api/v2/nothing", "/api", "/", "", "*", "/docs", "//"}) {
    EXPECT_EQ(ErrorFormOf(shared), ErrorForm::kTexts) << shared;
  }
}

std::string_view WordFor(const CatalogField& field) {
  using enum CatalogFieldKind;
  switch (field.kind) {
    case kText:
      return field.pattern == nullptr ? "text" : "digits";
    case kSecret:
      return "secret";
    case kUrl:
      return "url";
    case kChoice:
      return "choice";
    case kInteger:
      return "integer";
    case kTime:
      return "time";
    case kAccount:
      return "account";
    case kCertificate:
      return "certificate";
    case kTexts:
      return "texts";
    case kNamedTexts:
      return "named_texts";
    case kNamedSecrets:
      return "named_secrets";
    case kContent:
      return "content";
    case kFlag:
      return "flag";
  }
  return "";
}

void AddFields(std::string& line, std::string_view prefix, std::span<const CatalogField> fields) {
  for (const CatalogField& field : fields) {
    if (field.read_only || field.patch_only) continue;
    line += " " + std::string(prefix) + std::string(field.name) + "=";
    line += WordFor(field);
    if (!field.choices.empty()) line += ":" + std::string(field.choices.front());
  }
}

TEST(Endpoints, AllVariantsOfCredentialsAreInTheTableOfTheTestOfSecrets) {
  std::vector<std::string> lines;
  for (const IntegrationType& integration : IntegrationCatalog()) {
    for (const CredentialVariant& variant : integration.variants) {
      lines.push_back(std::string(integration.type) + " " + std::string(variant.type));
      AddFields(lines.back(), "integration.", integration.fields);
      AddFields(lines.back(), "", variant.fields);
    }
  }
  EXPECT_EQ(TableOf("variants.txt"), Joined(lines));
}

}  // namespace
}  // namespace conntrail::api
