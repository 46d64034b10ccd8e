#include "projections/evidence/signer.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "events/log/memory_log.h"
#include "projections/merkle/checkpoint.h"
#include "projections/projector.h"
#include "projections/store/memory_store.h"
#include "tests/projections/store/scratch_dir.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/manual_clock.h"

namespace conntrail {
namespace {

using ::testing::HasSubstr;

constexpr PartitionId kPartition{0};

// A log in memory and what it means, to be signed.
struct Deployment {
  ManualClock clock;
  MemoryLog log{1, clock, IdNamed("log")};
  MemoryStore store;

  void Append(const Event& event) {
    EXPECT_TRUE(log.Append(kPartition, event.org, EncodeEvent(event)).ok());
  }
  void Open() { Append(OfTheLog(OrgOpened{"Acme"}).Id("open")); }
  void Attempts(int from, int to, std::string_view by = "alice") {
    for (int i = from; i < to; ++i) {
      Append(Intent(by, ConnectionDeleted{}).Id("attempt " + std::to_string(i)));
    }
  }
  void Seal(std::vector<SignedHead> heads = {}) {
    clock.Pass(kSealIntervalMs);
    Append(OfTheLog(conntrail::Seal{std::move(heads)})
               .Org({})
               .Id("seal " + std::to_string(clock.Now())));
  }
  OrgView View() {
    const auto projector = Projector::Open(log, store, kPartition);
    EXPECT_TRUE(projector.ok() && (*projector)->CatchUp().ok());
    return *OrgView::OpenAt(store.NewSnapshot(), {kPartition, OrgSlot(1)});
  }
};

class SignerTest : public testing::Test {
 protected:
  SignerTest() { std::filesystem::create_directories(dir_ / "keys"); }
  std::unique_ptr<Signer> Open(Signer::Options options = {.name = "example.org/test"}) {
    auto signer = Signer::Open((dir_ / "").string(), std::move(options));
    EXPECT_TRUE(signer.ok()) << signer.status().ToString();
    return std::move(signer).value();
  }
  static Result<std::string> SignLast(Signer& signer, const OrgView& org) {
    OrgTree tree(org);
    return signer.Sign(tree, org, **tree.LastSealed());
  }
  std::string KeyPath() const { return (dir_ / "keys" / "evidence.key").string(); }

