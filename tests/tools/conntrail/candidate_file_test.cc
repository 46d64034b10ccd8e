#include "tools/conntrail/candidate_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/actions.h"
#include "tests/support/event_builder.h"

namespace conntrail {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kSecondPerson[] =
    "[[refuse]]\n"
    "name = \"second-person\"\n"
    "types = [\"policy changes\"]\n"
    "unless.approver = \"another person\"\n";

// A refusal of everything that meets `condition`, of these types.
CandidatePolicy Refusing(const std::string& condition, const std::string& types = "*") {
  const auto policy = ParseCandidate(
      "refuse = [{ name = \"x\", types = [\"" + types + "\"], when = { " + condition + " } }]",
      "file");
  EXPECT_TRUE(policy.ok()) << policy.status().ToString();
  return policy.ok() ? *policy : CandidatePolicy();
}

bool Refuses(const CandidatePolicy& policy, const WorkingSet& set, const Event& event) {
  return policy.RefusalOf(set, event).has_value();
}
bool Refuses(const CandidatePolicy& policy, const Event& event) {
  return Refuses(policy, WorkingSet(), event);
}

TEST(CandidateFile, EveryPolicyChangeNeedsASecondPersonInFourLines) {
  const auto policy = ParseCandidate(kSecondPerson, "file");
  ASSERT_TRUE(policy.ok()) << policy.status().ToString();
  ASSERT_EQ(policy->refusals.size(), 1u);
  EXPECT_EQ(policy->refusals[0].name, "second-person");
  const auto grant = [] {
    return Intent("alice", Patch("pager", {{Relation::kViewer, UserNamed("bob")}}));
  };
  EXPECT_TRUE(Refuses(*policy, grant()));
  EXPECT_TRUE(Refuses(*policy, grant().ApprovedBy(UserNamed("alice"))));
  // A policy's "user:" also takes service accounts: only the id tells accounts apart.
  EXPECT_TRUE(Refuses(*policy, grant().ApprovedBy(ServiceNamed("alice"))));
  EXPECT_FALSE(Refuses(*policy, grant().ApprovedBy(UserNamed("bob"))));
  EXPECT_TRUE(Refuses(*policy, Observation(RestoreDefault("pager"))));
  EXPECT_FALSE(Refuses(*policy, Intent("alice", Delete("pager")))) << "another type";
  EXPECT_FALSE(Refuses(*policy, OfTheLog(RestoreDefault("pager")))) << "the log's own";
}

TEST(CandidateFile, FamiliesHaveTheTypesThatTheirNameSays) {
  const auto types = [](const std::string& name) {
    std::vector<std::string_view> names;
    const uint64_t bits = Refusing("ticket = false", name).refusals.at(0).types;
    for (uint8_t i = 0; i <= kEventTypeMax; ++i) {
      if ((bits >> i & 1) != 0) names.push_back(EventTypeName(static_cast<EventType>(i)));
    }
    return names;
  };
  EXPECT_THAT(types("policy changes"), testing::ElementsAre("policy.replaced", "policy.patched"));
  EXPECT_THAT(types("membership changes"),
              testing::ElementsAre("account.changed", "group.changed"));
  EXPECT_THAT(types("key changes"),
              testing::ElementsAre("key.created", "key.revoked", "key.rights_changed"));
  EXPECT_THAT(
      types("credential changes"),
      testing::ElementsAre("credential.issued", "credential.rotated", "credential.withdrawn"));
  EXPECT_THAT(types("connection changes"),
              testing::ElementsAre("connection.created", "connection.edited", "connection.deleted",
                                   "connection.suspended", "connection.resumed"));
  EXPECT_THAT(types("connection.*"), testing::Contains("connection.used"));
  EXPECT_THAT(types("*"), testing::Not(testing::Contains("rules.activated")));
}

TEST(CandidateFile, AsksWhatAnEventSays) {
  Event event = Intent("alice", Edit("pager", "region", "eu")).Rights(kAdminRights);
  event.context.interface = Interface::kTerraform;
  event.actor.kind = ActorKind::kService;
  event.context.ticket = "OPS-1";
  const std::vector<std::pair<const char*, bool>> questions = {
      {"interface = [\"ui\", \"terraform\"]", true},
      {"interface = \"ui\"", false},
      {"actor_kind = [\"service\"]", true},
      {"actor_kind = [\"person\"]", false},
      {"authority = [\"intent\"]", true},
      {"authority = [\"observation\"]", false},
      {"rights = [\"user_access_manage\", \"connections_write\"]", true},
      {"rights = [\"user_access_manage\", \"operator\"]", false},
      {"ticket = true", true},
      {"ticket = false", false},
      {"reason = false", true},
      {"on_behalf_of = true", false},
      {"approver = \"nobody\"", true},
      {"approver = \"anybody\"", false},
      {"approver = \"the actor\"", false},
      {"interface = \"terraform\", ticket = false", false},
  };
  for (const auto& [condition, holds] : questions) {
    EXPECT_EQ(Refuses(Refusing(condition), event), holds) << condition;
  }
  EXPECT_TRUE(Refuses(Refusing("event = \"" + event.id.ToString() + "\""), event));
}

TEST(CandidateFile, AsksWhatWasTrueOfTheConnection) {
  Connection pager;
  pager.id = ConnectionNamed("pager");
  pager.has_policy = true;
  pager.grants = {{{Relation::kResolver, TeamNamed("ops")}, {}},
                  {{Relation::kEditor, UserNamed("alice")}, {}}};
  pager.fields = {{"integration.type", "AWS"}, {"tags", TextList{"env:prod", "team:ops"}}};
  const Entity entity(pager);
  Group ops;
  ops.id = TeamNamed("ops");
  ops.members = {{UserNamed("bob"), {}}};
  const Entity group(ops);
  OrgState acme;
  acme.id = Acme();
  WorkingSet set;
  set.org = &acme;
  set.Add(KeyOf(pager.id), &entity);
  set.Add(KeyOf(ops.id), &group);
  const Event by_alice = Intent("alice", Edit("pager", "region", "eu"));
  const Event by_bob = Intent("bob", Edit("pager", "region", "eu"));
  const std::vector<std::tuple<const char*, bool, bool>> questions = {
      {"actor_holds = \"editor\"", true, false},
      {"actor_holds = \"resolver\"", true, true},
      {"integration = [\"GCP\", \"AWS\"]", true, true},
      {"integration = \"GCP\"", false, false},
      {"tag = \"env:prod\"", true, true},
      {"tag = \"env\"", false, false},
      {"suspended = true", false, false},
      {"restricted = true", true, true},
  };
  for (const auto& [condition, of_alice, of_bob] : questions) {
    EXPECT_EQ(Refuses(Refusing(condition), set, by_alice), of_alice) << condition;
    EXPECT_EQ(Refuses(Refusing(condition), set, by_bob), of_bob) << condition;
  }
  EXPECT_FALSE(Refuses(Refusing("suspended = false"), by_alice)) << "there is no connection";
  EXPECT_TRUE(Refusing("actor_holds = \"editor\"").looks_at_relations());
  EXPECT_FALSE(Refusing("ticket = true").looks_at_relations());
  EXPECT_TRUE(Refusing("ticket = true").looks_at_context());

  const CandidatePolicy gives = Refusing("gives = \"editor\", gives_to = [\"user\", \"org\"]");
  const auto grant = [](Relation relation, const Principal& who) {
    return Intent("alice", Patch("pager", {{relation, who}}));
  };
  EXPECT_TRUE(Refuses(gives, set, grant(Relation::kEditor, UserNamed("bob"))));
  EXPECT_FALSE(Refuses(gives, set, grant(Relation::kEditor, UserNamed("alice")))) << "held before";
  EXPECT_FALSE(Refuses(gives, set, grant(Relation::kViewer, UserNamed("bob"))));
  EXPECT_FALSE(Refuses(gives, set, grant(Relation::kEditor, TeamNamed("ops"))));
  EXPECT_FALSE(Refuses(gives, set, by_alice));
  EXPECT_FALSE(Refuses(gives, set,
                       Intent("alice", Replace("pager", {{Relation::kEditor, UserNamed("alice")},
                                                         {Relation::kViewer, UserNamed("b")}}))));
}

TEST(CandidateFile, WhatIsWrongIsToldWithItsLineAndWhatWouldBeRight) {
  const auto message = [](const std::string& text) {
    const auto policy = ParseCandidate(text, "two.toml");
    EXPECT_EQ(policy.status().code(), StatusCode::kInvalidArgument) << text;
    return policy.status().message();
  };
  const std::string head = "[[refuse]]\nname = \"x\"\ntypes = [\"policy.*\"]\n";
  const std::vector<std::array<std::string, 3>> wrong = {
      {"", "line 1: ", "[[refuse]]"},
      {"# only a comment\n", "line ", "[[refuse]]"},
      {"[[refuse]\n", "line 1: ", ""},
      {"[refuse]\nname = \"x\"\n", "line 1: ", "[[refuse]]"},
      {"[[allow]]\nname = \"x\"\n", "line 1: ", "\"allow\" is not known"},
      {"[[refuse]]\ntypes = [\"policy.*\"]\n", "line 1: ", "name = "},
      {"[[refuse]]\nname = \"x\"\n", "line 1: ", "types = [\"policy changes\"]"},
      {"[[refuse]]\nname = \"x\"\ntypes = [\"policy\"]\n", "line 3: ", "policy.patched"},
      {"[[refuse]]\nname = \"x\"\ntypes = [\"seal\"]\n", "line 3: ", "no type of event"},
      {"[[refuse]]\nname = \"x\"\ntypes = []\n", "line 3: ", "empty"},
      {"[[refuse]]\nname = 7\ntypes = [\"policy.*\"]\n", "line 2: ", "in quotes"},
      {head + "unles.approver = \"anybody\"\n", "line 4: ", "there are: name, types, when, unless"},
      {head + "when = \"always\"\n", "line 4: ", "when.approver"},
      {head + "when = {}\n", "line 4: ", "asks for something"},
      {head + "when.aprover = \"anybody\"\n", "line 4: ", "there are: approver, interface"},
      {head + "when.approver = \"someone\"\n", "line 4: ", "another person"},
      {head + "when.interface = [\"web\"]\n", "line 4: ", "ui, api, terraform"},
      {head + "when.interface = [\"unspecified\"]\n", "line 4: ", "ui, api, terraform"},
      {head + "when.ticket = \"yes\"\n", "line 4: ", "true or false"},
      {head + "when.rights = [\"all\"]\n", "line 4: ", "connections_read"},
      {head + "when.event = [\"17\"]\n", "line 4: ", "no UUID"},
      {head + "when.actor_holds = \"owner\"\n", "line 4: ", "viewer, resolver, editor"},
      {head + "when.gives_to = [\"people\"]\n", "line 4: ", "user, service_account"},
      {head + head, "line 4: ", "already"},
  };
  for (const auto& [text, line, remedy] : wrong) {
    EXPECT_THAT(message(text), StartsWith("two.toml, " + line)) << text;
    EXPECT_THAT(message(text), HasSubstr(remedy)) << text;
  }
}

TEST(CandidateFile, AFileThatIsNotThereIsNamed) {
  const auto policy = ReadCandidate("no/such/file.toml");
  EXPECT_EQ(policy.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(policy.status().message(), HasSubstr("no/such/file.toml"));
}

}  // namespace
}  // namespace conntrail
