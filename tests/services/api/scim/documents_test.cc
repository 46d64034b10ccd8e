#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/api/scim/filter.h"
#include "services/api/scim/group_document.h"
#include "services/api/scim/patch.h"
#include "services/api/scim/user_document.h"
#include "tests/support/org_in_memory.h"

namespace conntrail::api::scim {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kBase = "https://audit.example/scim/v2";

// An org whose accounts and groups change only by what a directory says.
class ScimDocuments : public testing::Test {
 protected:
  AccountLookup Find() {
    return [this](const Uuid& id) -> std::optional<Principal> {
      const Account* account = acme_.Find<Account>(KeyOf(Principal::User(id)));
      if (account == nullptr || account->life.deleted) return std::nullopt;
      return account->id;
    };
  }
  const Account* Of(std::string_view name) { return acme_.Find<Account>(KeyOf(UserNamed(name))); }
  const Group* Team() { return acme_.Find<Group>(KeyOf(TeamNamed("sre"))); }

  void Take(const auto& changes) {
    for (const auto& change : changes) {
      EXPECT_EQ(acme_.Says(Intent("root", change).Rights(kAdminRights)), "applied");
    }
  }
  // POST or PUT: what was wrong, or "".
  std::string Put(std::string_view name, std::string_view json) {
    const Parsed<UserFields> wanted = ReadUser(ParseJson(json).value(), Find());
    if (!wanted.ok()) return wanted.fault().title + ": " + wanted.fault().detail;
    Take(UserChanges(Of(name), UserNamed(name), *wanted));
    return "";
  }
  std::string Patch(std::string_view name, std::string_view operations) {
    const JsonValue request =
        ParseJson(R"({"Operations":[)" + std::string(operations) + "]}").value();
    const Parsed<JsonValue> patched = ApplyPatch(UserDocument(*Of(name), kBase), request);
    if (!patched.ok()) return patched.fault().title + ": " + patched.fault().detail;
    const Parsed<UserFields> wanted = ReadUser(*patched, Find());
    if (!wanted.ok()) return wanted.fault().title + ": " + wanted.fault().detail;
    if (const auto fault = RefuseRemoval(*Of(name), *wanted)) {
      return fault->title + ": " + fault->detail;
    }
    Take(UserChanges(Of(name), UserNamed(name), *wanted));
    return "";
  }
  std::string PutGroup(std::string_view json) {
    const Parsed<GroupFields> wanted = ReadGroup(ParseJson(json).value(), Find());
    if (!wanted.ok()) return wanted.fault().title + ": " + wanted.fault().detail;
    Take(GroupChanges(Team(), TeamNamed("sre"), *wanted));
    return "";
  }
  static std::string Text(const JsonValue& value) {
    JsonWriter out;
    WriteJson(out, value);
    return out.Take();
  }
  static std::string IdOf(std::string_view name) { return IdNamed(name).ToString(); }

  OrgInMemory acme_;
};

constexpr std::string_view kAlice =
    R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"alice@acme.example",)"
    R"("externalId":"00u1","name":{"givenName":"Alice","familyName":"A"},"title":"SRE",)"
    R"("emails":[{"value":"home@x","type":"home"},{"value":"alice@acme.example","primary":true}],)"
    R"("active":true})";

TEST_F(ScimDocuments, AUserBecomesAnAccountAndIsShownAsSuch) {
  EXPECT_EQ(Put("alice", kAlice), "");
  const Account* alice = Of("alice");
  EXPECT_EQ(alice->user_name, "alice@acme.example");
  EXPECT_EQ(alice->display_name, "Alice A");
  EXPECT_EQ(alice->email, "alice@acme.example");
  EXPECT_EQ(alice->external_id, "00u1");
  EXPECT_EQ(Text(UserDocument(*alice, kBase)),
            R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":")" + IdOf("alice") +
                R"(","externalId":"00u1","userName":"alice@acme.example","displayName":"Alice A",)"
                R"("name":{"formatted":"Alice A"},"emails":[{"value":"alice@acme.example",)"
                R"("type":"work","primary":true}],"userType":"user","active":true,"meta":{)"
                R"("resourceType":"User","created":"2024-05-01T12:00:00.000Z",)"
                R"("lastModified":"2024-05-01T12:00:00.000Z",)"
                R"("location":"https://audit.example/scim/v2/Users/)" +
                IdOf("alice") + R"(","version":"\"1\""}})");
}

