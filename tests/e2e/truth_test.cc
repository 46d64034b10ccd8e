// Real history, imported, against an independently computed truth.

#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events/event_codec.h"
#include "events/log/embedded_log.h"
#include "projections/data_directory.h"
#include "projections/store/memory_store.h"
#include "tests/e2e/truth_states.h"
#include "tests/tools/conntrail/import/scratch.h"
#include "tools/conntrail/import/importer.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};
constexpr char kOrg[] = "jenkins";
constexpr char kProducer[] = "import:jenkins";

ImportOptions RealImport() {
  ImportOptions options;
  options.org = kOrg;
  options.file = TruthFolder() / "jenkins-permissions.jsonl.gz";
  options.uses_file = TruthFolder() / "jenkins-uses.jsonl.gz";
  return options;
}

std::unique_ptr<DataDirectory> OpenDirectory(const std::string& path) {
  DataDirectory::Options options;
  options.create = true;
  Result<std::unique_ptr<DataDirectory>> directory = DataDirectory::Open(path, options);
  if (!directory.ok()) {
    ADD_FAILURE() << directory.status().ToString();
    return nullptr;
  }
  return std::move(*directory);
}

// The numbers that the producer's records in the trail have, sorted.
std::vector<uint64_t> NumbersInTrail(const OrgView& org, std::string_view producer) {
  std::vector<uint64_t> numbers;
  const auto rows = org.snapshot().NewIterator(Family::kTrail);
  const std::string prefix = keys::TrailPrefix(org.address());
  for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    TrailRow row;
    EXPECT_TRUE(ReadTrailRow(rows->key(), rows->value(), row).ok());
    const DecodedEvent decoded = DecodeEvent(AsBytes(row.event), DecodeDepth::kDecisive);
    if (decoded.event.producer == producer) numbers.push_back(*decoded.event.producer_sequence);
  }
  EXPECT_TRUE(rows->status().ok());
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<uint64_t> NumbersTo(uint64_t last) {
  std::vector<uint64_t> numbers;
  for (uint64_t number = 1; number <= last; ++number) numbers.push_back(number);
  return numbers;
}

class Truth : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path file = TruthFolder() / "jenkins-truth.jsonl.gz";
    if (!std::filesystem::exists(file)) {
      GTEST_SKIP() << "THE REAL DATA IS NOT THERE: nothing was compared with the truth. "
                      "CONNTRAIL_DATA_DIR names its folder; there is no "
                   << file.string();
    }
    truth_ = ReadTruth(file);
    ASSERT_FALSE(truth_.empty());
  }

  // Imports what is not there yet.
  ImportSummary ImportAll(DataDirectory& directory) {
    Result<ImportSummary> summary = Import(&directory, RealImport());
    EXPECT_TRUE(summary.ok()) << summary.status().ToString();
    return summary.ok() ? std::move(*summary) : ImportSummary();
  }

  // Compares as-of answers at every sample: the digest, and where there is one the full state.
  void CompareAsOf(const OrgView& org) {
    int mismatches = 0;
    int field_by_field = 0;
    for (const TruthSample& sample : truth_) {
      Moment moment{.kind = Moment::Kind::kSequence, .sequence = sample.sequence};
      moment.producer = kProducer;
      const Result<Place> place = org.Resolve(moment);
      ASSERT_TRUE(place.ok()) << place.status().ToString();
      EXPECT_EQ(place->time_ms, sample.recorded_at_ms) << "seq " << sample.sequence;
      const TruthStates states = StatesAt(org, *place);
      const bool same = states.size() == sample.connections && DigestOf(states) == sample.digest;
      mismatches += same ? 0 : 1;
      if (!sample.states) continue;
      ++field_by_field;
      for (const std::string& line : Differences(*sample.states, states)) {
        ADD_FAILURE() << "seq " << sample.sequence << ": " << line;
      }
    }
    EXPECT_EQ(mismatches, 0);
    EXPECT_GT(field_by_field, 0);
    std::printf("as of: %zu samples, %d mismatches; %d of them field by field\n", truth_.size(),
                mismatches, field_by_field);
  }

  Scratch scratch_;
  std::vector<TruthSample> truth_;
};

