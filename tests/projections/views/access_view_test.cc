#include "projections/views/access_view.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "tests/projections/views/views_test_base.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"

namespace conntrail {
namespace {

// One path in words, so that sets of paths can be compared.
using PathWords = std::multiset<std::string>;
struct Reached {
  Relation relation = Relation::kNone;
  bool active = true;
  PathWords paths;
  bool operator==(const Reached&) const = default;
};

std::string Words(const Place& p) { return std::to_string(p.index.value); }

std::string Words(Relation relation, const Principal& grantee, const Place& granted,
                  const std::optional<Place>& joined, const std::string& group, bool by_default) {
  return std::string(RelationName(relation)) + " " + grantee.ToString() + " since " +
         Words(granted) + (joined ? " member of " + group + " since " + Words(*joined) : "") +
         (by_default ? " default" : "");
}

PathWords WordsOf(const std::vector<AccessPath>& paths) {
  PathWords words;
  for (const AccessPath& path : paths) {
    words.insert(Words(path.grant.relation, path.grant.principal, path.granted, path.joined,
                       path.group_name, path.by_default));
  }
  return words;
}

class AccessViewTest : public ViewsTest {
 protected:
  const OrgId org_ = OrgNamed("acme");

  // Everybody who may be meant: accounts that are known, granted, members or creators.
  static std::map<Uuid, Principal> Everybody(const Replay::State& state) {
    std::map<Uuid, Principal> all;
    const auto add = [&](const Principal& p) {
      if (p.is_account()) all.emplace(p.id, p);
    };
    for (const auto& [key, entity] : state) {
      if (const auto* account = std::get_if<Account>(&entity)) add(account->id);
      if (const auto* group = std::get_if<Group>(&entity)) {
        for (const Member& member : group->members) add(member.principal);
      }
      if (const auto* connection = std::get_if<Connection>(&entity)) {
        for (const HeldGrant& held : connection->grants) add(held.grant.principal);
        if (connection->created_by) add(*connection->created_by);
      }
    }
    return all;
  }

  static std::vector<HeldGrant> GrantsInForce(const Connection& c, const OrgId& org) {
    if (c.has_policy) return c.grants;
    std::vector<HeldGrant> grants = {{{Relation::kViewer, Principal::Org(org)}, c.life.created}};
    if (c.created_by) grants.push_back({{Relation::kEditor, *c.created_by}, c.life.created});
    return grants;
  }

  // All paths of one account on one connection. `org_counts`: an org grant reaches this account.
  static PathWords PathsOf(const Replay::State& state, const Connection& c, const Principal& who,
                           const OrgId& org, bool org_counts, Relation& highest) {
    PathWords paths;
    for (const HeldGrant& held : GrantsInForce(c, org)) {
      const auto& [relation, grantee] = held.grant;
      std::optional<Place> joined;
      std::string group_name;
      bool reaches = false;
      if (grantee.is_account()) reaches = grantee.id == who.id;
      if (grantee.kind == PrincipalKind::kOrg) reaches = org_counts && grantee.id == org.uuid;
      if (grantee.is_group()) {
        const auto found = state.find({EntityKind::kGroup, grantee.id});
        if (found == state.end()) continue;
        const Group& group = std::get<Group>(found->second);
        if (group.life.deleted) continue;
        for (const Member& member : group.members) {
          if (member.principal.id != who.id) continue;
          reaches = true;
          joined = member.since;
          group_name = group.name;
        }
      }
      if (!reaches) continue;
      highest = std::max(highest, relation);
      paths.insert(Words(relation, grantee, held.since, joined, group_name, !c.has_policy));
    }
    return paths;
  }

  static const Account* FindAccount(const Replay::State& state, const Uuid& id) {
    const auto found = state.find({EntityKind::kAccount, id});
    return found == state.end() ? nullptr : &std::get<Account>(found->second);
  }

  static bool IsThere(const Replay::State& state, const Uuid& id) {
    const Account* account = FindAccount(state, id);
    return account != nullptr && account->active && !account->life.deleted;
  }

