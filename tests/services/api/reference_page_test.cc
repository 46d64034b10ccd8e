#include "services/api/openapi/reference_page.h"

#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "services/api/endpoints.h"
#include "services/api/openapi/example_json.h"
#include "services/api/openapi/openapi.h"
#include "services/api/openapi/operation_table.h"
#include "services/api/openapi/schema_html.h"

namespace conntrail::api {
namespace {

using nlohmann::json;

const std::string& Page() {
  static const std::string page = ReferencePage("1.2.3");
  return page;
}

std::multiset<std::string> Matches(const std::string& expression) {
  std::multiset<std::string> found;
  const std::regex regex(expression);
  for (auto at = std::sregex_iterator(Page().begin(), Page().end(), regex);
       at != std::sregex_iterator(); ++at) {
    found.insert((*at)[1]);
  }
  return found;
}

TEST(ReferencePage, HasAnArticleOfEveryEndpoint) {
  const std::multiset<std::string> articles = Matches("<article id=\"([A-Za-z]+)\"");
  std::multiset<std::string> endpoints;
  for (const std::span<const Endpoint> table : AllEndpoints()) {
    for (const Endpoint& endpoint : table) {
      if (IsDocumented(endpoint)) endpoints.emplace(endpoint.name);
    }
  }
  EXPECT_EQ(articles, endpoints);
}

TEST(ReferencePage, EveryLinkInItLeadsSomewhere) {
  const std::multiset<std::string> ids = Matches(" id=\"([^\"]+)\"");
  for (const std::string& link : Matches("href=\"#([^\"]+)\"")) {
    EXPECT_EQ(ids.count(link), 1) << link;
  }
}

TEST(ReferencePage, NeedsNothingFromOutside) {
  EXPECT_THAT(Matches("( src=|<link|@import|url\\()"), testing::IsEmpty());
  for (const std::string& link : Matches("href=\"([^#\"][^\"]*)\"")) {
    EXPECT_TRUE(link.starts_with('/')) << link;
  }
}

TEST(ReferencePage, ShowsEveryExampleAsJson) {
  const SchemaMap schemas = AllSchemas();
  for (const OperationShape& shape : OperationTable()) {
    for (const std::string_view name : {shape.request, shape.answer}) {
      if (name.empty()) continue;
      const std::string example = ExampleOf(schemas, schemas.find(name)->second);
      EXPECT_TRUE(json::accept(example)) << name << ": " << example;
      EXPECT_EQ(json::parse(Indented(example)), json::parse(example)) << name;
    }
    EXPECT_TRUE(shape.example.empty() || json::accept(shape.example)) << shape.name;
  }
}

TEST(ExampleOf, TakesWhatTheSchemaHas) {
  const SchemaMap schemas = {{"Id", R"({"type":"string","examples":["x1"]})"}};
  EXPECT_EQ(ExampleOf(schemas, R"({"type":"object","properties":{
      "type":{"const":"thing"},"id":{"$ref":"#/components/schemas/Id"},
      "kinds":{"type":"array","items":{"enum":["a","b"]}},
      "size":{"type":["integer","null"]},"on":{"type":"boolean"}}})"),
            R"({"type":"thing","id":"x1","kinds":["a"],"size":1,"on":true})");
}

TEST(Indented, LeavesTextsAloneAndEmptyOnesShort) {
  EXPECT_EQ(Indented(R"({"a":"{,}\"","b":[],"c":[1,2]})"),
            "{\n  \"a\": \"{,}\\\"\",\n  \"b\": [],\n  \"c\": [\n    1,\n    2\n  ]\n}");
}

TEST(SchemaHtml, EscapesWhatItShows) {
  const std::string html = SchemaHtml(R"({"type":"string","pattern":"^<a>&\"$"})");
  EXPECT_THAT(html, testing::HasSubstr("^&lt;a&gt;&amp;&quot;$"));
}

TEST(SchemaHtml, SaysWhatIsRequiredAndWhereItLeads) {
  const std::string html = SchemaHtml(
      R"({"type":"object","required":["id"],"properties":{
          "id":{"$ref":"#/components/schemas/Uuid"},"name":{"type":"string"}}})");
  EXPECT_THAT(html, testing::HasSubstr("<a href=\"#schema-Uuid\">Uuid</a></span> "
                                       "<span class=\"required\">required</span>"));
  EXPECT_THAT(html, testing::HasSubstr("<code class=\"name\">name</code> "
                                       "<span class=\"type\">string</span></li>"));
}

}  // namespace
}  // namespace conntrail::api
