#include "projections/replay/blue_green.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "projections/data_directory.h"
#include "projections/replay/replay_place.h"
#include "tests/projections/replay/sealed_history.h"
#include "tests/projections/store/scratch_dir.h"
#include "tests/support/varied_events.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr PartitionId kPartition{0};
constexpr const char* kDirVariable = "CONNTRAIL_BLUE_GREEN_TEST_DIR";

class BlueGreenTest : public testing::Test {
 protected:
  std::string path() const { return (scratch_ / "data").string(); }
  fs::path At(const char* name) const { return fs::path(path()) / name; }
  fs::path Serving() const { return At("projection"); }

  std::unique_ptr<DataDirectory> Open(bool projects = true, bool create = false) {
    DataDirectory::Options options;
    options.create = create;
    options.clock = &clock_;
    if (!projects) options.partitions.emplace();
    auto directory = DataDirectory::Open(path(), options);
    EXPECT_TRUE(directory.ok()) << directory.status().ToString();
    return directory.ok() ? std::move(*directory) : nullptr;
  }
  void Append(DataDirectory& directory, size_t records) {
    AppendVariedEvents(events_, records, directory.log(), clock_);
    clock_.Pass(kSealIntervalMs);
    const Event seal = OfTheLog(Seal{}).Org({}).Id("seal " + std::to_string(clock_.Now()));
    ASSERT_TRUE(directory.log().Append(kPartition, {}, EncodeEvent(seal)).ok());
  }
  StateDigests Make(size_t records) {
    const auto directory = Open(true, true);
    Append(*directory, records);
    EXPECT_EQ(directory->CatchUp().ToString(), "ok");
    return directory->Digests().value();
  }
  // What is served after an opening: caught up.
  StateDigests Served() {
    const auto directory = Open();
    EXPECT_EQ(directory->CatchUp().ToString(), "ok");
    return directory->Digests().value();
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path())) {
      const std::string name = entry.path().filename();
      if (name.starts_with("projection")) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  // A store that is told from others by a file.
  static void Mark(const fs::path& store, const char* mark) {
    std::ofstream(store / ("LOG.mark." + std::string(mark))) << mark;
  }
  static bool IsMarked(const fs::path& store, const char* mark) {
    return fs::exists(store / ("LOG.mark." + std::string(mark)));
  }

  ScratchDir scratch_;
  ManualClock clock_;
  VariedEvents events_{41};
};

TEST_F(BlueGreenTest, ABuiltProjectionIsComparedSwitchedAndKept) {
  const StateDigests digests = Make(900);
  Mark(Serving(), "old");
  {
    const auto directory = Open(false);
    BlueGreen change(directory->log(), kPartition, Serving(), {});
    ASSERT_EQ(change.Open().ToString(), "ok");
    const auto report = change.Build(false);
    ASSERT_TRUE(report.ok()) << report.status().ToString();
    EXPECT_TRUE(report->agrees());
    EXPECT_EQ(report->unreadable, "");
    EXPECT_EQ(report->next, 901u);
    ASSERT_TRUE(report->comparison.common);
    EXPECT_EQ(report->comparison.digests, digests);
    EXPECT_TRUE(IsMarked(Serving(), "old")) << "it serves until it is switched";
    ASSERT_EQ(change.Switch(true).ToString(), "ok");
  }
  EXPECT_FALSE(IsMarked(Serving(), "old"));
  EXPECT_TRUE(IsMarked(At("projection.kept"), "old"));
  EXPECT_EQ(Served(), digests);
  EXPECT_EQ(Names(), (std::vector<std::string>{"projection", "projection.kept"}))
      << "what is kept is kept through openings";
}

