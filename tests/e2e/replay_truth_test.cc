// The replay tool on real history, against counts from the raw file that know nothing of our code.

#include <chrono>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "events/event_codec.h"
#include "projections/data_directory.h"
#include "projections/replay/state_diff.h"
#include "projections/replay/what_if.h"
#include "tests/e2e/truth_states.h"
#include "tests/tools/conntrail/import/scratch.h"
#include "tools/conntrail/import/importer.h"

namespace conntrail {
namespace {

using nlohmann::json;
using Pair = std::pair<std::string, std::string>;  // connection, principal

// Who can use what, as the raw events say it, one after the other.
class RawAccess {
 public:
  void Apply(const json& event) {
    const std::string op = event["op"];
    const uint64_t seq = event["seq"];
    if (op == "connection.created") {
      creators_[event["connection"]["id"]] = event["actor"];
    } else if (op == "permission.changed") {
      const std::string connection = event["connection"]["id"];
      creators_.erase(connection);
      for (const json& grant : event["removed"]) grants_[connection].erase(grant["principal"]);
      for (const json& grant : event["added"]) grants_[connection].insert(grant["principal"]);
      Expand(connection, seq);
    } else if (op == "connection.deleted") {
      grants_.erase(event["connection"]["id"].get<std::string>());
      Expand(event["connection"]["id"], seq);
    } else if (op == "team.changed") {
      const json& team = event["team"];
      const std::string id = team["id"];
      std::set<std::string>& members = teams_[id];
      if (team["change"] == "deleted") members.clear();
      for (const json& member : team["members_added"]) members.insert(member);
      for (const json& member : team["members_removed"]) members.erase(member);
      for (const auto& [connection, grants] : grants_) {
        if (grants.contains(id)) Expand(connection, seq);
      }
    }
  }

  // By a grant, or, where no policy was ever made, as the creator.
  bool Holds(const std::string& connection, const std::string& principal) const {
    const auto creator = creators_.find(connection);
    if (creator != creators_.end() && creator->second == principal) return true;
    const auto found = expanded_.find(connection);
    return found != expanded_.end() && found->second.contains(principal);
  }
  bool IsGranted(const std::string& connection, const std::string& grantee) const {
    const auto found = grants_.find(connection);
    return found != grants_.end() && found->second.contains(grantee);
  }

  std::set<Pair> Pairs() const {
    std::set<Pair> pairs;
    for (const auto& [connection, principals] : expanded_) {
      for (const std::string& principal : principals) pairs.emplace(connection, principal);
    }
    return pairs;
  }
  // The last event that gave or took it.
  uint64_t LastChange(const Pair& pair) const { return last_.at(pair); }

 private:
  void Expand(const std::string& connection, uint64_t seq) {
    std::set<std::string> now;
    for (const std::string& grantee : grants_[connection]) {
      const auto team = teams_.find(grantee);
      if (team == teams_.end()) {
        now.insert(grantee);
      } else {
        now.insert(team->second.begin(), team->second.end());
      }
    }
    std::set<std::string>& before = expanded_[connection];
    for (const std::string& one : now) {
      if (!before.contains(one)) last_[{connection, one}] = seq;
    }
    for (const std::string& one : before) {
      if (!now.contains(one)) last_[{connection, one}] = seq;
    }
    before = std::move(now);
  }

  std::map<std::string, std::string> creators_;  // of connections without a policy
  std::map<std::string, std::set<std::string>> grants_;
  std::map<std::string, std::set<std::string>> teams_;
  std::map<std::string, std::set<std::string>> expanded_;
  std::map<Pair, uint64_t> last_;
};

bool HasSecondPerson(const json& event) {
  return event.contains("approver") && event["approver"].is_string() &&
         event["approver"] != event["actor"];
}

class ReplayOfRealHistory : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path file = TruthFolder() / "jenkins-permissions.jsonl.gz";
    if (!std::filesystem::exists(file)) {
      GTEST_SKIP() << "THE REAL DATA IS NOT THERE: nothing was compared with it. "
                      "CONNTRAIL_DATA_DIR names its folder; there is no "
                   << file.string();
    }
    for (const std::string& line : LinesOf(file)) raw_.push_back(json::parse(line));
    for (const std::string& line : LinesOf(TruthFolder() / "jenkins-uses.jsonl.gz")) {
      uses_.push_back(json::parse(line));
    }
    auto directory = DataDirectory::Open(scratch_ / "d", {.create = true});
    ASSERT_TRUE(directory.ok()) << directory.status().ToString();
    directory_ = std::move(*directory);
    ImportOptions options;
    options.org = "jenkins";
    options.file = file;
    options.uses_file = TruthFolder() / "jenkins-uses.jsonl.gz";
    const auto summary = Import(directory_.get(), options);
    ASSERT_TRUE(summary.ok()) << summary.status().ToString();
    question_.org = "jenkins";
    Refusal second{.name = "second-person"};
    second.types = uint64_t{1} << static_cast<int>(EventType::kPolicyPatched) |
                   uint64_t{1} << static_cast<int>(EventType::kPolicyReplaced);
    second.unless = EventCondition{.approver = ApproverIs::kAnotherPerson};
    question_.policy.refusals = {second};
  }

