#include "services/api/scim/messages.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace conntrail::api::scim {
namespace {

using nlohmann::json;

constexpr std::string_view kBase = "https://audit.example/scim/v2";

Parsed<ListQuery> Read(std::vector<std::pair<std::string, std::string>> query) {
  http::Request request;
  request.query = std::move(query);
  return ReadListQuery(request);
}

TEST(ScimMessages, AnErrorSaysItsTypeAndStatusAsText) {
  const http::Response response =
      ErrorResponse({.status = 409, .title = "uniqueness", .detail = "userName is taken"});
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.content_type, "application/scim+json");
  EXPECT_EQ(response.body,
            R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],)"
            R"("detail":"userName is taken","scimType":"uniqueness","status":"409"})");
  EXPECT_EQ(ErrorResponse({.status = 404, .detail = "no such user"}).body,
            R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],)"
            R"("detail":"no such user","status":"404"})");
}

TEST(ScimMessages, NumbersOfAListAreTakenAsTheNearestThatCanBe) {
  const auto numbers = [](const char* start, const char* count) {
    const Parsed<ListQuery> query = Read({{"startIndex", start}, {"count", count}});
    return query.ok() ? std::to_string(query->start_index) + " " + std::to_string(query->count)
                      : query.fault().title + " " + query.fault().detail;
  };
  EXPECT_EQ(numbers("3", "20"), "3 20");
  EXPECT_EQ(numbers("0", "-5"), "1 0");
  EXPECT_EQ(numbers("-99999999999999999999", "5000"), "1 1000");
  EXPECT_EQ(numbers("99999999999999999999", "0"), "9223372036854775807 0");
  EXPECT_EQ(numbers("1", ""), "invalidValue count must be an integer");
  EXPECT_EQ(numbers("1x", "1"), "invalidValue startIndex must be an integer");
  EXPECT_EQ(Read({})->count, size_t{100});
}

TEST(ScimMessages, AWrongFilterIsTold) {
  const Parsed<ListQuery> query = Read({{"filter", "userName eq"}});
  ASSERT_FALSE(query.ok());
  EXPECT_EQ(query.fault().title, "invalidFilter");
  EXPECT_EQ(query.fault().parameter, "filter");
}

TEST(ScimMessages, AListHasOnlyTheAttributesThatAreAskedFor) {
  const JsonValue group =
      ParseJson(R"({"schemas":["g"],"id":"1","displayName":"SRE","members":[],"meta":{}})").value();
  const auto names = [&](std::vector<std::pair<std::string, std::string>> asked) {
    std::string text;
    for (const JsonValue& member : Chosen(group, *Read(std::move(asked))).items) {
      text += member.name + " ";
    }
    return text;
  };
  EXPECT_EQ(names({}), "schemas id displayName members meta ");
  EXPECT_EQ(names({{"excludedAttributes", "MEMBERS,id"}}), "schemas id displayName meta ");
  EXPECT_EQ(names({{"attributes", "displayName, members.value"}}),
            "schemas id displayName members meta ");
  EXPECT_EQ(names({{"attributes", "urn:ietf:params:scim:schemas:core:2.0:Group:displayName"}}),
            "schemas id displayName meta ");
  const http::Response list = ListResponse({group}, 17, *Read({{"startIndex", "3"}}));
  const json body = json::parse(list.body);
  EXPECT_EQ(body["totalResults"], 17);
  EXPECT_EQ(body["startIndex"], 3);
  EXPECT_EQ(body["itemsPerPage"], 1);
  EXPECT_EQ(body["Resources"][0]["displayName"], "SRE");
}

TEST(ScimMessages, AResourceCarriesItsTagAndPlace) {
  const JsonValue user =
      ParseJson(R"({"id":"1","meta":{"version":"\"7\"","location":"L"}})").value();
  const http::Response response = ResourceResponse(201, user);
  ASSERT_EQ(response.headers.size(), size_t{2});
  EXPECT_EQ(response.headers[0].name + response.headers[0].value, "ETag\"7\"");
  EXPECT_EQ(response.headers[1].name + response.headers[1].value, "LocationL");
}

TEST(ScimDiscovery, EverythingNamedCanBeFetched) {
  const json types = json::parse(ResourceTypes(kBase).body);
  EXPECT_EQ(types["totalResults"], 2);
  for (const json& type : types["Resources"]) {
    const auto one = ResourceType(kBase, type["id"].get<std::string>());
    ASSERT_TRUE(one.has_value());
    EXPECT_EQ(json::parse(one->body), type);
    EXPECT_TRUE(Schema(kBase, type["schema"].get<std::string>()).has_value());
    EXPECT_EQ(type["meta"]["location"],
              std::string(kBase) + "/ResourceTypes/" + type["id"].get<std::string>());
  }
  const json schemas = json::parse(Schemas(kBase).body);
  EXPECT_EQ(schemas["totalResults"], 3);
  for (const json& schema : schemas["Resources"]) {
    EXPECT_EQ(json::parse(Schema(kBase, schema["id"].get<std::string>())->body), schema);
    EXPECT_FALSE(schema["attributes"].empty());
  }
  EXPECT_FALSE(Schema(kBase, "urn:none").has_value());
  EXPECT_FALSE(ResourceType(kBase, "Device").has_value());
}

TEST(ScimDiscovery, TheConfigurationSaysWhatIsThere) {
  const json config = json::parse(ServiceProviderConfig(kBase).body);
  EXPECT_EQ(config["patch"]["supported"], true);
  EXPECT_EQ(config["bulk"]["supported"], false);
  EXPECT_EQ(config["filter"]["maxResults"], ListQuery::kCountMax);
  EXPECT_EQ(config["etag"]["supported"], true);
}

}  // namespace
}  // namespace conntrail::api::scim