TEST_F(Truth, AsOfAnswersAgreeAtEverySampledTransaction) {
  const std::unique_ptr<DataDirectory> directory = OpenDirectory(scratch_ / "d");
  ASSERT_NE(directory, nullptr);
  const ImportSummary summary = ImportAll(*directory);
  std::printf("imported %lu of %lu lines in %.2f s (%.0f/s), %lu gaps, %lu late\n",
              summary.appended, summary.lines, summary.seconds, summary.records_per_second(),
              summary.gaps, summary.late);
  EXPECT_EQ(summary.refused, 0u);
  EXPECT_EQ(summary.appended, summary.lines);
  EXPECT_EQ(summary.gaps, 0u);
  EXPECT_EQ(summary.producer_gaps, 0u);
  EXPECT_EQ(summary.late, 0u) << "the org's time axis must be its source's";

  const Result<OrgView> org = directory->View(kOrg);
  ASSERT_TRUE(org.ok()) << org.status().ToString();
  CompareAsOf(*org);
}

TEST_F(Truth, FoldingOnlyUpToEachSampleGivesItsState) {
  const std::unique_ptr<DataDirectory> directory = OpenDirectory(scratch_ / "d");
  ASSERT_NE(directory, nullptr);
  (void)ImportAll(*directory);
  EventLog& log = directory->log();
  MemoryStore store;
  RecordFolder folder(kPartition, log.log_id(), &store, {});
  ASSERT_TRUE(folder.Load().ok());

  auto sample = truth_.begin();
  int mismatches = 0;
  WriteBatch batch;
  Offset next(0);
  while (sample != truth_.end() && next < *log.End(kPartition)) {
    const Result<ReadBatch> read = log.Read(kPartition, next, 1 << 20);
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    for (const LogRecord& record : read->records) {
      ASSERT_TRUE(folder.Fold(record, batch).ok());
      next = record.offset.Next();
      const Event event = DecodeEvent(record.payload, DecodeDepth::kDecisive).event;
      const bool at_sample = sample != truth_.end() && event.producer == kProducer &&
                             event.producer_sequence == sample->sequence;
      if (!at_sample) continue;
      folder.WriteState(batch);
      ASSERT_TRUE(store.Write(batch, kPartition, next).ok());
      batch.Clear();
      const Result<OrgView> org = OrgView::Open(store.NewSnapshot(), kPartition, kOrg);
      ASSERT_TRUE(org.ok()) << org.status().ToString();
      const TruthStates states = StatesAt(*org, *org->Resolve(Moment::Now()));
      const bool same = states.size() == sample->connections && DigestOf(states) == sample->digest;
      mismatches += same ? 0 : 1;
      ++sample;
    }
  }
  EXPECT_EQ(sample, truth_.end()) << "not every sample was reached";
  EXPECT_EQ(mismatches, 0);
  std::printf("folded up to there: %zu samples, %d mismatches\n", truth_.size(), mismatches);
}

TEST_F(Truth, UsesAreCountedAsTheirSourceCountsThem) {
  const std::unique_ptr<DataDirectory> directory = OpenDirectory(scratch_ / "d");
  ASSERT_NE(directory, nullptr);
  (void)ImportAll(*directory);
  const Result<OrgView> org = directory->View(kOrg);
  ASSERT_TRUE(org.ok()) << org.status().ToString();
  uint64_t uses = 0;
  uint64_t automatic = 0;
  uint64_t known = 0;
  uint64_t without_grant = 0;
  std::set<ConnectionId> used;
  const auto count = [&](const Entity& e) {
    const ConnectionId id = std::get<Connection>(e).id;
    const Result<std::vector<Use>> rows = org->UsesOf(id);
    EXPECT_TRUE(rows.ok()) << rows.status().ToString();
    if (!rows.ok()) return false;
    for (const Use& use : *rows) {
      used.insert(id);
      uses += use.count;
      automatic += use.automatic;
      known += use.principal ? use.count : 0;
      without_grant += use.without_grant;
    }
    return true;
  };
  ASSERT_TRUE(
      org->ForEachEntity(EntityKind::kConnection, *org->Resolve(Moment::Now()), count).ok());
  std::printf(
      "%lu uses of %zu connections: %lu automatic, %lu by a known principal, of these %lu "
      "without a grant\n",
      uses, used.size(), automatic, known, without_grant);
  EXPECT_EQ(uses, 4017u);
  EXPECT_EQ(used.size(), 51u);
  EXPECT_EQ(automatic, 1429u);
  EXPECT_EQ(known, 2327u);
  EXPECT_EQ(without_grant, 126u);
}