  WhatIfAnswer Ask() {
    const auto begin = std::chrono::steady_clock::now();
    Result<WhatIfAnswer> answer = AskWhatIf(directory_->log(), question_, {});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    EXPECT_TRUE(answer.ok()) << answer.status().ToString();
    std::printf("%s: %lu of %lu records have another outcome; %.0f ms\n",
                question_.mode == WhatIfMode::kEach ? "--each" : "--cascade", answer->flips,
                answer->records, took.count() * 1000);
    return answer.ok() ? std::move(*answer) : WhatIfAnswer();
  }

  Scratch scratch_;
  std::unique_ptr<DataDirectory> directory_;
  std::vector<json> raw_;
  std::vector<json> uses_;
  WhatIfQuestion question_;
};

TEST_F(ReplayOfRealHistory, EveryPolicyChangeNeedsASecondPerson) {
  uint64_t flips = 0;
  std::map<std::string, uint64_t> connections;
  std::set<std::string> actors;
  std::set<std::string> grantees;
  for (const json& event : raw_) {
    if (event["op"] != "permission.changed" || HasSecondPerson(event)) continue;
    ++flips;
    ++connections[event["connection"]["id"]];
    actors.insert(event["actor"]);
    for (const char* side : {"added", "removed"}) {
      for (const json& grant : event[side]) grantees.insert(grant["principal"]);
    }
  }
  const WhatIfAnswer answer = Ask();
  EXPECT_EQ(flips, 3674u) << "the raw file is another one";
  EXPECT_EQ(answer.records, raw_.size() + uses_.size() + 1);
  EXPECT_EQ(answer.flips, flips);
  ASSERT_EQ(answer.counts.size(), 1u);
  EXPECT_EQ(answer.counts[0].type, EventType::kPolicyPatched);
  EXPECT_EQ(answer.counts[0].before.ToString(), "applied");
  EXPECT_EQ(answer.counts[0].after.ToString(), "denied by second-person");
  EXPECT_EQ(answer.connections, connections.size());
  EXPECT_EQ(answer.actors, actors.size());
  EXPECT_EQ(answer.grantees, grantees.size());
  for (const TouchedConnection& touched : answer.top_connections) {
    EXPECT_EQ(touched.flips, connections.at(touched.connection.ToString()));
  }
}