TEST_F(ScimDocuments, SayingTheSameAgainChangesNothing) {
  EXPECT_EQ(Put("alice", kAlice), "");
  const UserFields wanted = *ReadUser(ParseJson(kAlice).value(), Find());
  EXPECT_THAT(UserChanges(Of("alice"), UserNamed("alice"), wanted), IsEmpty());
  const UserFields shown = *ReadUser(UserDocument(*Of("alice"), kBase), Find());
  EXPECT_THAT(UserChanges(Of("alice"), UserNamed("alice"), shown), IsEmpty())
      << "what is shown can be sent back";
}

TEST_F(ScimDocuments, DeactivationIsOneEventWhateverElseChanges) {
  EXPECT_EQ(Put("alice", kAlice), "");
  EXPECT_EQ(Patch("alice", R"({"op":"Replace","path":"active","value":"False"},)"
                           R"({"op":"replace","path":"displayName","value":"Gone"})"),
            "");
  EXPECT_FALSE(Of("alice")->active);
  EXPECT_EQ(Of("alice")->display_name, "Gone");
  EXPECT_EQ(Of("alice")->life.revision, Revision(2));
  EXPECT_EQ(Put("alice", R"({"userName":"alice@acme.example"})"), "");
  EXPECT_FALSE(Of("alice")->active) << "a PUT that says nothing of it does not let anybody in";
  EXPECT_EQ(Patch("alice", R"({"op":"replace","value":{"active":true}})"), "");
  EXPECT_TRUE(Of("alice")->active);
}

TEST_F(ScimDocuments, OneMayBeCreatedInactive) {
  EXPECT_EQ(Put("alice", R"({"userName":"alice","active":false})"), "");
  EXPECT_FALSE(Of("alice")->active);
  EXPECT_EQ(Of("alice")->life.revision, Revision(2)) << "added, then deactivated";
}

TEST_F(ScimDocuments, WhatIsLeftOutOfAPutStaysAndWhatAPatchRemovesIsRefused) {
  EXPECT_EQ(Put("alice", kAlice), "");
  EXPECT_EQ(Put("alice", R"({"userName":"alice@acme.example"})"), "");
  EXPECT_EQ(Of("alice")->display_name, "Alice A");
  EXPECT_EQ(Patch("alice", R"({"op":"remove","path":"emails"})"),
            "mutability: emails can be replaced but not removed");
  EXPECT_EQ(Patch("alice", R"({"op":"remove","path":"externalId"})"),
            "mutability: externalId can be replaced but not removed");
  EXPECT_EQ(Patch("alice", R"({"op":"remove","path":"userName"})"),
            "invalidValue: userName is missing");
  EXPECT_EQ(Patch("alice", R"({"op":"replace","path":"emails[type eq \"work\"].value",)"
                           R"("value":"new@x"})"),
            "");
  EXPECT_EQ(Of("alice")->email, "new@x");
}

TEST_F(ScimDocuments, AnAccountThatNoDirectoryNamedKeepsHavingNoName) {
  acme_.Take(Observation(ChangeAccount(ServiceNamed("robot"), AccountChange::kAdded)));
  const JsonValue shown = UserDocument(*Of("robot"), kBase);
  EXPECT_EQ(FindMember(shown, "userName")->text, IdOf("robot"));
  EXPECT_EQ(FindMember(shown, "userType")->text, "service_account");
  EXPECT_EQ(Patch("robot", R"({"op":"replace","path":"active","value":false})"), "");
  EXPECT_EQ(Of("robot")->user_name, "");
  EXPECT_EQ(Of("robot")->id, ServiceNamed("robot")) << "it stays what it was";
}

TEST_F(ScimDocuments, AManagerIsAUserThatThereIs) {
  EXPECT_EQ(Put("alice", kAlice), "");
  const std::string bob =
      R"({"userName":"bob","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":)"
      R"({"manager":{"value":"@"}}})";
  const auto with = [&](const std::string& manager) {
    std::string text = bob;
    return text.replace(text.find('@'), 1, manager);
  };
  EXPECT_EQ(Put("bob", with(IdOf("nobody"))), "invalidValue: manager must be the id of a user");
  EXPECT_EQ(Put("bob", with("x")), "invalidValue: manager must be the id of a user");
  EXPECT_EQ(Put("bob", with(IdOf("alice"))), "");
  EXPECT_EQ(Of("bob")->manager, UserNamed("alice"));
  const JsonValue shown = UserDocument(*Of("bob"), kBase);
  const Parsed<Filter> filter = Filter::Parse(
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"" +
      IdOf("alice") + "\"");
  EXPECT_TRUE(filter->Matches(shown));
}