// What this program does as `conntrail_truth_tests --import DIRECTORY`: an import in a process of
// its own, to be killed. Writes a byte to its output after each group that is appended and applied.
int ImportAsProcess(const std::string& path) {
  Result<std::unique_ptr<DataDirectory>> directory = DataDirectory::Open(path, {.create = true});
  if (!directory.ok()) {
    std::fprintf(stderr, "%s\n", directory.status().ToString().c_str());
    return 2;
  }
  ImportOptions options = RealImport();
  options.group_records_max = 200;
  const Result<ImportSummary> summary =
      Import(directory->get(), options,
             [](const ImportProgress&) { (void)!write(STDOUT_FILENO, ".", 1); });
  if (!summary.ok()) std::fprintf(stderr, "%s\n", summary.status().ToString().c_str());
  return summary.ok() ? 0 : 1;
}

// When a process is killed: so many microseconds after its `groups`th group.
struct Blow {
  int groups = 0;
  unsigned then_us = 0;
};

enum class Ended { kKilled, kBefore, kFailed };

// Starts such a process, and kills it unless it has ended before.
Ended ImportUntil(const Blow& blow, const std::string& path) {
  int output[2];
  if (pipe(output) != 0) return Ended::kFailed;
  const pid_t child = fork();
  if (child == 0) {
    dup2(output[1], STDOUT_FILENO);
    close(output[0]);
    close(output[1]);
    execl("/proc/self/exe", "conntrail_truth_tests", "--import", path.c_str(), nullptr);
    _exit(3);
  }
  close(output[1]);
  char group = 0;
  for (int groups = 0; groups < blow.groups && read(output[0], &group, 1) == 1;) ++groups;
  usleep(blow.then_us);
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  close(output[0]);
  if (!WIFEXITED(status)) return Ended::kKilled;
  return WEXITSTATUS(status) == 0 ? Ended::kBefore : Ended::kFailed;
}

// How many records the log of that directory holds.
uint64_t RecordsIn(const std::string& path) {
  if (!std::filesystem::exists(std::filesystem::path(path) / "log")) return 0;
  const Result<std::unique_ptr<EmbeddedLog>> log =
      EmbeddedLog::Open((std::filesystem::path(path) / "log").string());
  EXPECT_TRUE(log.ok()) << log.status().ToString();
  return log.ok() ? (*log)->End(kPartition)->value : 0;
}

// Kills an import into a new directory again and again until one gets to its end; how often.
int KillUntilDone(const std::string& path, std::mt19937& random) {
  for (int kills = 0;; ++kills) {
    // One of four falls on the opening of the directory and the replay of what was not applied.
    const bool early = random() % 4 == 0;
    const Blow blow =
        early ? Blow{0, static_cast<unsigned>(random() % 200'000)}
              : Blow{static_cast<int>(1 + random() % 4), static_cast<unsigned>(random() % 8'000)};
    const Ended ended = ImportUntil(blow, path);
    EXPECT_NE(ended, Ended::kFailed) << "after " << kills << " kills, at " << RecordsIn(path);
    if (ended != Ended::kKilled) return kills;
  }
}

TEST_F(Truth, AnImportKilledAgainAndAgainEndsInTheSameHistory) {
  const unsigned seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  // How many kills one import takes depends on the disk; so many imports as it takes.
  int kills = 0;
  for (int round = 0; kills < 25; ++round) {
    const std::string path = scratch_ / ("d" + std::to_string(round));
    kills += KillUntilDone(path, random);
    ASSERT_FALSE(HasFailure());

    const std::unique_ptr<DataDirectory> directory = OpenDirectory(path);
    ASSERT_NE(directory, nullptr);
    const ImportSummary again = ImportAll(*directory);
    EXPECT_EQ(again.appended, 0u);
    const Result<OrgView> org = directory->View(kOrg);
    ASSERT_TRUE(org.ok()) << org.status().ToString();
    EXPECT_EQ(NumbersInTrail(*org, kProducer), NumbersTo(18797));
    EXPECT_EQ(NumbersInTrail(*org, std::string(kProducer) + "/uses"), NumbersTo(4017));
    CompareAsOf(*org);
  }
  std::printf("killed %d times\n", kills);
}

}  // namespace
}  // namespace conntrail

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--import") {
    return conntrail::ImportAsProcess(argv[2]);
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
