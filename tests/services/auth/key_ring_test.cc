#include "services/auth/key_ring.h"

#include <atomic>
#include <random>
#include <set>
#include <thread>

#include "tests/services/auth/ring_test_base.h"

namespace conntrail {
namespace {

using KeyRingTest = RingTest;

// Another store, of which nothing can be read while it is blind.
class BlindStore final : public Store {
 public:
  explicit BlindStore(Store& seeing) : seeing_(seeing) {}

  Status Write(const WriteBatch& batch, PartitionId partition, Offset next) override {
    return seeing_.Write(batch, partition, next);
  }
  Result<Offset> Applied(PartitionId partition) const override {
    return seeing_.Applied(partition);
  }
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override {
    if (!is_blind) return seeing_.NewSnapshot();
    return std::make_unique<Nothing>();
  }
  Status Flush() override { return seeing_.Flush(); }

  bool is_blind = false;

 private:
  class Nothing final : public StoreSnapshot {
    Result<std::optional<std::string>> Get(Family, std::string_view) const override {
      return Status::Io("the disk is gone");
    }
    std::unique_ptr<StoreIterator> NewIterator(Family) const override { return nullptr; }
  };
  Store& seeing_;
};

TEST_F(KeyRingTest, KnowsAKeyFromTheMomentItIsFolded) {
  EXPECT_FALSE(ring_.Find(KeyDigest("secret")).has_value());
  KeyCreated created =
      KeyWith("secret", KeyKind::kApplication, right::kAuditLogsRead, UserNamed("alice"));
  created.expires_at_ms = kNoonMs + kHourMs;
  Take(Observation(created).Org(Zenith()));
  const std::optional<RingKey> key = ring_.Find(KeyDigest("secret"));
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->org, Zenith());
  EXPECT_EQ(key->address, (keys::OrgAddress{kPartition, OrgSlot(2)}));
  EXPECT_EQ(key->id, KeyNamed("secret"));
  EXPECT_EQ(key->kind, KeyKind::kApplication);
  EXPECT_EQ(key->owner, UserNamed("alice"));
  EXPECT_EQ(key->rights, right::kAuditLogsRead);
  EXPECT_EQ(key->expires_at_ms, kNoonMs + kHourMs);
  EXPECT_FALSE(key->revoked);
  EXPECT_TRUE(key->owner_active);
}

TEST_F(KeyRingTest, FollowsRightsRevocationAndTheOwner) {
  Take(Observation(KeyWith("secret", KeyKind::kApplication, right::kAll, UserNamed("alice"))));
  Take(Observation(ChangeKey("secret", right::kAuditLogsRead)));
  EXPECT_EQ(ring_.Find(KeyDigest("secret"))->rights, right::kAuditLogsRead);
  Take(Observation(ChangeAccount(UserNamed("alice"), AccountChange::kAdded)));
  EXPECT_TRUE(ring_.Find(KeyDigest("secret"))->owner_active);
  Take(Observation(ChangeAccount(UserNamed("alice"), AccountChange::kDeactivated)));
  EXPECT_FALSE(ring_.Find(KeyDigest("secret"))->owner_active);
  Take(Observation(ChangeAccount(UserNamed("alice"), AccountChange::kReactivated)));
  EXPECT_TRUE(ring_.Find(KeyDigest("secret"))->owner_active);
  Take(Observation(RevokeKey("secret")));
  EXPECT_TRUE(ring_.Find(KeyDigest("secret"))->revoked);
}

TEST_F(KeyRingTest, WhatIsDeniedChangesNothing) {
  Take(Intent("mallory", KeyWith("secret", KeyKind::kApplication, right::kAll)));
  EXPECT_FALSE(ring_.Find(KeyDigest("secret")).has_value());
}

TEST_F(KeyRingTest, ADigestThatAnotherOrgClaimsTooOpensNeither) {
  Take(Observation(KeyWith("secret", KeyKind::kApi, right::kAll)));
  KeyCreated claimed = KeyWith("secret", KeyKind::kApi, right::kAll);
  Take(Observation(claimed).Org(Zenith()));
  EXPECT_FALSE(ring_.Find(KeyDigest("secret")).has_value());
  claimed.key = KeyNamed("another of the same org");
  claimed.digest = KeyDigest("second");
  Take(Observation(claimed));
  claimed.key = KeyNamed("a third");
  Take(Observation(claimed));
  EXPECT_FALSE(ring_.Find(KeyDigest("second")).has_value());
}

TEST_F(KeyRingTest, AnAccountOfAnotherOrgWithTheSameIdIsNotTheOwner) {
  Take(Observation(KeyWith("secret", KeyKind::kApplication, right::kAll, UserNamed("alice"))));
  Take(Observation(ChangeAccount(UserNamed("alice"), AccountChange::kDeactivated)).Org(Zenith()));
  EXPECT_TRUE(ring_.Find(KeyDigest("secret"))->owner_active);
}

TEST_F(KeyRingTest, TellsByItsGenerationThatAnAnswerMayHaveChanged) {
  const uint64_t before = ring_.generation();
  Take(Observation(Create("pager")));
  EXPECT_EQ(ring_.generation(), before) << "a connection is nothing to the ring";
  Take(Observation(KeyWith("secret", KeyKind::kApi, right::kAll)));
  EXPECT_NE(ring_.generation(), before);
}

TEST_F(KeyRingTest, FindsOrgsByNameAndIdAndAccountsByWhatTheDirectoryCallsThem) {
  EXPECT_EQ(ring_.FindOrg("zenith")->org, Zenith());
  EXPECT_EQ(ring_.FindOrg(Zenith().ToString())->address.slot, OrgSlot(2));
  EXPECT_FALSE(ring_.FindOrg("nobody").has_value());
  EXPECT_FALSE(ring_.FindOrg("_system").has_value());
  EXPECT_FALSE(ring_.FindOrg(Uuid().ToString()).has_value());
  AccountChanged added = ChangeAccount(UserNamed("alice"), AccountChange::kAdded);
  added.user_name = "alice@acme.example";
  added.external_id = "00u1";
  Take(Observation(added));
  EXPECT_EQ(ring_.FindSubject(Acme(), "00u1")->id, UserNamed("alice"));
  EXPECT_EQ(ring_.FindSubject(Acme(), "Alice@acme.example")->id, UserNamed("alice"));
  EXPECT_EQ(ring_.FindAccount(Acme(), IdNamed("alice"))->user_name, "alice@acme.example");
  EXPECT_FALSE(ring_.FindSubject(Zenith(), "00u1").has_value()) << "another org's directory";
  EXPECT_FALSE(ring_.FindAccount(Zenith(), IdNamed("alice")).has_value());
  EXPECT_FALSE(ring_.FindSubject(Acme(), "").has_value());
}

TEST_F(KeyRingTest, APartitionThatIsRemovedIsForgottenAndComesBackAsItIs) {
  Take(Observation(KeyWith("secret", KeyKind::kApi, right::kAll)));
  Take(Observation(ChangeAccount(UserNamed("alice"), AccountChange::kAdded)));
  const uint64_t generation = ring_.generation();
  ring_.Remove(PartitionId(1));
  EXPECT_TRUE(ring_.Find(KeyDigest("secret")).has_value()) << "another partition was removed";
  ring_.Remove(kPartition);
  EXPECT_FALSE(ring_.Find(KeyDigest("secret")).has_value());
  EXPECT_FALSE(ring_.FindOrg("acme").has_value());
  EXPECT_FALSE(ring_.FindAccount(Acme(), IdNamed("alice")).has_value());
  EXPECT_GT(ring_.generation(), generation) << "else doors remember what is no more";
  ASSERT_TRUE(ring_.Add(store_, kPartition).ok());
  EXPECT_TRUE(ring_.Find(KeyDigest("secret")).has_value());
  EXPECT_TRUE(ring_.FindOrg("acme").has_value());
  EXPECT_TRUE(ring_.in_step());
}

TEST_F(KeyRingTest, AfterAFailureItLetsNobodyIn) {
  BlindStore store(store_);
  KeyRing ring;
  ASSERT_TRUE(ring.Add(store, kPartition).ok());
  projector_->set_listener([&](const std::vector<FoldedRecord>& records) {
    EXPECT_TRUE(ring.Apply(kPartition, records).ok());
  });
  Take(Observation(KeyWith("secret", KeyKind::kApi, right::kAll)));
  ASSERT_TRUE(ring.Find(KeyDigest("secret")).has_value());
  Status status;
  projector_->set_listener(
      [&](const std::vector<FoldedRecord>& records) { status = ring.Apply(kPartition, records); });
  store.is_blind = true;
  Take(Observation(RevokeKey("secret")));
  EXPECT_FALSE(status.ok());
  EXPECT_FALSE(ring.Find(KeyDigest("secret")).has_value());
  store.is_blind = false;
  Take(Observation(KeyWith("another", KeyKind::kApi, right::kAll)));
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_FALSE(ring.Find(KeyDigest("another")).has_value());
}

// Whatever happens to few keys and accounts of two orgs: a ring that was told of each batch knows
// what one knows that is loaded anew.
TEST_F(KeyRingTest, ToldOfEveryBatchItKnowsWhatALoadedOneKnows) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const auto pick = [&](uint64_t n) { return random() % n; };
  const auto name = [&](std::string_view kind, uint64_t n) {
    return std::string(kind) + std::to_string(pick(n));
  };
  for (int step = 0; step < 400; ++step) {
    Action action;
    const std::string key = name("key", 8);
    const Principal who = UserNamed(name("user", 3));
    switch (pick(4)) {
      case 0: {
        KeyCreated created = KeyWith(key, static_cast<KeyKind>(1 + pick(2)), pick(256), who);
        if (pick(10) == 0) created.digest = KeyDigest(name("key", 8));
        action = created;
        break;
      }
      case 1:
        action = pick(2) == 0 ? Action(RevokeKey(key)) : Action(ChangeKey(key, pick(256)));
        break;
      default: {
        AccountChanged changed = ChangeAccount(who, static_cast<AccountChange>(1 + pick(5)));
        if (pick(2) == 0) changed.user_name = name("name", 3);
        if (pick(2) == 0) changed.external_id = name("external", 3);
        action = changed;
      }
    }
    Take(Observation(action).Org(pick(2) == 0 ? Acme() : Zenith()));
    if (step % 20 != 0) continue;
    KeyRing loaded;
    ASSERT_TRUE(loaded.Add(store_, kPartition).ok());
    for (int i = 0; i < 8; ++i) {
      const Digest digest = KeyDigest("key" + std::to_string(i));
      const auto a = ring_.Find(digest);
      const auto b = loaded.Find(digest);
      ASSERT_EQ(a.has_value(), b.has_value()) << step;
      if (!a) continue;
      EXPECT_EQ(a->org, b->org);
      EXPECT_EQ(a->id, b->id);
      EXPECT_EQ(a->rights, b->rights);
      EXPECT_EQ(a->revoked, b->revoked);
      EXPECT_EQ(a->owner_active, b->owner_active);
    }
    for (const char* subject : {"name0", "name1", "name2", "external0", "external1"}) {
      for (const OrgId& org : {Acme(), Zenith()}) {
        const auto a = ring_.FindSubject(org, subject);
        const auto b = loaded.FindSubject(org, subject);
        ASSERT_EQ(a.has_value(), b.has_value()) << subject;
        if (a) {
          EXPECT_EQ(a->id, b->id);
        }
      }
    }
  }
}

TEST_F(KeyRingTest, AnswersWhileItIsTold) {
  Take(Observation(KeyWith("steady", KeyKind::kApi, right::kAll)));
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> missed = 0;
  std::thread reader([&] {
    while (!stop) {
      if (!ring_.Find(KeyDigest("steady")).has_value()) ++missed;
    }
  });
  for (int i = 0; i < 300; ++i) {
    Take(Observation(KeyWith("key" + std::to_string(i), KeyKind::kApi, right::kAll)));
  }
  stop = true;
  reader.join();
  EXPECT_EQ(missed, uint64_t{0});
}

}  // namespace
}  // namespace conntrail