TEST_F(BlueGreenTest, ReturningGoesBackAndCatchesUpAndForthAgain) {
  Make(500);
  Mark(Serving(), "old");
  {
    const auto directory = Open(false);
    BlueGreen change(directory->log(), kPartition, Serving(), {});
    ASSERT_TRUE(change.Open().ok() && change.Build(false).ok() && change.Switch(true).ok());
    Append(*directory, 300);
  }
  const StateDigests digests = Served();
  for (const bool old_serves : {true, false, true}) {
    const auto directory = Open(false);
    BlueGreen change(directory->log(), kPartition, Serving(), {});
    ASSERT_EQ(change.Open().ToString(), "ok");
    const auto report = change.OpenKept();
    ASSERT_TRUE(report.ok()) << report.status().ToString();
    EXPECT_EQ(report->next, 802u) << "caught up";
    EXPECT_TRUE(report->agrees()) << report->comparison.difference->ToString();
    ASSERT_EQ(change.Return().ToString(), "ok");
    EXPECT_EQ(IsMarked(Serving(), "old"), old_serves);
    EXPECT_EQ(IsMarked(At("projection.kept"), "old"), !old_serves);
  }
  EXPECT_EQ(Served(), digests);
}

TEST_F(BlueGreenTest, WhereNoneIsKeptNobodyReturns) {
  Make(10);
  const auto directory = Open(false);
  BlueGreen change(directory->log(), kPartition, Serving(), {});
  ASSERT_TRUE(change.Open().ok());
  EXPECT_EQ(change.OpenKept().status().code(), StatusCode::kNotFound);
}

TEST_F(BlueGreenTest, WithoutKeepingTheOldOneIsGone) {
  Make(100);
  const auto directory = Open(false);
  for (const bool keeps : {true, false}) {
    BlueGreen change(directory->log(), kPartition, Serving(), {});
    ASSERT_TRUE(change.Open().ok() && change.Build(false).ok());
    ASSERT_EQ(change.Switch(keeps).ToString(), "ok");
  }
  EXPECT_EQ(Names(), std::vector<std::string>{"projection"});
}

TEST_F(BlueGreenTest, ADryRunLeavesAllAsItWas) {
  const StateDigests digests = Make(100);
  Mark(Serving(), "old");
  {
    const auto directory = Open(false);
    BlueGreen change(directory->log(), kPartition, Serving(), {});
    ASSERT_TRUE(change.Open().ok() && change.Build(false).ok());
    ASSERT_TRUE(change.Forget().ok());
  }
  EXPECT_TRUE(IsMarked(Serving(), "old"));
  EXPECT_EQ(Names(), std::vector<std::string>{"projection"});
  EXPECT_EQ(Served(), digests);
}

TEST_F(BlueGreenTest, AServingOneThatIsWrongIsNamed) {
  Make(700);
  {
    const auto store = RocksDbStore::Open(Serving()).value();
    const uint64_t last = (*LastSeal(*store->NewSnapshot(), kPartition))->number;
    FlipBit(*store, kPartition, Family::kEvidence, keys::SealRow(kPartition, last), 8 * 25);
  }
  const auto directory = Open(false);
  BlueGreen change(directory->log(), kPartition, Serving(), {});
  ASSERT_TRUE(change.Open().ok());
  const auto report = change.Build(false);
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  ASSERT_FALSE(report->agrees());
  EXPECT_EQ(report->comparison.difference->what, "the heads root");
}

