#include "services/api/scim/filter.h"

#include <random>

#include <gtest/gtest.h>

namespace conntrail::api::scim {
namespace {

JsonValue Alice() {
  return ParseJson(R"({
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "id": "0190a5c0-0000-7000-8000-000000000001",
    "externalId": "00U1",
    "userName": "Alice@Acme.example",
    "displayName": "Alice \"the boss\" Ä",
    "name": {"formatted": "Alice A"},
    "active": true,
    "logins": 7,
    "nothing": null,
    "empty": "",
    "emails": [{"value": "alice@acme.example", "type": "work", "primary": true},
               {"value": "a@home.example", "type": "home"}],
    "tags": ["red", "green"],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "m1"}},
    "meta": {"created": "2024-05-01T12:00:00.000Z", "lastModified": "2024-05-02T12:00:00.500Z"}
  })")
      .value();
}

std::string Says(std::string_view text) {
  const Parsed<Filter> filter = Filter::Parse(text);
  if (!filter.ok()) return filter.fault().title + " " + filter.fault().detail;
  return filter->Matches(Alice()) ? "yes" : "no";
}

struct Case {
  const char* filter;
  const char* expected;
};

TEST(ScimFilter, FindsWhatItDescribes) {
  const Case cases[] = {
      {R"(userName eq "alice@acme.example")", "yes"},
      {R"(USERNAME EQ "ALICE@acme.example")", "yes"},
      {R"(userName eq "alice")", "no"},
      {R"(userName ne "alice")", "yes"},
      {R"(userName ne "alice@acme.EXAMPLE")", "no"},
      {R"(nickName ne "x")", "yes"},
      {R"(nickName eq "x")", "no"},
      {R"(externalId eq "00U1")", "yes"},
      {R"(externalId eq "00u1")", "no"},
      {R"(externalId sw "00u")", "no"},
      {R"(id eq "0190A5C0-0000-7000-8000-000000000001")", "no"},
      {R"(userName co "CME")", "yes"},
      {R"(userName sw "al")", "yes"},
      {R"(userName sw "cme")", "no"},
      {R"(userName ew ".EXAMPLE")", "yes"},
      {R"(userName ew "alice")", "no"},
      {R"(displayName eq "Alice \"the boss\" \u00c4")", "yes"},
      {R"(displayName co "\"")", "yes"},
      {R"(userName pr)", "yes"},
      {R"(nickName pr)", "no"},
      {R"(nothing pr)", "no"},
      {R"(empty pr)", "no"},
      {R"(nickName eq null)", "yes"},
      {R"(userName eq null)", "no"},
      {R"(userName ne null)", "yes"},
      {R"(active eq true)", "yes"},
      {R"(active eq false)", "no"},
      {R"(active eq "true")", "no"},
      {R"(logins eq 7)", "yes"},
      {R"(logins gt 6)", "yes"},
      {R"(logins gt 7)", "no"},
      {R"(logins ge 7)", "yes"},
      {R"(logins lt -8)", "no"},
      {R"(logins le 7)", "yes"},
      {R"(userName gt "alice")", "yes"},
      {R"(userName lt "ALICE")", "no"},
      {R"(meta.created eq "2024-05-01T12:00:00Z")", "yes"},
      {R"(meta.created ge "2024-05-01T14:00:00+02:00")", "yes"},
      {R"(meta.lastModified gt "2024-05-02T12:00:00Z")", "yes"},
      {R"(meta.lastModified lt "2024-05-02T12:00:00.5Z")", "no"},
      {R"(meta.lastModified gt "yesterday")", "no"},
      {R"(name.formatted eq "alice a")", "yes"},
      {R"(name.familyName pr)", "no"},
      {R"(emails eq "a@home.example")", "yes"},
      {R"(emails.value eq "a@home.example")", "yes"},
      {R"(emails.type eq "home" and emails.value co "acme")", "yes"},
      {R"(emails[type eq "home" and value co "acme"])", "no"},
      {R"(emails[type eq "work" and value co "acme"])", "yes"},
      {R"(emails[type eq "work"].value eq "alice@acme.example")", "yes"},
      {R"(emails[type eq "home"].value eq "alice@acme.example")", "no"},
      {R"(emails[primary eq true])", "yes"},
      {R"(emails[not (type eq "work")])", "yes"},
      {R"(emails[])", "invalidFilter at character 8: here should stand the name of an attribute"},
      {R"(tags eq "GREEN")", "yes"},
      {R"(tags ne "red")", "no"},
      {R"(urn:ietf:params:scim:schemas:core:2.0:User:userName sw "alice")", "yes"},
      {R"(urn:ietf:params:scim:schemas:core:2.0:User:name.formatted pr)", "yes"},
      {R"(urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "m1")",
       "yes"},
      {R"(urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "m1")", "yes"},
      {R"(urn:example:other:manager pr)", "no"},
      {R"(userName pr and active eq false or id pr)", "yes"},
      {R"(id pr or userName pr and active eq false)", "yes"},
      {R"((id pr or userName pr) and active eq false)", "no"},
      {R"(not (active eq false))", "yes"},
      {R"(not(active eq true))", "no"},
      {R"(not (not (active eq true)))", "yes"},
      {R"(NOT (active eq false) AND active EQ true)", "yes"},
      {R"(  userName   pr  )", "yes"},
      {R"(notes pr)", "no"},
  };
  for (const Case& c : cases) EXPECT_EQ(Says(c.filter), c.expected) << c.filter;
}

