#include "projections/data_directory.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events/event_codec.h"
#include "projections/rebuild.h"
#include "projections/state_digest.h"
#include "tests/projections/store/scratch_dir.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/varied_events.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr PartitionId kPartition{0};
constexpr const char* kDirVariable = "CONNTRAIL_DATA_DIRECTORY_TEST_DIR";

std::string Slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void Spill(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

std::vector<std::string> NamesIn(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class DataDirectoryTest : public testing::Test {
 protected:
  Result<std::unique_ptr<DataDirectory>> TryOpen(bool create = false) {
    messages_.clear();
    DataDirectory::Options options;
    options.create = create;
    options.clock = &clock_;
    options.diagnostics = [this](const std::string& message) { messages_.push_back(message); };
    options.store.write_buffer_bytes = 64 << 10;  // rows in many files
    return DataDirectory::Open(path(), options);
  }
  std::unique_ptr<DataDirectory> Open(bool create = false) {
    auto directory = TryOpen(create);
    EXPECT_TRUE(directory.ok()) << directory.status().ToString();
    return directory.ok() ? std::move(*directory) : nullptr;
  }
  std::string path() const { return (scratch_ / "data").string(); }
  fs::path At(const char* name) const { return fs::path(path()) / name; }

  // Makes the directory with that many records, caught up, closed; returns its digests.
  StateDigests Make(size_t records) {
    const auto directory = Open(true);
    VariedEvents events(17);
    AppendVariedEvents(events, records, directory->log(), clock_);
    EXPECT_EQ(directory->CatchUp().ToString(), "ok");
    return DigestsOf(*directory);
  }
  static StateDigests DigestsOf(DataDirectory& directory) {
    const auto digests = ComputeDigests(*directory.projection().store().NewSnapshot(), kPartition);
    EXPECT_TRUE(digests.ok()) << digests.status().ToString();
    return digests.ok() ? *digests : StateDigests{};
  }

  ScratchDir scratch_;
  ManualClock clock_;
  std::vector<std::string> messages_;
};

TEST_F(DataDirectoryTest, IsMadeOnlyWhereThatIsAskedFor) {
  EXPECT_EQ(TryOpen().status().code(), StatusCode::kNotFound);
  EXPECT_FALSE(fs::exists(path()));
  ASSERT_NE(Open(true), nullptr);
  EXPECT_EQ(Slurp(At("FORMAT")), "conntrail data directory 1\n");
  EXPECT_EQ(NamesIn(path()), (std::vector<std::string>{"FORMAT", "keys", "log", "projection"}));
  for (const fs::path& secret : {fs::path(path()), At("keys")}) {
    EXPECT_EQ(fs::status(secret).permissions() & (fs::perms::group_all | fs::perms::others_all),
              fs::perms::none)
        << secret;
  }
}

TEST_F(DataDirectoryTest, IsTheSameWhenItIsOpenedAgain) {
  const StateDigests digests = Make(800);
  for (int i = 0; i < 3; ++i) {
    const auto directory = Open(i == 1);
    EXPECT_EQ(directory->projection().projector().next(), Offset(800))
        << "nothing is to be caught up";
    EXPECT_EQ(DigestsOf(*directory), digests);
    EXPECT_THAT(messages_, testing::IsEmpty());
  }
}

TEST_F(DataDirectoryTest, OfAnotherLayoutIsRefused) {
  Make(10);
  for (const char* format :
       {"conntrail data directory 2\n", "", "conntrail data directory 1\n\n"}) {
    Spill(At("FORMAT"), format);
    const Status refused = TryOpen(true).status();
    EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
    EXPECT_THAT(refused.message(), HasSubstr("layout"));
    EXPECT_EQ(Slurp(At("FORMAT")), format);
  }
}

TEST_F(DataDirectoryTest, SomebodyElsesDirectoryIsLeftAlone) {
  fs::create_directories(path());
  Spill(At("thesis.tex"), "years of work");
  EXPECT_EQ(TryOpen(true).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(TryOpen(false).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(NamesIn(path()), std::vector<std::string>{"thesis.tex"});
}

TEST_F(DataDirectoryTest, CutOffWhileItIsMadeItIsMadeTheNextTime) {
  fs::create_directories(path());
  ASSERT_NE(Open(true), nullptr) << "an empty directory";
  for (const char* left : {"log", "projection", "keys", "FORMAT"}) {
    fs::remove_all(At(left));  // as if it had not come so far
    if (std::string_view(left) != "FORMAT") {
      ASSERT_NE(Open(true), nullptr) << "without " << left;
    }
  }
  fs::remove_all(path());
  fs::create_directories(path());
  Spill(At("FORMAT.unpublished"), "conntrail da");
  ASSERT_NE(Open(true), nullptr);
}

TEST_F(DataDirectoryTest, ATornTailOfTheLogIsToldAndCut) {
  const StateDigests digests = Make(300);
  for (const auto& entry : fs::directory_iterator(At("log"))) {
    if (entry.path().extension() == ".segment") {
      std::ofstream(entry.path(), std::ios::binary | std::ios::app) << std::string(21, 'x');
    }
  }
  const auto directory = Open();
  ASSERT_NE(directory, nullptr);
  EXPECT_THAT(messages_, testing::ElementsAre(HasSubstr("cut 21 bytes")));
  EXPECT_EQ(DigestsOf(*directory), digests);
}

TEST_F(DataDirectoryTest, ALostFingerprintKeyIsNotReplacedWithoutAWord) {
  { Open(true); }
  ASSERT_TRUE(fs::remove(At("keys/fingerprint.key")));
  { ASSERT_NE(Open(), nullptr) << "nothing was made with that key"; }
  Make(5);
  ASSERT_TRUE(fs::remove(At("keys/fingerprint.key")));
  const auto refused = TryOpen();
  ASSERT_EQ(refused.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.status().message(), HasSubstr("or from a backup"));
  EXPECT_FALSE(fs::exists(At("keys/fingerprint.key")));
}

TEST_F(DataDirectoryTest, NoOtherMayOpenItMeanwhile) {
  const auto directory = Open(true);
  EXPECT_EQ(TryOpen().status().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(directory->OpenOrg("Acme").ok());
}

// ---- damage

struct Damage {
  const char* what;
  std::function<void(const fs::path& projection)> inflict;
};

fs::path Some(const fs::path& projection, const std::string& part) {
  for (const auto& entry : fs::directory_iterator(projection)) {
    if (entry.path().filename().string().find(part) != std::string::npos) return entry.path();
  }
  ADD_FAILURE() << "there is no " << part;
  return {};
}

TEST_F(DataDirectoryTest, ADamagedProjectionIsThrownAwayAndMadeAgain) {
  const Damage kDamages[] = {
      {"a table is gone", [](const fs::path& p) { fs::remove(Some(p, ".sst")); }},
      {"a table is empty", [](const fs::path& p) { Spill(Some(p, ".sst"), ""); }},
      {"a table is cut",
       [](const fs::path& p) {
         const fs::path table = Some(p, ".sst");
         fs::resize_file(table, fs::file_size(table) / 2);
       }},
      {"the manifest is gone", [](const fs::path& p) { fs::remove(Some(p, "MANIFEST")); }},
      {"the manifest is cut",
       [](const fs::path& p) {
         const fs::path manifest = Some(p, "MANIFEST");
         fs::resize_file(manifest, fs::file_size(manifest) / 2);
       }},
      {"the manifest is noise",
       [](const fs::path& p) { Spill(Some(p, "MANIFEST"), std::string(5000, 'x')); }},
      {"CURRENT names nothing",
       [](const fs::path& p) { Spill(p / "CURRENT", "MANIFEST-999999\n"); }},
      {"CURRENT is noise", [](const fs::path& p) { Spill(p / "CURRENT", "noise"); }},
      {"CURRENT is empty", [](const fs::path& p) { Spill(p / "CURRENT", ""); }},
      {"CURRENT is gone", [](const fs::path& p) { fs::remove(p / "CURRENT"); }},
      {"it is not as far as it says",
       [](const fs::path& p) {
         const auto store = RocksDbStore::Open(p).value();
         ASSERT_TRUE(store->Write({}, kPartition, Offset(799)).ok());
         ASSERT_TRUE(store->Close().ok());
       }},
      {"everything in it is gone", [](const fs::path& p) {
         fs::remove_all(p);
         fs::create_directory(p);
       }}};
  const StateDigests digests = Make(800);
  for (const Damage& damage : kDamages) {
    SCOPED_TRACE(damage.what);
    damage.inflict(At("projection"));
    const auto directory = Open();
    ASSERT_NE(directory, nullptr);
    // To RocksDB a cut manifest is one of earlier, and a directory without CURRENT no store yet: in
    // both cases what is missing is replayed.
    const bool is_earlier = std::string_view(damage.what) == "the manifest is cut" ||
                            std::string_view(damage.what) == "CURRENT is gone" ||
                            std::string_view(damage.what) == "everything in it is gone";
    if (!is_earlier) {
      EXPECT_THAT(messages_, testing::ElementsAre(HasSubstr("thrown away")));
    }
    ASSERT_EQ(directory->CatchUp().ToString(), "ok");
    EXPECT_EQ(DigestsOf(*directory), digests);
  }
}

// Damage inside of a table's blocks is seen only by who reads them. It is never an answer.
TEST_F(DataDirectoryTest, RebuildMendsWhatOpenDoesNotSee) {
  const StateDigests digests = Make(3000);
  for (const auto& entry : fs::directory_iterator(At("projection"))) {
    if (entry.path().extension() != ".sst") continue;
    std::string bytes = Slurp(entry.path());
    for (size_t at = 100; at < bytes.size() / 2; at += 500) bytes[at] ^= 1;
    Spill(entry.path(), bytes);
  }
  const auto directory = Open();
  ASSERT_NE(directory, nullptr);
  const auto damaged = ComputeDigests(*directory->projection().store().NewSnapshot(), kPartition);
  if (messages_.empty()) {
    EXPECT_EQ(damaged.status().code(), StatusCode::kCorruption);
  }
  ASSERT_EQ(directory->Rebuild().ToString(), "ok");
  EXPECT_EQ(DigestsOf(*directory), digests);
}

TEST_F(DataDirectoryTest, AProjectionOfAnotherLogIsNotThrownAway) {
  Make(50);
  fs::rename(At("log"), scratch_ / "log");
  const Status status = TryOpen().status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(fs::exists(At("projection")));
}

// ---- rebuild

TEST_F(DataDirectoryTest, RebuildKeepsTheDigests) {
  const StateDigests digests = Make(1500);
  const auto directory = Open();
  for (int i = 0; i < 3; ++i) {
    uint64_t told = 0;
    ASSERT_EQ(directory->Rebuild([&](uint64_t next, uint64_t) { told = next; }).ToString(), "ok");
    EXPECT_EQ(told, 1500);
    EXPECT_EQ(DigestsOf(*directory), digests);
    EXPECT_EQ(directory->projection().projector().next(), Offset(1500));
    EXPECT_EQ(NamesIn(path()), (std::vector<std::string>{"FORMAT", "keys", "log", "projection"}));
  }
  EXPECT_TRUE(directory->OpenOrg("Gamma").ok()) << "it goes on from there";
}

TEST_F(DataDirectoryTest, ARebuildOfWhatIsNotCaughtUpIsWhole) {
  const StateDigests digests = Make(700);
  fs::remove_all(At("projection"));
  const auto directory = Open();
  ASSERT_EQ(directory->Rebuild().ToString(), "ok");
  EXPECT_EQ(DigestsOf(*directory), digests);
}

class CutOffRebuild : public DataDirectoryTest {
 protected:
  void SetUp() override {
    digests_ = Make(600);
    const auto directory = Open();
    ASSERT_TRUE(
        BuildProjection(directory->log(), kPartition, At("projection.building"), {}, nullptr).ok());
  }
  // Opens it: everything is there without a replay, and nothing lies around.
  void ExpectMended() {
    const auto directory = Open();
    ASSERT_NE(directory, nullptr);
    EXPECT_EQ(directory->projection().projector().next(), Offset(600))
        << "made again from the beginning";
    EXPECT_EQ(DigestsOf(*directory), digests_);
    EXPECT_EQ(NamesIn(path()), (std::vector<std::string>{"FORMAT", "keys", "log", "projection"}));
  }
  StateDigests digests_;
};

TEST_F(CutOffRebuild, BeforeAnythingWasMovedIsForgotten) { ExpectMended(); }

TEST_F(CutOffRebuild, InTheMiddleOfTheBuildingIsForgotten) {
  fs::remove(At("projection.building") / "CURRENT");
  ExpectMended();
}

TEST_F(CutOffRebuild, BetweenTheTwoMovesIsFinished) {
  fs::rename(At("projection"), At("projection.before"));
  ExpectMended();
}

TEST_F(CutOffRebuild, BetweenTheTwoMovesWithoutTheNewOneKeepsTheOldOne) {
  fs::rename(At("projection"), At("projection.before"));
  fs::remove_all(At("projection.building"));
  ExpectMended();
}

TEST_F(CutOffRebuild, BeforeTheOldOneIsRemovedIsFinished) {
  fs::rename(At("projection"), At("projection.before"));
  fs::rename(At("projection.building"), At("projection"));
  ExpectMended();
}

// Plays the process that is killed: it rebuilds until then.
TEST(DataDirectoryChild, DISABLED_RebuildsForEver) {
  const char* path = std::getenv(kDirVariable);
  ASSERT_NE(path, nullptr) << "this test plays a part in another one; it does not run alone";
  const auto directory = DataDirectory::Open(path, {});
  ASSERT_TRUE(directory.ok()) << directory.status().ToString();
  for (;;) ASSERT_EQ((*directory)->Rebuild().ToString(), "ok");
}

TEST_F(DataDirectoryTest, AKillInTheMiddleOfARebuildLosesNothing) {
  const StateDigests digests = Make(600);
  std::random_device device;
  const unsigned seed = device();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  ::setenv(kDirVariable, path().c_str(), 1);
  const std::string program = fs::read_symlink("/proc/self/exe");
  for (int i = 0; i < 20; ++i) {
    const char* arguments[] = {program.c_str(),
                               "--gtest_filter=DataDirectoryChild.DISABLED_RebuildsForEver",
                               "--gtest_also_run_disabled_tests", "--gtest_brief=1", nullptr};
    pid_t child = -1;
    ASSERT_EQ(::posix_spawn(&child, program.c_str(), nullptr, nullptr,
                            const_cast<char* const*>(arguments), environ),
              0);
    std::this_thread::sleep_for(std::chrono::milliseconds(30 + random() % 300));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status;
    const auto directory = Open();
    ASSERT_NE(directory, nullptr);
    ASSERT_EQ(directory->CatchUp().ToString(), "ok");
    ASSERT_EQ(DigestsOf(*directory), digests);
    ASSERT_EQ(NamesIn(path()), (std::vector<std::string>{"FORMAT", "keys", "log", "projection"}));
  }
}

// ---- orgs and events

TEST_F(DataDirectoryTest, AnOrgIsOpenedOnceAndHasTheSameIdEverywhere) {
  OrgId id;
  {
    const auto directory = Open(true);
    EXPECT_EQ(directory->View("Acme").status().code(), StatusCode::kNotFound);
    id = directory->OpenOrg("Acme").value();
    EXPECT_EQ(directory->OpenOrg("Acme").value(), id);
    EXPECT_NE(directory->OpenOrg("acme").value(), id);
    EXPECT_EQ(directory->View("Acme")->state().id, id);
    EXPECT_EQ(directory->log().End(kPartition).value(), Offset(2)) << "one record an org";
  }
  EXPECT_EQ(Open()->OpenOrg("Acme").value(), id);
  fs::remove_all(path());
  EXPECT_EQ(Open(true)->OpenOrg("Acme").value(), id);
}

// The record is in the log, and the process ends before it is applied.
TEST_F(DataDirectoryTest, AnOrgWhoseOpeningIsNotYetAppliedIsOpen) {
  const OrgId id = Open(true)->OpenOrg("Acme").value();
  fs::remove_all(At("projection"));
  const auto again = Open()->OpenOrg("Acme");
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(*again, id);
}

TEST_F(DataDirectoryTest, AnOrgIsOpenedByItsNameAndNotByAnothersId) {
  const auto directory = Open(true);
  const OrgId acme = directory->OpenOrg("Acme").value();
  EXPECT_NE(directory->OpenOrg(acme.ToString()).value(), acme);
  for (const std::string& name : {std::string(), std::string("_system"), std::string(256, 'x')}) {
    EXPECT_EQ(directory->OpenOrg(name).status().code(), StatusCode::kInvalidArgument) << name;
  }
  EXPECT_TRUE(directory->OpenOrg(std::string(255, 'x')).ok());
}

TEST_F(DataDirectoryTest, SubmitTellsWhatBecameOfTheEvent) {
  const auto directory = Open(true);
  EXPECT_EQ(directory->Submit(OfTheLog(OrgOpened{"Acme"}))->line.verdict, Verdict::kApplied);
  const Event create = Intent("alice", Create("pager"));
  const FoldedRecord created = directory->Submit(create).value();
  EXPECT_EQ(created.line.verdict, Verdict::kApplied);
  EXPECT_EQ(created.offset, Offset(1));
  EXPECT_EQ(created.org, Acme());
  EXPECT_EQ(created.slot, 1u);
  EXPECT_EQ(created.line.revision, Revision(1));
  const FoldedRecord again = directory->Submit(create).value();
  EXPECT_EQ(again.line.verdict, Verdict::kDuplicate);
  EXPECT_EQ(again.first, OrgIndex(1));
  const FoldedRecord denied = directory->Submit(Intent("bob", Delete("pager"))).value();
  EXPECT_EQ(denied.line.reason, Reason::kEditorRequired);
  const Event elsewhere = Intent("alice", Create("pager")).Org(OrgNamed("nowhere"));
  EXPECT_EQ(directory->Submit(elsewhere)->line.verdict, Verdict::kMisrouted);
}

TEST_F(DataDirectoryTest, SubmitAnswersForItsOwnEventWhateverElseIsToBeApplied) {
  const auto directory = Open(true);
  ASSERT_TRUE(directory->Submit(OfTheLog(OrgOpened{"Acme"})).ok());
  for (int i = 0; i < 2500; ++i) {  // more than one batch
    const Event event = Intent("alice", Create("c" + std::to_string(i)));
    ASSERT_TRUE(directory->log().Append(kPartition, event.org, EncodeEvent(event)).ok());
  }
  const Event event = Intent("alice", Create("pager"));
  const FoldedRecord folded = directory->Submit(event).value();
  EXPECT_EQ(folded.offset, Offset(2501));
  EXPECT_EQ(folded.line.event, event.id);
}

TEST_F(DataDirectoryTest, SubmitLeavesAListenerInPlace) {
  const auto directory = Open(true);
  size_t heard = 0;
  directory->projection().projector().set_listener(
      [&](const std::vector<FoldedRecord>& folded) { heard += folded.size(); });
  ASSERT_TRUE(directory->OpenOrg("one").ok());
  ASSERT_TRUE(directory->OpenOrg("two").ok());
  EXPECT_EQ(heard, 2);
}

TEST_F(DataDirectoryTest, AnEventThatIsTooLargeIsRefusedAndNotRecorded) {
  const auto directory = Open(true);
  ConnectionCreated created = Create("pager");
  for (int i = 0; i < 20; ++i) {
    SetField(created.fields, "field " + std::to_string(i), std::string(4000, 'x'));
  }
  const auto refused = directory->Submit(Intent("alice", created));
  EXPECT_EQ(refused.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(directory->log().End(kPartition).value(), Offset(0));
}

}  // namespace
}  // namespace conntrail