  const ScratchDir dir_;
};

TEST_F(SignerTest, SignsASealedHeadForWhoeverKnowsTheKey) {
  Deployment d;
  d.Open();
  d.Attempts(0, 5);
  d.Seal();
  d.Attempts(5, 8);
  const OrgView org = d.View();
  const auto signer = Open();
  const Result<std::string> note = SignLast(*signer, org);
  ASSERT_TRUE(note.ok()) << note.status().ToString();
  const merkle::VerifierKey key = signer->key().VerifierKeyOf(org.address());
  EXPECT_THAT(key.ToString(), testing::StartsWith("example.org/test/p0/o1+"));
  const auto checkpoint = merkle::OpenCheckpoint(*note, key);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status().ToString();
  EXPECT_EQ(checkpoint->origin, "example.org/test/p0/o1");
  EXPECT_EQ(checkpoint->size, 6u) << "what came after the seal is not in it";
  OrgTree tree(org);
  EXPECT_EQ(checkpoint->root, *merkle::RootAt(tree, 6));
  EXPECT_EQ(*SignLast(*signer, org), *note);
  EXPECT_EQ(*SignLast(*Open(), org), *note) << "another process says the same";
}

TEST_F(SignerTest, WhatWasSignedGoesIntoTheLogOnce) {
  Deployment d;
  d.Open();
  d.Seal();
  const auto signer = Open();
  ASSERT_TRUE(SignLast(*signer, d.View()).ok());
  ASSERT_TRUE(signer->HasUnlogged(kPartition));
  std::vector<SignedHead> heads = signer->TakeUnlogged(kPartition, 10);
  ASSERT_EQ(heads.size(), 1u);
  EXPECT_EQ(heads[0].slot, 1u);
  EXPECT_EQ(heads[0].size, 1u);
  signer->GiveBack(kPartition, heads);
  heads = signer->TakeUnlogged(kPartition, 10);
  EXPECT_FALSE(signer->HasUnlogged(kPartition));
  d.Seal(heads);
  const OrgView org = d.View();
  std::vector<TreeHead> logged;
  ASSERT_TRUE(ForEachLoggedHead(org.snapshot(), org.address(), [&](const TreeHead& head) {
                return logged.push_back(head), true;
              }).ok());
  ASSERT_EQ(logged.size(), 1u);
  EXPECT_EQ(logged[0].size, 1u);
  EXPECT_EQ(logged[0].root, heads[0].root);
  ASSERT_TRUE(SignLast(*signer, org).ok());
  EXPECT_FALSE(signer->HasUnlogged(kPartition)) << "the head has not changed";
}

TEST_F(SignerTest, ALogThatLostItsEndIsNotSigned) {
  Deployment before, after;
  for (Deployment* d : {&before, &after}) d->Open();
  before.Attempts(0, 5);
  after.Attempts(0, 3);
  for (Deployment* d : {&before, &after}) d->Seal();
  ASSERT_TRUE(SignLast(*Open(), before.View()).ok());
  const Result<std::string> refused = SignLast(*Open(), after.View());
  EXPECT_EQ(refused.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.status().message(), HasSubstr("a head of 6 records was signed"));
  EXPECT_THAT(refused.status().message(), HasSubstr("is shorter"));
}

TEST_F(SignerTest, ALogThatWasRewrittenIsNotSigned) {
  Deployment before, after;
  for (Deployment* d : {&before, &after}) d->Open();
  before.Attempts(0, 5);
  after.Attempts(0, 4);
  after.Attempts(4, 9, "mallory");
  for (Deployment* d : {&before, &after}) d->Seal();
  ASSERT_TRUE(SignLast(*Open(), before.View()).ok());
  EXPECT_THAT(SignLast(*Open(), after.View()).status().message(),
              HasSubstr("does not begin with it"));

  // Put back what was there, and it is signed on.
  Deployment restored;
  restored.Open();
  restored.Attempts(0, 9);
  restored.Seal();
  EXPECT_TRUE(SignLast(*Open(), restored.View()).ok());
}

TEST_F(SignerTest, AHeadThatAnotherMachineSaysToHaveSignedBindsThisOne) {
  Deployment d;
  d.Open();
  d.Seal();
  SignedHead other;
  other.slot = 1;
  other.size = 1;
  other.root[0] = 1;
  d.Seal({other});
  EXPECT_THAT(SignLast(*Open(), d.View()).status().message(), HasSubstr("does not begin with it"));
}

TEST_F(SignerTest, AnOlderHeadIsSignedIfItIsABeginning) {
  Deployment d;
  d.Open();
  d.Seal();
  d.Attempts(0, 5);
  d.Seal();
  const OrgView org = d.View();
  const auto signer = Open();
  OrgTree tree(org);
  ASSERT_TRUE(signer->Sign(tree, org, **tree.LastSealed()).ok());
  const auto first = *tree.SealedBy(0);
  EXPECT_TRUE(signer->Sign(tree, org, *first).ok());
  SealedHead wrong = *first;
  wrong.head.root[5] ^= 1;
  EXPECT_EQ(signer->Sign(tree, org, wrong).status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(SignerTest, TheKeyIsAFileThatOthersCannotReadAndKeepsItsName) {
  const auto signer = Open();
  struct stat facts = {};
  ASSERT_EQ(stat(KeyPath().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
  const auto again =
      Signer::Open((dir_ / "").string(), {.name = "elsewhere/x", .is_name_chosen = true});
  EXPECT_THAT(again.status().message(),
              HasSubstr("signs for example.org/test, not for elsewhere/x"));
  ASSERT_EQ(chmod(KeyPath().c_str(), 0640), 0);
  EXPECT_EQ(Signer::Open((dir_ / "").string(), {.name = "x"}).status().code(),
            StatusCode::kFailedPrecondition);
  ASSERT_EQ(chmod(KeyPath().c_str(), 0600), 0);
  // Any byte of it that is another makes it no key.
  std::string text;
  std::getline(std::ifstream(KeyPath()), text);
  for (size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    std::ofstream(KeyPath()) << damaged << "\n";
    EXPECT_EQ(EvidenceKey::Open(KeyPath()).status().code(), StatusCode::kCorruption) << damaged;
  }
  std::ofstream(KeyPath()) << text << "\n";
  EXPECT_TRUE(EvidenceKey::Open(KeyPath()).ok());
}

TEST_F(SignerTest, WhereItMayNotBeMadeAMissingKeyIsNotFound) {
  const auto signer = Signer::Open((dir_ / "").string(), {.name = "x", .may_create = false});
  EXPECT_EQ(signer.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(signer.status().message(), HasSubstr("copy it from another node"));
}

class SignedHeadsTest : public SignerTest {
 protected:
  std::string Path() const { return (dir_ / "signed-heads").string(); }
  static keys::OrgAddress Org(uint32_t slot) { return {kPartition, OrgSlot(slot)}; }
  static TreeHead Head(uint64_t size) {
    TreeHead head;
    head.size = size;
    head.root[3] = static_cast<uint8_t>(size);
    return head;
  }
};

TEST_F(SignedHeadsTest, OutliveTheProcessAndATornLine) {
  {
    const auto heads = *SignedHeads::Open(Path());
    ASSERT_TRUE(heads->Remember(Org(1), Head(5)).ok());
    ASSERT_TRUE(heads->Remember(Org(2), Head(6)).ok());
    ASSERT_TRUE(heads->Remember(Org(1), Head(7)).ok());
  }
  const auto size = std::filesystem::file_size(Path());
  std::ofstream(Path(), std::ios::app) << "p0 o1 9 AAAA";
  const auto heads = SignedHeads::Open(Path());
  ASSERT_TRUE(heads.ok()) << heads.status().ToString();
  EXPECT_EQ((*heads)->Last(Org(1)), Head(7));
  EXPECT_EQ((*heads)->Last(Org(2)), Head(6));
  EXPECT_EQ((*heads)->Last(Org(3)), std::nullopt);
  EXPECT_EQ(std::filesystem::file_size(Path()), size);
}

TEST_F(SignedHeadsTest, ADamagedLineIsNamed) {
  ASSERT_TRUE((*SignedHeads::Open(Path()))->Remember(Org(1), Head(5)).ok());
  std::string text;
  std::getline(std::ifstream(Path()), text);
  for (const char* damaged : {"", "p0 o1 5", "p0 o1 x AAAA", "q0 o1 5 AAAA", "p0 o1 5 AAAA"}) {
    std::ofstream(Path()) << text << "\n" << damaged << "\n";
    const auto heads = SignedHeads::Open(Path());
    EXPECT_EQ(heads.status().code(), StatusCode::kCorruption) << damaged;
    EXPECT_THAT(heads.status().message(), HasSubstr("line 2"));
  }
}

TEST_F(SignedHeadsTest, TheFileStaysShort) {
  {
    const auto heads = *SignedHeads::Open(Path());
    for (uint64_t size = 1; size < 20'000; ++size) {
      ASSERT_TRUE(heads->Remember(Org(size % 3), Head(size)).ok());
    }
  }
  EXPECT_LT(std::filesystem::file_size(Path()), size_t{1} << 20);
  EXPECT_EQ((*SignedHeads::Open(Path()))->Last(Org(19'999 % 3)), Head(19'999));
}

}  // namespace
}  // namespace conntrail