TEST(ScimFilter, TellsWhereAFilterIsWrong) {
  const Case cases[] = {
      {"", "invalidFilter at character 1: here should stand the name of an attribute"},
      {"userName",
       "invalidFilter at character 9: here should stand eq, ne, co, sw, ew, pr, gt, "
       "ge, lt or le"},
      {"userName is \"a\"",
       "invalidFilter at character 12: here should stand eq, ne, co, sw, ew, "
       "pr, gt, ge, lt or le"},
      {"userName eq",
       "invalidFilter at character 12: here should stand a text in quotes, an "
       "integer, true, false or null"},
      {"userName eq alice",
       "invalidFilter at character 13: here should stand a text in quotes, "
       "an integer, true, false or null"},
      {"userName eq 'a'",
       "invalidFilter at character 13: here should stand a text in quotes, an "
       "integer, true, false or null"},
      {"userName eq \"a",
       "invalidFilter at character 13: here should stand a text in quotes, an "
       "integer, true, false or null"},
      {"userName eq \"a\\",
       "invalidFilter at character 13: here should stand a text in quotes, "
       "an integer, true, false or null"},
      {"logins gt 1.5",
       "invalidFilter at character 11: here should stand a text in quotes, an "
       "integer, true, false or null"},
      {"userName eq [\"a\"]",
       "invalidFilter at character 13: here should stand a text in quotes, "
       "an integer, true, false or null"},
      {"active gt true",
       "invalidFilter at character 15: true, false and null have no order and no parts"},
      {"active co null",
       "invalidFilter at character 15: true, false and null have no order and no parts"},
      {"userName pr userName pr", "invalidFilter at character 13: the filter should have ended"},
      {"userName pr)", "invalidFilter at character 12: the filter should have ended"},
      {"(userName pr", "invalidFilter at character 13: \")\" is missing"},
      {"emails[type pr", "invalidFilter at character 15: \"]\" is missing"},
      {"emails[type pr)", "invalidFilter at character 15: \"]\" is missing"},
      {"name.a.b pr", "invalidFilter at character 1: here should stand the name of an attribute"},
      {"7up pr", "invalidFilter at character 1: here should stand the name of an attribute"},
      {"emails.value[type pr]",
       "invalidFilter at character 14: a filter stands after an attribute, not a part of one"},
      {"a pr and", "invalidFilter at character 9: here should stand the name of an attribute"},
      {"not active eq true",
       "invalidFilter at character 11: here should stand eq, ne, co, sw, "
       "ew, pr, gt, ge, lt or le"},
      {"a pr;drop", "invalidFilter at character 5: the filter should have ended"},
  };
  for (const Case& c : cases) EXPECT_EQ(Says(c.filter), c.expected) << c.filter;
}