  std::map<Uuid, Reached> ExpectedWhoCan(const Replay::State& state, const Connection& c,
                                         Relation relation) const {
    std::map<Uuid, Reached> all;
    bool anybody = false;
    for (const auto& [id, who] : Everybody(state)) {
      anybody = anybody || IsThere(state, id);
      Reached reached;
      reached.paths = PathsOf(state, c, who, org_, IsThere(state, id), reached.relation);
      const Account* account = FindAccount(state, id);
      reached.active = account == nullptr || (account->active && !account->life.deleted);
      if (!reached.paths.empty() && reached.relation >= relation) all[id] = reached;
    }
    if (anybody) return all;
    Reached everybody;
    for (const HeldGrant& held : GrantsInForce(c, org_)) {
      if (held.grant.principal != Principal::Org(org_)) continue;
      everybody.relation = std::max(everybody.relation, held.grant.relation);
      everybody.paths.insert(
          Words(held.grant.relation, held.grant.principal, held.since, {}, "", !c.has_policy));
    }
    if (!everybody.paths.empty() && everybody.relation >= relation) all[org_.uuid] = everybody;
    return all;
  }

  std::mt19937_64 random_{13};
};
CONNTRAIL_VIEWS_TESTS(AccessViewTest);

TEST_P(AccessViewTest, WhoCanNamesEverybodyWithEveryPathAsOfAnyMoment) {
  Grow(1300);
  const Replay::Trail& trail = replay_.trail(org_);
  const OrgView view = View("Acme");
  Replay::State state;
  size_t reached = 0;
  for (size_t i = 0; i < trail.size(); ++i) {
    Replay::Apply(trail[i], state);
    if (i % 5 != 0 && i + 1 != trail.size()) continue;
    for (int number = 0; number < 12; ++number) {
      const ConnectionId id{IdNamed("connection" + std::to_string(number))};
      const auto relation = static_cast<Relation>(random_() % 4);
      const bool now = i + 1 == trail.size();
      const auto answer =
          WhoCan(view, id, relation, now ? Moment::Now() : Moment::AtIndex(OrgIndex(i)));
      const auto found = state.find({EntityKind::kConnection, id.uuid});
      const auto* connection =
          found == state.end() ? nullptr : std::get_if<Connection>(&found->second);
      if (connection == nullptr || connection->life.deleted) {
        ASSERT_EQ(answer.status().code(), StatusCode::kNotFound);
        continue;
      }
      ASSERT_TRUE(answer.ok()) << answer.status().ToString();
      std::map<Uuid, Reached> told;
      Uuid last;
      for (const AccountAccess& access : *answer) {
        ASSERT_LT(last, access.account.id) << "sorted, each once";
        last = access.account.id;
        ASSERT_EQ(access.relation, access.paths.at(0).grant.relation) << "the highest comes first";
        told[access.account.id] = {access.relation, access.active, WordsOf(access.paths)};
      }
      const auto expected = ExpectedWhoCan(state, *connection, relation);
      ASSERT_EQ(told.size(), expected.size()) << "index " << i << ", connection " << number;
      for (const auto& [who, access] : expected) {
        ASSERT_EQ(told[who].paths, access.paths) << "index " << i << ", connection " << number;
        ASSERT_EQ(told[who].relation, access.relation);
        ASSERT_EQ(told[who].active, access.active);
      }
      reached += told.size();
    }
  }
  EXPECT_GT(reached, 1000);
}

TEST_P(AccessViewTest, WhatCanNamesEveryConnectionWithEveryPathAsOfAnyMoment) {
  Grow(1300);
  const Replay::Trail& trail = replay_.trail(org_);
  const OrgView view = View("Acme");
  Replay::State state;
  size_t reached = 0;
  for (size_t i = 0; i < trail.size(); ++i) {
    Replay::Apply(trail[i], state);
    if (i % 9 != 0) continue;
    for (int number = 0; number < 8; ++number) {  // the last is nobody known
      const Principal who = Principal::User(IdNamed("person" + std::to_string(number)));
      const auto relation = static_cast<Relation>(1 + random_() % 3);
      const auto answer = WhatCan(view, who, relation, Moment::AtIndex(OrgIndex(i)));
      ASSERT_TRUE(answer.ok()) << answer.status().ToString();
      std::map<std::pair<std::string, ConnectionId>, PathWords> expected;
      for (const auto& [key, entity] : state) {
        const auto* connection = std::get_if<Connection>(&entity);
        if (connection == nullptr || connection->life.deleted) continue;
        Relation highest = Relation::kNone;
        PathWords paths = PathsOf(state, *connection, who, org_, true, highest);
        if (paths.empty() || highest < relation) continue;
        expected[{std::string(connection->name()), connection->id}] = paths;
      }
      ASSERT_EQ(answer->size(), expected.size());
      auto at = expected.begin();
      for (const ConnectionAccess& access : *answer) {
        ASSERT_EQ(access.connection, at->first.second);
        ASSERT_EQ(access.name, at->first.first);
        ASSERT_EQ(WordsOf(access.paths), at->second);
        const Entity& entity = state.at({EntityKind::kConnection, access.connection.uuid});
        ASSERT_EQ(access.suspended, std::get<Connection>(entity).suspended);
        ++at;
      }
      reached += answer->size();
    }
  }
  EXPECT_GT(reached, 1000);
}

class AccessStory : public AccessViewTest {
 protected:
  void Play(const std::vector<Event>& story) {
    Append(OfTheLog(OrgOpened{"Acme"}));
    for (const Event& event : story) Append(event);
    CatchUp();
  }
  std::vector<std::string> Who(const Moment& at, Relation relation = Relation::kViewer) {
    std::vector<std::string> lines;
    const auto all = WhoCan(View("Acme"), ConnectionNamed("pager"), relation, at).value();
    for (const AccountAccess& access : all) {
      std::string line = NameOf(access.account) + " " + std::string(RelationName(access.relation));
      if (!access.active) line += " inactive";
      lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  static std::string NameOf(const Principal& who) {
    for (const char* name : {"alice", "bob", "carol"}) {
      if (who.id == IdNamed(name)) return name;
    }
    return who == EverybodyAtAcme() ? "everybody" : "?";
  }
  using Lines = std::vector<std::string>;
};
CONNTRAIL_VIEWS_TESTS(AccessStory);

TEST_P(AccessStory, WithoutKnownAccountsTheOrgStandsForItself) {
  Play({Intent("alice", Create("pager"))});
  EXPECT_EQ(Who(Moment::Now()), (Lines{"alice editor", "everybody viewer"}));
}

TEST_P(AccessStory, AGrantToAnotherOrgReachesNobodyHere) {
  Play({Observation(ChangeAccount(UserNamed("bob"), AccountChange::kAdded)),
        Intent("alice", Create("pager")),
        Intent("alice", Replace("pager", {Editor(UserNamed("alice")),
                                          Viewer(Principal::Org(OrgNamed("beta")))}))});
  EXPECT_EQ(Who(Moment::Now()), (Lines{"alice editor"}));
}

TEST_P(AccessStory, MembersComeAndGoWithTheirGroup) {
  const Principal ops = TeamNamed("ops");
  Play({Observation(NewGroup(ops, {UserNamed("bob")})),                               // 1
        Observation(Create("pager")),                                                 // 2
        Observation(Replace("pager", {Resolver(ops), Viewer(UserNamed("bob"))})),     // 3
        Observation(Join(ops, {UserNamed("carol")})),                                 // 4
        Observation(Leave(ops, {UserNamed("bob")})),                                  // 5
        Observation(ChangeAccount(UserNamed("carol"), AccountChange::kDeactivated)),  // 6
        Observation(DeleteGroup(ops))});                                              // 7
  const auto at = [](uint64_t index) { return Moment::AtIndex(OrgIndex(index)); };
  EXPECT_EQ(Who(at(3)), (Lines{"bob resolver"}));
  EXPECT_EQ(Who(at(4)), (Lines{"bob resolver", "carol resolver"}));
  EXPECT_EQ(Who(at(5)), (Lines{"bob viewer", "carol resolver"}));
  EXPECT_EQ(Who(at(5), Relation::kResolver), (Lines{"carol resolver"}));
  EXPECT_EQ(Who(at(6)), (Lines{"bob viewer", "carol resolver inactive"}));
  EXPECT_EQ(Who(at(7)), (Lines{"bob viewer"}));
  EXPECT_EQ(Who(Moment::Now()), (Lines{"bob viewer"}));
}

// A grant names a group by its id; whether it calls it a team or a role does not matter to the
// fold.
TEST_P(AccessStory, WhoCanAndWhatCanAgreeOnAGroupThatIsCalledByTheOtherWord) {
  const Principal as_team = TeamNamed("ops");
  const Principal as_role = RoleNamed("ops");
  Play({Observation(NewGroup(as_role, {UserNamed("bob")})), Observation(Create("pager")),
        Observation(Replace("pager", {Resolver(as_team)}))});
  EXPECT_EQ(Who(Moment::Now()), (Lines{"bob resolver"}));
  const auto what = WhatCan(View("Acme"), UserNamed("bob"), Relation::kViewer, Moment::Now());
  EXPECT_EQ(what.value().size(), 1);
}

TEST_P(AccessStory, OfATeamOnlyWhatIsGrantedToItselfCounts) {
  const Principal ops = TeamNamed("ops");
  Play({Observation(Create("a")), Observation(Create("b")), Observation(Create("c")),
        Observation(Replace("a", {Viewer(EverybodyAtAcme())})),
        Observation(Replace("b", {Resolver(ops)})), Observation(Replace("c", {}))});
  const auto what = WhatCan(View("Acme"), ops, Relation::kViewer, Moment::Now()).value();
  ASSERT_EQ(what.size(), 1);
  EXPECT_EQ(what[0].name, "b");
  EXPECT_EQ(WhatCan(View("Acme"), EverybodyAtAcme(), Relation::kViewer, Moment::Now())->size(), 1);
  EXPECT_EQ(WhatCan(View("Acme"), UserNamed("x"), Relation::kViewer, Moment::Now())->size(), 1);
  EXPECT_EQ(WhatCan(View("Acme"), UserNamed("x"), Relation::kEditor, Moment::Now())->size(), 0);
}

// Whoever writes a workflow reaches what is connected, as long as it is.
TEST_P(AccessStory, ConnectedIntegrationsReachEveryAccountOfTheOrg) {
  IntegrationConnected slack = Connect("slack", "acme");
  slack.consent = Consent{.provider = "Slack",
                          .client_id = "app",
                          .scopes = {"chat:write"},
                          .given_by = UserNamed("x")};
  Play({Observation(Connect("pagerduty", "west")),   // 1
        Observation(Connect("pagerduty2", "east")),  // 2
        Observation(slack),                          // 3
        Observation(Disconnect("pagerduty"))});      // 4
  const auto of = [&](const Principal& principal, const Moment& at) {
    Lines lines;
    const auto reached = IntegrationsOf(View("Acme"), principal, at);
    for (const IntegrationAccess& access : reached.value()) {
      lines.push_back(access.type + " " + access.account + " since " +
                      std::to_string(access.connected.index.value) +
                      (access.scopes.empty() ? "" : " for " + access.scopes[0]));
    }
    return lines;
  };
  const auto at = [](uint64_t index) { return Moment::AtIndex(OrgIndex(index)); };
  const Lines now = {"pagerduty2 east since 2", "slack acme since 3 for chat:write"};
  EXPECT_EQ(of(UserNamed("anybody"), Moment::Now()), now);
  EXPECT_EQ(of(EverybodyAtAcme(), Moment::Now()), now);
  EXPECT_EQ(of(UserNamed("anybody"), at(2)),
            (Lines{"pagerduty west since 1", "pagerduty2 east since 2"}));
  EXPECT_EQ(of(UserNamed("anybody"), at(0)), Lines());
  EXPECT_EQ(of(TeamNamed("ops"), Moment::Now()), Lines());
  EXPECT_EQ(of(Principal::Org(OrgNamed("beta")), Moment::Now()), Lines());
}

}  // namespace
}  // namespace conntrail