TEST_F(ScimDocuments, WrongUsersAreRefusedWithTheNameOfWhatIsWrong) {
  EXPECT_EQ(Put("x", "[]"), "invalidSyntax: a User is an object");
  EXPECT_EQ(Put("x", "{}"), "invalidValue: userName is missing");
  EXPECT_EQ(Put("x", R"({"userName":7})"), "invalidValue: userName must be a text");
  EXPECT_EQ(Put("x", R"({"userName":"a","active":"maybe"})"),
            "invalidValue: active must be true or false");
  EXPECT_EQ(Put("x", R"({"userName":"a","active":1})"),
            "invalidValue: active must be true or false");
  EXPECT_EQ(Put("x", R"({"userName":"a","emails":"b"})"), "invalidValue: emails must be an array");
  EXPECT_EQ(Put("x", R"({"userName":"a","emails":[{"value":[]}]})"),
            "invalidValue: value must be a text");
  EXPECT_EQ(Put("x", R"({"userName":")" + std::string(1025, 'a') + R"("})"),
            "invalidValue: userName is too long");
  EXPECT_EQ(Of("x"), nullptr);
}

TEST_F(ScimDocuments, AGroupBecomesATeamAndItsMembersComeAndGo) {
  EXPECT_EQ(Put("alice", kAlice), "");
  EXPECT_EQ(Put("bob", R"({"userName":"bob"})"), "");
  EXPECT_EQ(PutGroup(R"({"displayName":"SRE","externalId":"00g1","members":[{"value":")" +
                     IdOf("bob") + R"("},{"value":")" + IdOf("bob") + R"("}]})"),
            "");
  ASSERT_THAT(Team()->members, SizeIs(1));
  EXPECT_EQ(Team()->external_id, "00g1");
  EXPECT_EQ(PutGroup(R"({"displayName":"Ops"})"), "");
  EXPECT_THAT(Team()->members, SizeIs(1)) << "nothing was said of them";
  EXPECT_EQ(Team()->name, "Ops");
  EXPECT_EQ(PutGroup(R"({"displayName":"Ops","members":[{"value":")" + IdOf("alice") + R"("}]})"),
            "");
  EXPECT_NE(Team()->FindMember(UserNamed("alice")), nullptr);
  EXPECT_EQ(Team()->FindMember(UserNamed("bob")), nullptr);
  EXPECT_EQ(PutGroup(R"({"displayName":"Ops","members":[{"value":"nobody"}]})"),
            "invalidValue: members must be ids of users; number 1 is none");
  const GroupFields shown = *ReadGroup(GroupDocument(*Team(), kBase), Find());
  EXPECT_THAT(GroupChanges(Team(), TeamNamed("sre"), shown), IsEmpty());
  EXPECT_EQ(PutGroup(R"({"displayName":"Ops","members":[]})"), "");
  EXPECT_THAT(Team()->members, IsEmpty());
}

TEST_F(ScimDocuments, AServiceAccountLeavesAGroupUnderTheNameItJoinedWith) {
  acme_.Take(Observation(ChangeAccount(ServiceNamed("robot"), AccountChange::kAdded)));
  acme_.Take(Observation(NewGroup(TeamNamed("sre"), {UserNamed("robot")})));
  const GroupFields shown = *ReadGroup(GroupDocument(*Team(), kBase), Find());
  EXPECT_THAT(GroupChanges(Team(), TeamNamed("sre"), shown), IsEmpty())
      << "between accounts only the id counts";
  EXPECT_EQ(PutGroup(R"({"displayName":"SRE","members":[]})"), "");
  EXPECT_THAT(Team()->members, IsEmpty());
}

TEST_F(ScimDocuments, ManyMembersAreSaidInSeveralEvents) {
  GroupFields wanted;
  wanted.display_name = "everybody";
  wanted.external_id = "00g1";
  wanted.members.emplace();
  for (int i = 0; i < 1234; ++i) wanted.members->push_back(UserNamed("u" + std::to_string(i)));
  std::sort(wanted.members->begin(), wanted.members->end());
  const std::vector<GroupChanged> created = GroupChanges(nullptr, TeamNamed("sre"), wanted);
  ASSERT_THAT(created, SizeIs(3));
  EXPECT_EQ(created[0].change, GroupChange::kCreated);
  EXPECT_EQ(created[1].change, GroupChange::kChanged);
  Take(created);
  EXPECT_THAT(Team()->members, SizeIs(1234));
  EXPECT_THAT(GroupChanges(Team(), TeamNamed("sre"), wanted), IsEmpty());
  wanted.members->clear();
  Take(GroupChanges(Team(), TeamNamed("sre"), wanted));
  EXPECT_THAT(Team()->members, IsEmpty());
}

}  // namespace
}  // namespace conntrail::api::scim