TEST_F(BlueGreenTest, AServingOneThatCannotBeReadIsSaidToBeAndKeptAsItIs) {
  const StateDigests digests = Make(200);
  // As a build without the family of evidence left it: what is of no use to us is not touched.
  const fs::path current = Serving() / "CURRENT";
  fs::permissions(current, fs::perms::owner_all);
  std::ofstream(current) << "MANIFEST-999999\n";
  Mark(Serving(), "old");
  {
    const auto directory = Open(false);
    BlueGreen change(directory->log(), kPartition, Serving(), {});
    ASSERT_EQ(change.Open().ToString(), "ok");
    const auto report = change.Build(false);
    ASSERT_TRUE(report.ok()) << report.status().ToString();
    EXPECT_THAT(report->unreadable, HasSubstr("cannot be read"));
    EXPECT_TRUE(report->agrees()) << "there is nothing to compare with";
    EXPECT_EQ(report->comparison.digests, digests);
    ASSERT_EQ(change.Switch(true).ToString(), "ok");
  }
  EXPECT_EQ(Served(), digests);
  EXPECT_TRUE(IsMarked(At("projection.kept"), "old"));
  const auto directory = Open(false);
  BlueGreen change(directory->log(), kPartition, Serving(), {});
  ASSERT_EQ(change.Open().ToString(), "ok");
  EXPECT_EQ(change.OpenKept().status().code(), StatusCode::kFailedPrecondition);
  ASSERT_EQ(change.Return().ToString(), "ok") << "for the build that made it";
  EXPECT_TRUE(IsMarked(Serving(), "old"));
}

// ---- crashes between two renames: each moment, by hand

TEST_F(BlueGreenTest, ACrashBetweenAnyTwoRenamesLosesNeitherStore) {
  const char* const kSuffixes[] = {"", ".building", ".kept", ".before", ".discarded", ".returning"};
  struct Moment {
    const char* what;
    // What is under each of the names above: 's'erving, 'b'uilt, 'k'ept, or nothing.
    const char* there;
    char serves;  // after mending
    char kept;    // ' ': none
  };
  const Moment kMoments[] = {
      {"a switch: nothing moved", "sbk   ", 's', 'k'},
      {"a switch: the kept one aside", "sb  k ", 's', 'k'},
      {"a switch: the old one is kept", " bs k ", 'b', 's'},
      {"a switch: the new one serves", "b s k ", 'b', 's'},
      {"a first switch: the old one is kept", " bs   ", 'b', 's'},
      {"a return: nothing moved", "s k   ", 's', 'k'},
      {"a return: the serving one aside", "  k  s", 's', 'k'},
      {"a return: the kept one serves", "k    s", 'k', 's'},
      {"a rebuild: the old one aside", " b s  ", 'b', ' '},
      {"a rebuild: the new one serves", "b  s  ", 'b', ' '},
      {"a rebuild beside a kept one: the old one aside", " bks  ", 'b', 'k'},
      {"the kept one is about to be removed", "s  k  ", 's', ' '},
  };
  for (const Moment& moment : kMoments) {
    SCOPED_TRACE(moment.what);
    fs::remove_all(path());
    for (size_t i = 0; i < 6; ++i) {
      if (moment.there[i] == ' ') continue;
      const fs::path place = Serving().string() + kSuffixes[i];
      fs::create_directories(place);
      std::ofstream(place / "which") << moment.there[i];
    }
    const ProjectionPlaces places(Serving());
    for (int twice = 0; twice < 2; ++twice) ASSERT_EQ(places.Mend().ToString(), "ok");
    const auto which = [](const fs::path& place) {
      std::ifstream file(place / "which");
      const int c = file.get();
      return file ? static_cast<char>(c) : ' ';
    };
    EXPECT_EQ(which(Serving()), moment.serves);
    EXPECT_EQ(which(places.kept()), moment.kept);
    EXPECT_EQ(Names().size(), moment.kept == ' ' ? 1u : 2u);
  }
}

// ---- and by kill -9

