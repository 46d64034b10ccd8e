#include "services/api/audit/query_language.h"

#include <gtest/gtest.h>

namespace conntrail::api {
namespace {

TEST(QueryLanguage, WhatTheLogSearchTakesIsTaken) {
  const char* const kQueries[] = {
      "",
      "  ",
      "*",
      "*:*",
      "pager",
      "pager duty",
      "\"created connection\"",
      "created AND pager OR deleted",
      "-pager",
      "NOT pager",
      "NOT(pager OR duty)",
      "-(pager duty)",
      "NOT -pager",
      "@evt.name:\"Custom Connections\" @asset.type:custom_connection "
      "@action:(created OR deleted OR modified)",
      "@action:(created deleted -modified)",
      "@usr.id:alice@example.org",
      "@asset.id:550e8400-e29b-41d4-a716-446655440000",
      "@a:*",
      "-@a:*",
      "@a:pag?r*",
      "@a:\"p*\"",
      "@n:>5",
      "@n:>=-5.5",
      "@n:<1e3",
      "@n:[1 TO 5]",
      "@n:[* TO 5]",
      "@n:[ 1 TO * ]",
      "@n:(>5 <10)",
      "source:audit",
      "outcome:(denied OR rejected)",
      "env:prod:eu",
      "*:pager",
      "*:\"two words\"",
      "CIDR(@network.client.ip, 10.0.0.0/8)",
      "CIDR( @network.client.ip ,10.0.0.0/8 , 2001:db8::/32 )",
      "NOT CIDR(@network.client.ip,::ffff:10.0.0.0/104)",
      "a\\ b\\(c\\)\\*\\?\\:\\\\\\\"",
      "@http.url_details.path:/api/v2/users",
      "CIDR",
      "notOR",
      "a=b a+b a#b a~b a^b",
      "message:pager",
      "@tä.ö:ü?",
  };
  for (const char* query : kQueries) {
    EXPECT_EQ(ParseQuery(query).status().ToString(), "ok") << query;
  }
}

TEST(QueryLanguage, AFaultNamesItsColumnAndWhatWasExpected) {
  const std::pair<const char*, const char*> kFaults[] = {
      {"a AND", "column 6: expected a term"},
      {"AND a", "column 1: expected a term"},
      {"a OR OR b", "column 6: expected a term"},
      {"a AND AND b", "column 7: expected a term"},
      {"()", "column 2: expected a term"},
      {"(a", "column 1: this parenthesis is not closed"},
      {"a)", "column 2: this parenthesis closes nothing"},
      {"@a:(x OR y", "column 4: this parenthesis is not closed"},
      {"\"abc", "column 1: this quote is not closed"},
      {"abc \\", "column 5: expected a character behind the backslash"},
      {"@", "column 2: expected the name of an attribute behind \"@\""},
      {"@a", "column 3: expected \":\" and a value behind \"@a\""},
      {"@a:", "column 4: expected a value right behind \":\""},
      {"@a: b", "column 4: expected a value right behind \":\""},
      {"@a*:b", "column 2: the name of an attribute has no wildcards"},
      {"t*:b", "column 1: the name of a tag has no wildcards"},
      {":b", "column 1: expected a name before \":\""},
      {"@a:>x", "column 5: expected a number"},
      {"@a:>", "column 5: expected a number"},
      {"@a:[1 TO x]", "column 10: expected a number"},
      {"@a:[1 UNTIL 2]", "column 12: expected TO between the ends of the range"},
      {"@a:[1 TO 2", "column 11: expected \"]\" behind the range"},
      {"*:>5", "column 3: only attributes and tags are compared with numbers: @path:>5"},
      {"!a", "column 1: write \"-\" or NOT, or \"\\!\" for the character"},
      {"a && b", "column 3: \"&\" must be written \"\\&\" here, or be in quotes"},
      {"ä || b", "column 3: \"|\" must be written \"\\|\" here, or be in quotes"},
      {"[1 TO 2]", "column 1: \"[\" must be written \"\\[\" here, or be in quotes"},
      {"a{1}", "column 2: \"{\" must be written \"\\{\" here, or be in quotes"},
      {"CIDR(10.0.0.0/8)",
       "column 6: expected an attribute, as in CIDR(@network.client.ip, "
       "10.0.0.0/8)"},
      {"CIDR(@a)", "column 8: expected \",\" and a network"},
      {"CIDR(@a, 10.0.0.0/33)",
       "column 10: expected a network, as in 10.0.0.0/8 or "
       "2001:db8::/32"},
      {"CIDR(@a, 10.0.0.0/8", "column 5: this parenthesis is not closed"},
      {"\xFF", "column 1: the query is not UTF-8 text"},
  };
  for (const auto& [query, fault] : kFaults) {
    const Result<QueryNode> parsed = ParseQuery(query);
    EXPECT_FALSE(parsed.ok()) << query;
    if (!parsed.ok()) {
      EXPECT_EQ(parsed.status().message(), fault) << query;
    }
  }
}

std::string Repeated(std::string_view text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(QueryLanguage, AQueryAtALimitIsTakenAndOneBeyondItIsNot) {
  const auto is_taken = [](const std::string& query) { return ParseQuery(query).ok(); };
  EXPECT_TRUE(is_taken(std::string(kQueryBytesMax, 'a')));
  EXPECT_FALSE(is_taken(std::string(kQueryBytesMax + 1, 'a')));
  EXPECT_TRUE(is_taken(Repeated("a ", kQueryTestsMax)));
  EXPECT_FALSE(is_taken(Repeated("a ", kQueryTestsMax + 1)));
  EXPECT_TRUE(is_taken(std::string(kWildcardBytesMax - 1, 'a') + "*"));
  EXPECT_FALSE(is_taken(std::string(kWildcardBytesMax, 'a') + "*"));
  const std::pair<const char*, const char*> kNests[] = {{"(", ")"}, {"-", ""}, {"NOT ", ""}};
  for (const auto& [open, close] : kNests) {
    const auto nested = [&, open = open, close = close](size_t depth) {
      return Repeated(open, depth) + "a" + Repeated(close, depth);
    };
    EXPECT_TRUE(is_taken(nested(kQueryDepthMax))) << open;
    EXPECT_FALSE(is_taken(nested(kQueryDepthMax + 1))) << open;
    EXPECT_FALSE(is_taken(nested(1000))) << open;
  }
  EXPECT_FALSE(is_taken("@a:" + Repeated("(", 1000) + "b" + Repeated(")", 1000)));
}

TEST(QueryLanguage, AndBindsMoreThanOr) {
  const Result<QueryNode> query = ParseQuery("a OR b c");
  ASSERT_TRUE(query.ok());
  ASSERT_EQ(query->op, QueryNode::Op::kOr);
  EXPECT_EQ(query->parts[1].op, QueryNode::Op::kAnd);
}

}  // namespace
}  // namespace conntrail::api