TEST_F(ReplayOfRealHistory, WithoutWhatNobodyElseApprovedOtherUsesHadNoGrant) {
  // The alternative history, told from the raw file: uses stand in order of their time.
  RawAccess actual;
  RawAccess alternative;
  uint64_t refused = 0;
  uint64_t removes_nothing = 0;
  uint64_t adds_what_is_there = 0;
  uint64_t would_lack_a_grant = 0;
  uint64_t would_have_one = 0;
  auto use = uses_.begin();
  const auto tell_uses = [&](const std::string& before) {
    for (; use != uses_.end() && (before.empty() || (*use)["at"] < before); ++use) {
      if ((*use)["principal"].is_null()) continue;
      const bool had = actual.Holds((*use)["connection"], (*use)["principal"]);
      const bool has = alternative.Holds((*use)["connection"], (*use)["principal"]);
      would_lack_a_grant += had && !has ? 1 : 0;
      would_have_one += !had && has ? 1 : 0;
    }
  };
  for (const json& event : raw_) {
    tell_uses(event["recorded_at"]);
    const bool is_policy = event["op"] == "permission.changed";
    if (is_policy && !HasSecondPerson(event)) {
      ++refused;
    } else {
      const auto fits = [&](const RawAccess& state) {
        const std::string connection = is_policy ? event["connection"]["id"] : json("");
        bool removes = true;
        bool adds = true;
        for (const json& grant : is_policy ? event["removed"] : json::array()) {
          removes &= state.IsGranted(connection, grant["principal"]);
        }
        for (const json& grant : is_policy ? event["added"] : json::array()) {
          adds &= !state.IsGranted(connection, grant["principal"]);
        }
        return std::pair(removes, adds);
      };
      const auto [removes, adds] = fits(alternative);
      ASSERT_EQ(fits(actual), std::pair(true, true)) << "the source is consistent with itself";
      // Of two things that do not fit the later one is told.
      if (!adds) {
        ++adds_what_is_there;
      } else if (!removes) {
        ++removes_nothing;
      }
      alternative.Apply(event);
    }
    actual.Apply(event);
  }
  tell_uses("");

  question_.mode = WhatIfMode::kCascade;
  const WhatIfAnswer answer = Ask();
  std::map<std::string, uint64_t> counts;
  for (const FlipCount& count : answer.counts) {
    const std::string kind = std::string(EventTypeName(count.type)) + ": " +
                             count.before.ToString() + " -> " + count.after.ToString();
    std::printf("%7lu  %s\n", count.count, kind.c_str());
    counts[kind] = count.count;
  }
  const std::string policy = "policy.patched: applied -> ";
  const std::string used = "connection.used: applied";
  EXPECT_EQ(counts[policy + "denied by second-person"], refused);
  EXPECT_EQ(counts[policy + "applied gap_before_differs"], removes_nothing);
  EXPECT_EQ(counts[policy + "applied gap_already_there"], adds_what_is_there);
  EXPECT_EQ(counts[used + " -> applied use_without_grant"], would_lack_a_grant);
  EXPECT_EQ(counts[used + " use_without_grant -> applied"], would_have_one);
  EXPECT_EQ(answer.flips,
            refused + removes_nothing + adds_what_is_there + would_lack_a_grant + would_have_one);
}

TEST_F(ReplayOfRealHistory, WhoGainedAndLostAccessInTwoYears) {
  const std::string from = "2020-01-01T00:00:00.000Z";
  const std::string to = "2021-12-31T23:59:59.999Z";
  RawAccess access;
  std::set<Pair> before;
  size_t at = 0;
  for (; at < raw_.size() && raw_[at]["recorded_at"] <= from; ++at) access.Apply(raw_[at]);
  before = access.Pairs();
  for (; at < raw_.size() && raw_[at]["recorded_at"] <= to; ++at) access.Apply(raw_[at]);
  const std::set<Pair> after = access.Pairs();
  std::map<Pair, uint64_t> gained;
  std::map<Pair, uint64_t> lost;
  for (const Pair& pair : after) {
    if (!before.contains(pair)) gained[pair] = access.LastChange(pair);
  }
  for (const Pair& pair : before) {
    if (!after.contains(pair)) lost[pair] = access.LastChange(pair);
  }

  const Result<OrgView> org = directory_->View("jenkins");
  ASSERT_TRUE(org.ok()) << org.status().ToString();
  const Place begin = org->Resolve(Moment::At(*ParseTime(from))).value();
  const Place end = org->Resolve(Moment::At(*ParseTime(to))).value();
  std::map<Pair, uint64_t> our_gained;
  std::map<Pair, uint64_t> our_lost;
  uint64_t entities = 0;
  uint64_t defaults = 0;
  const auto started = std::chrono::steady_clock::now();
  const Status status = DiffStates(
      BetweenMoments(*org, begin, end),
      {[&](const EntityDifference&) { return ++entities > 0; },
       [&](const AccessDifference& d) {
         // The source knows resolvers only; what holds by default in ours is none of its.
         const bool was = d.before == Relation::kResolver;
         const bool is = d.after == Relation::kResolver;
         if (was == is) return ++defaults > 0;
         const Event event = DecodeEvent(org->RecordAt(d.by.value().place).value().event).event;
         (is ? our_gained : our_lost)[{d.connection.ToString(), d.principal.ToString()}] =
             event.producer_sequence.value_or(0);
         return true;
       }});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  ASSERT_TRUE(status.ok()) << status.ToString();
  std::printf("two years: %zu gained, %zu lost, %lu by default, %lu entities differ; %.0f ms\n",
              our_gained.size(), our_lost.size(), defaults, entities, took.count() * 1000);
  EXPECT_GT(gained.size(), 1000u);
  EXPECT_GT(lost.size(), 300u);
  EXPECT_EQ(our_gained, gained) << "pairs, and the number of the event that did it";
  EXPECT_EQ(our_lost, lost);
}

}  // namespace
}  // namespace conntrail