TEST(BlueGreenChild, DISABLED_SwitchesAndReturnsForEver) {
  const char* path = std::getenv(kDirVariable);
  ASSERT_NE(path, nullptr) << "this test plays a part in another one; it does not run alone";
  DataDirectory::Options options;
  options.partitions.emplace();
  const auto directory = DataDirectory::Open(path, options);
  ASSERT_TRUE(directory.ok()) << directory.status().ToString();
  const fs::path serving = DataDirectory::PlaceOf(path, kPartition);
  for (uint64_t round = 0;; ++round) {
    BlueGreen change((*directory)->log(), kPartition, serving, {});
    ASSERT_EQ(change.Open().ToString(), "ok");
    if (round % 3 == 2 && change.HasKept()) {
      const auto report = change.OpenKept();
      ASSERT_TRUE(report.ok()) << report.status().ToString();
      ASSERT_TRUE(report->agrees());
      ASSERT_EQ(change.Return().ToString(), "ok");
    } else {
      const auto report = change.Build(false);
      ASSERT_TRUE(report.ok()) << report.status().ToString();
      ASSERT_TRUE(report->agrees());
      ASSERT_EQ(change.Switch(round % 5 != 4).ToString(), "ok");
    }
  }
}

TEST_F(BlueGreenTest, AKillInTheMiddleOfASwitchOrAReturnLosesNothing) {
  const StateDigests digests = Make(400);
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  ::setenv(kDirVariable, path().c_str(), 1);
  const std::string program = fs::read_symlink("/proc/self/exe");
  int kept_seen = 0;
  for (int i = 0; i < 25; ++i) {
    const char* arguments[] = {program.c_str(),
                               "--gtest_filter=BlueGreenChild.DISABLED_SwitchesAndReturnsForEver",
                               "--gtest_also_run_disabled_tests", "--gtest_brief=1", nullptr};
    pid_t child = -1;
    ASSERT_EQ(::posix_spawn(&child, program.c_str(), nullptr, nullptr,
                            const_cast<char* const*>(arguments), environ),
              0);
    std::this_thread::sleep_for(std::chrono::milliseconds(30 + random() % 400));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status;
    ASSERT_EQ(Served(), digests);
    const auto names = Names();
    ASSERT_EQ(names[0], "projection");
    ASSERT_LE(names.size(), 2u);
    if (names.size() == 1) continue;
    ++kept_seen;
    ASSERT_EQ(names[1], "projection.kept");
    const auto directory = Open(false);
    BlueGreen change(directory->log(), kPartition, Serving(), {});
    ASSERT_TRUE(change.Open().ok());
    const auto report = change.OpenKept();
    ASSERT_TRUE(report.ok()) << report.status().ToString();
    ASSERT_TRUE(report->agrees()) << "what is kept is whole";
  }
  EXPECT_GT(kept_seen, 0);
}

// ---- the place of a replay

TEST_F(BlueGreenTest, AReplaysPlaceIsForOneLogAndOneBuild) {
  const fs::path place = scratch_ / "work";
  ASSERT_EQ(TakeReplayPlace(place, Uuid{1, 2}, "build a").ToString(), "ok");
  ASSERT_EQ(TakeReplayPlace(place, Uuid{1, 2}, "build a").ToString(), "ok");
  EXPECT_THAT(TakeReplayPlace(place, Uuid{1, 3}, "build a").message(), HasSubstr("line 2 must be"));
  EXPECT_THAT(TakeReplayPlace(place, Uuid{1, 2}, "build b").message(), HasSubstr("line 3 must be"));
  std::ifstream in(place / "replay");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  for (size_t size = 0; size < text.size(); ++size) {
    std::ofstream(place / "replay", std::ios::trunc) << text.substr(0, size);
    EXPECT_EQ(TakeReplayPlace(place, Uuid{1, 2}, "build a").code(), StatusCode::kFailedPrecondition)
        << "cut off at " << size;
  }
  for (size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string bad = text;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    std::ofstream(place / "replay", std::ios::trunc) << bad;
    ASSERT_FALSE(TakeReplayPlace(place, Uuid{1, 2}, "build a").ok()) << "bit " << bit;
  }
  fs::create_directories(scratch_ / "thesis");
  std::ofstream(scratch_ / "thesis" / "chapter") << "years of work";
  EXPECT_THAT(TakeReplayPlace(scratch_ / "thesis", Uuid{1, 2}, "build a").message(),
              HasSubstr("is not empty"));
}

}  // namespace
}  // namespace conntrail
