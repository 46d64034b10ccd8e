#include "services/api/policy_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/api/documents.h"

namespace conntrail::api {
namespace {

const ConnectionId kPager = ConnectionNamed("pager");
const std::string kResource = "connection:" + kPager.ToString();

Json PolicyBody(Json bindings) {
  Json body = Envelope("restriction_policy", {{"bindings", std::move(bindings)}});
  body["data"]["id"] = kResource;
  return body;
}
Json Binding(std::string_view relation, const std::vector<Principal>& principals) {
  Json names = Json::array();
  for (const Principal& principal : principals) names.push_back(principal.ToString());
  return {{"relation", relation}, {"principals", std::move(names)}};
}
Parsed<PolicyReplaced> Read(const Json& body) {
  return ReadPolicy(body.dump(), kPager, Acme(), false);
}
Json BindingsOf(const Connection& connection) {
  JsonWriter out;
  WritePolicy(out, connection);
  const Json answer = Json::parse(out.text());
  EXPECT_EQ(answer["type"], "restriction_policy");
  EXPECT_EQ(answer["id"], kResource);
  return answer["attributes"]["bindings"];
}

TEST(PolicyDocument, ComesBackSortedAndWithoutDuplicates) {
  OrgInMemory acme = PagerOfAlice();
  const auto policy = Read(PolicyBody({Binding("editor", {UserNamed("alice"), RoleNamed("sre")}),
                                       Binding("viewer", {EverybodyAtAcme()}),
                                       Binding("editor", {UserNamed("alice"), TeamNamed("ops")})}));
  ASSERT_TRUE(policy.ok()) << policy.fault().detail;
  ASSERT_EQ(acme.Says(Intent("alice", *policy)), "applied");
  EXPECT_EQ(BindingsOf(acme.connection("pager")),
            (Json{Binding("viewer", {EverybodyAtAcme()}),
                  Binding("editor", {UserNamed("alice"), TeamNamed("ops"), RoleNamed("sre")})}));
}

TEST(PolicyDocument, OfAConnectionWithoutAPolicyHasNoBindings) {
  EXPECT_EQ(BindingsOf(PagerOfAlice().connection("pager")), Json::array());
}

TEST(PolicyDocument, WithoutBindingsRestoresTheDefault) {
  OrgInMemory acme = PagerShared();
  const auto policy = Read(PolicyBody(Json::array()));
  ASSERT_TRUE(policy.ok());
  EXPECT_TRUE(policy->restore_default);
  ASSERT_EQ(acme.Says(Intent("alice", *policy)), "applied");
  EXPECT_FALSE(acme.connection("pager").has_policy);
  EXPECT_EQ(BindingsOf(acme.connection("pager")), Json::array());
}

TEST(PolicyDocument, NamesServiceAccountsAsUsers) {
  OrgInMemory acme = PagerOfAlice();
  ASSERT_EQ(acme.Says(Observation(
                Replace("pager", {Editor(ServiceNamed("robot")), Editor(UserNamed("robot"))}))),
            "applied");
  EXPECT_EQ(BindingsOf(acme.connection("pager")), Json{Binding("editor", {UserNamed("robot")})});
  // The robot acts as a service account and is taken for the user that the policy names.
  const auto policy = Read(PolicyBody({Binding("editor", {UserNamed("robot")})}));
  EXPECT_EQ(acme.Says(Intent("robot", *policy).By(ServiceNamed("robot"))), "applied");
}

TEST(PolicyDocument, CarriesWhetherTheCallerMayLockThemselvesOut) {
  const Json body = PolicyBody({Binding("editor", {UserNamed("bob")})});
  OrgInMemory acme = PagerOfAlice();
  EXPECT_EQ(acme.Says(Intent("alice", *Read(body))), "rejected self_lockout");
  const auto allowed = ReadPolicy(body.dump(), kPager, Acme(), true);
  EXPECT_EQ(acme.Says(Intent("alice", *allowed).Rights(kAdminRights)), "applied");
}

TEST(PolicyDocument, RefusesInTheWordsOfTheApi) {
  const auto resource = [](std::string_view id) { return ReadRestrictedResource(id); };
  ASSERT_TRUE(resource(kResource).ok());
  EXPECT_EQ(*resource(kResource), kPager);
  EXPECT_EQ(resource("malformed").fault().detail,
            "Invalid resource: 'malformed' is not in a valid format");
  EXPECT_EQ(resource("connection:x").fault().detail,
            "Invalid resource: 'connection:x' is not in a valid format");
  EXPECT_EQ(resource("security_rule:abc").fault().detail,
            "Invalid resource type: 'security_rule' does not support restriction policies");
  EXPECT_EQ(resource("AKIAABCDEFGHIJKLMNOP").fault().detail,
            "Invalid resource: '…' is not in a valid format");
  EXPECT_FALSE(resource("connection:").ok());
  EXPECT_FALSE(resource(":").ok());
  EXPECT_FALSE(resource("").ok());

  Json body = PolicyBody({{{"relation", "editor"}, {"principals", {"foo:abc"}}}});
  EXPECT_EQ(Read(body).fault().detail,
            "Invalid request: [PrincipalTypeInvalidForRelation] principal \"foo:abc\" is not "
            "supported by \"editor\" relation, supported types: \"org, role, team, user\"");
  EXPECT_EQ(Read(body).fault().pointer, "");
}

TEST(PolicyDocument, SaysWhereABodyIsBad) {
  struct Case {
    Json bindings;
    std::string pointer;
    std::string detail;
  };
  const std::string alice = UserNamed("alice").ToString();
  const Case cases[] = {
      {"x", "/bindings", "must be an array"},
      {{1}, "/bindings/0", "must be an object"},
      {{Json::object()}, "/bindings/0", "member \"relation\" is missing"},
      {{{{"relation", "editor"}}}, "/bindings/0", "member \"principals\" is missing"},
      {{{{"relation", "owner"}, {"principals", {alice}}}},
       "/bindings/0/relation",
       "must be one of: viewer, resolver, editor"},
      {{{{"relation", "editor"}, {"principals", Json::array()}}},
       "/bindings/0/principals",
       "must not be empty"},
      {{{{"relation", "editor"}, {"principals", {1}}}},
       "/bindings/0/principals/0",
       "must be a text"},
      {{{{"relation", "editor"}, {"principals", {alice, "alice"}}}},
       "/bindings/0/principals/1",
       "must be user:<uuid>"},
      {{{{"relation", "editor"}, {"principals", {"user:ABC"}}}},
       "/bindings/0/principals/0",
       "must end with a UUID in lower case"},
      {{{{"relation", "editor"}, {"principals", {Principal::Org(OrgNamed("other")).ToString()}}}},
       "/bindings/0/principals/0",
       "not the organisation of the caller"},
      {{{{"relation", "editor"}, {"principals", {alice}}, {"more", 1}}},
       "/bindings/0/more",
       "there are: relation, principals"},
  };
  for (const Case& c : cases) {
    const auto policy = Read(PolicyBody(c.bindings));
    ASSERT_FALSE(policy.ok()) << c.bindings;
    EXPECT_EQ(policy.fault().pointer, "/data/attributes" + c.pointer) << policy.fault().detail;
    EXPECT_THAT(policy.fault().detail, testing::HasSubstr(c.detail));
  }
  Json other = PolicyBody(Json::array());
  other["data"]["id"] = "connection:" + IdNamed("other").ToString();
  EXPECT_EQ(Read(other).fault().pointer, "/data/id");
  other["data"].erase("id");
  EXPECT_EQ(Read(other).fault().detail, "member \"id\" is missing");
}

TEST(PolicyDocument, HasNoMorePrincipalsThanARecordHolds) {
  std::vector<Principal> principals;
  for (size_t i = 0; i < 1500; ++i) principals.push_back(UserNamed(std::to_string(i)));
  const auto full = Read(PolicyBody({Binding("viewer", principals)}));
  ASSERT_TRUE(full.ok());
  const Event event = Intent("alice", *full);
  EXPECT_LE(EncodeEvent(event).size(), 56'000);
  EXPECT_TRUE(DecodeEvent(EncodeEvent(event)).event == event);
  principals.push_back(UserNamed("one more"));
  EXPECT_EQ(Read(PolicyBody({Binding("viewer", principals)})).fault().detail,
            "must not name more than 1500 principals");
}

TEST(ReadAllowSelfLockout, TakesTrueAndFalseOnly) {
  const std::string yes = "true";
  const std::string no = "false";
  const std::string maybe = "1";
  EXPECT_TRUE(*ReadAllowSelfLockout(&yes));
  EXPECT_FALSE(*ReadAllowSelfLockout(&no));
  EXPECT_FALSE(*ReadAllowSelfLockout(nullptr));
  EXPECT_EQ(ReadAllowSelfLockout(&maybe).fault().parameter, "allow_self_lockout");
}

}  // namespace
}  // namespace conntrail::api