TEST(ScimFilter, HasBounds) {
  const auto nested = [](int depth) {
    return std::string(static_cast<size_t>(depth), '(') + "id pr" +
           std::string(static_cast<size_t>(depth), ')');
  };
  EXPECT_EQ(Says(nested(16)), "yes");
  EXPECT_EQ(Says(nested(17)), "invalidFilter at character 18: the filter is nested too deeply");
  std::string wide = "id pr";
  for (int i = 1; i < 64; ++i) wide += " and id pr";
  EXPECT_EQ(Says(wide), "yes");
  EXPECT_TRUE(Says(wide + " or id pr").ends_with("too many terms"));
  EXPECT_TRUE(Says("id eq \"" + std::string(5000, 'a') + "\"").ends_with("too long"));
  EXPECT_TRUE(Says(std::string(4096, '(')).ends_with("nested too deeply"));
}

TEST(ScimFilter, TellsWhenAnIndexCanAnswer) {
  const auto only = [](std::string_view text) { return Filter::Parse(text)->OnlyEquality(); };
  EXPECT_EQ(only(R"(userName eq "A")"), std::pair(std::string("username"), std::string("A")));
  EXPECT_EQ(only(R"((externalId eq "x"))")->second, "x");
  for (const char* other : {R"(userName ne "A")", R"(not (userName eq "A"))", "active eq true",
                            R"(userName eq "A" and id pr)", R"(userName eq "A" or id eq "B")",
                            R"(emails[value eq "A"])", R"(name.formatted eq "A")"}) {
    EXPECT_EQ(only(other), std::nullopt) << other;
  }
}

// De Morgan, on filters and resources made at random.
TEST(ScimFilter, NotOfAnAndIsTheOrOfTheNots) {
  const uint64_t seed = std::random_device()();
  std::mt19937_64 random(seed);
  const auto term = [&] {
    static constexpr const char* kTerms[] = {
        R"(userName sw "a")", "active eq true", "nickName pr",      R"(emails[type eq "home"])",
        R"(logins gt 9)",     "tags pr",        R"(tags eq "red")", R"(emails.value co "home")"};
    return std::string(kTerms[random() % 8]);
  };
  for (int i = 0; i < 500; ++i) {
    const std::string a = term();
    const std::string b = term();
    EXPECT_EQ(Says("not (" + a + " and " + b + ")"), Says("not (" + a + ") or not (" + b + ")"))
        << a << " / " << b << " seed " << seed;
    EXPECT_EQ(Says("not (" + a + " or " + b + ")"), Says("not (" + a + ") and not (" + b + ")"))
        << a << " / " << b << " seed " << seed;
  }
}

TEST(ScimPath, NamesAnAttributeAPartOrElements) {
  const auto parse = [](std::string_view text) { return PatchPath::Parse(text); };
  EXPECT_EQ(parse("displayName")->attribute, (AttributePath{"", "displayName", ""}));
  EXPECT_EQ(parse("name.familyName")->attribute, (AttributePath{"", "name", "familyName"}));
  EXPECT_EQ(parse("urn:ietf:params:scim:schemas:core:2.0:Group:members")->attribute,
            (AttributePath{"", "members", ""}));
  EXPECT_EQ(parse(kEnterpriseSchema)->attribute.name, kEnterpriseSchema);
  EXPECT_EQ(parse(std::string(kEnterpriseSchema) + ":manager.value")->attribute,
            (AttributePath{std::string(kEnterpriseSchema), "manager", "value"}));
  const Parsed<PatchPath> elements = parse(R"(emails[type eq "work"].value)");
  ASSERT_TRUE(elements.ok());
  EXPECT_TRUE(elements->filter.has_value());
  EXPECT_EQ(elements->sub, "value");
  for (const char* wrong :
       {"", "members[", "members[value eq \"a\"", "members[value eq \"a\"]x", "a b", "a.b.c",
        "members[value eq \"a\"].", "a[b pr].c.d", "a.b[c pr]", "members[]"}) {
    ASSERT_FALSE(parse(wrong).ok()) << wrong;
    EXPECT_EQ(parse(wrong).fault().title, "invalidPath") << wrong;
  }
}

}  // namespace
}  // namespace conntrail::api::scim
