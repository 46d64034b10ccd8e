#include "tools/conntrail/import/importer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/event_codec.h"
#include "projections/state_digest.h"
#include "tests/tools/conntrail/import/scratch.h"

namespace conntrail {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr PartitionId kPartition{0};
constexpr UnixMs kFirstMs = 1'580'000'000'000;

std::string ConnectionText(uint64_t number) {
  return fmt::format("00000000-0000-5000-8000-{:012x}", number);
}

// Line `seq` of a file: connection `seq` is created, a minute after the one before.
std::string Created(uint64_t seq) {
  return fmt::format(
      R"({{"op":"connection.created","seq":{},"recorded_at":"{}","after":{{"name":"c{}"}},)"
      R"("connection":{{"id":"{}","name":"c{}"}}}})",
      seq, FormatTime(kFirstMs + static_cast<UnixMs>(seq) * 60'000), seq, ConnectionText(seq), seq);
}

// A use of connection `number`, `after_s` seconds after it was created.
std::string Used(uint64_t number, int after_s) {
  return fmt::format(
      R"({{"at":"{}","connection":"{}","mode":"automatic","principal":null,"version":"1"}})",
      FormatTime(kFirstMs + static_cast<UnixMs>(number) * 60'000 + after_s * 1000),
      ConnectionText(number));
}

std::vector<std::string> CreatedTo(uint64_t last) {
  std::vector<std::string> lines;
  for (uint64_t seq = 1; seq <= last; ++seq) lines.push_back(Created(seq));
  return lines;
}

class ImporterTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    directory_.reset();
    DataDirectory::Options options;
    options.create = true;
    Result<std::unique_ptr<DataDirectory>> directory = DataDirectory::Open(scratch_ / "d", options);
    ASSERT_TRUE(directory.ok()) << directory.status().ToString();
    directory_ = std::move(*directory);
  }

  std::string File(const std::string& name, const std::vector<std::string>& lines) {
    return scratch_.File(name, fmt::format("{}\n", fmt::join(lines, "\n")));
  }

  ImportOptions Of(const std::vector<std::string>& lines) {
    ImportOptions options;
    options.org = "acme";
    options.file = File("lines.jsonl", lines);
    options.group_records_max = 7;
    return options;
  }

  ImportSummary Run(const ImportOptions& options) {
    Result<ImportSummary> summary = Import(directory_.get(), options);
    EXPECT_TRUE(summary.ok()) << summary.status().ToString();
    return summary.ok() ? std::move(*summary) : ImportSummary();
  }

  uint64_t LogEnd() { return directory_->log().End(kPartition)->value; }

  StateDigests Digests() {
    return *ComputeDigests(*directory_->projection().store().NewSnapshot(), kPartition);
  }

  // "<producer> <sequence>" of every record of the log that has one, in order.
  std::vector<std::string> Appended() {
    std::vector<std::string> found;
    for (Offset next(0); next.value < LogEnd();) {
      const Result<ReadBatch> batch = directory_->log().Read(kPartition, next, 1 << 20);
      for (const LogRecord& record : batch->records) {
        const Event event = DecodeEvent(record.payload).event;
        next = record.offset.Next();
        if (!event.producer_sequence) continue;
        found.push_back(fmt::format("{} {}", event.producer, *event.producer_sequence));
      }
    }
    return found;
  }

  std::vector<std::string> NumbersOf(std::initializer_list<uint64_t> numbers) {
    std::vector<std::string> expected;
    for (const uint64_t n : numbers) expected.push_back(fmt::format("import:acme {}", n));
    return expected;
  }

  Scratch scratch_;
  std::unique_ptr<DataDirectory> directory_;
};

TEST_F(ImporterTest, EveryLineIsAppendedAndApplied) {
  const ImportSummary summary = Run(Of(CreatedTo(20)));

  EXPECT_EQ(summary.producer, "import:acme");
  EXPECT_EQ(summary.lines, 20u);
  EXPECT_EQ(summary.appended, 20u);
  EXPECT_EQ(summary.refused, 0u);
  EXPECT_FALSE(summary.stopped);
  EXPECT_EQ(summary.by_verdict[static_cast<size_t>(Verdict::kApplied)], 20u);
  EXPECT_EQ(LogEnd(), 21u) << "and the opening of the org";
  EXPECT_EQ(directory_->View("acme")->state().connection_slots, 20u);
}

TEST_F(ImporterTest, TheTimeAxisIsThatOfTheSource) {
  const ImportSummary summary = Run(Of(CreatedTo(3)));

  EXPECT_EQ(summary.late, 0u);
  const Result<OrgView> org = directory_->View("acme");
  EXPECT_EQ(org->state().effective_time_ms, kFirstMs + 3 * 60'000);
  EXPECT_EQ(org->PlaceOf(OrgIndex(0))->time_ms, kFirstMs + 60'000) << "the opening";
  EXPECT_EQ(org->PlaceOf(OrgIndex(2))->time_ms, kFirstMs + 2 * 60'000);
}

TEST_F(ImporterTest, TheSameImportASecondTimeChangesNothing) {
  const ImportOptions options = Of(CreatedTo(20));
  (void)Run(options);
  const uint64_t end = LogEnd();
  const StateDigests digests = Digests();
  Open();

  const ImportSummary again = Run(options);

  EXPECT_EQ(again.appended, 0u);
  EXPECT_EQ(again.already_there, 20u);
  EXPECT_EQ(LogEnd(), end);
  EXPECT_EQ(Digests(), digests);
}

TEST_F(ImporterTest, ALongerFileGoesOnWhereTheShorterEnded) {
  (void)Run(Of(CreatedTo(8)));

  const ImportSummary summary = Run(Of(CreatedTo(20)));

  EXPECT_EQ(summary.already_there, 8u);
  EXPECT_EQ(summary.appended, 12u);
  EXPECT_EQ(Appended().size(), 20u);
}

TEST_F(ImporterTest, InTwoPartsOrAtOnceTheStateIsTheSame) {
  (void)Run(Of(CreatedTo(8)));
  (void)Run(Of(CreatedTo(20)));
  const StateDigests parts = Digests();

  directory_.reset();
  std::filesystem::remove_all(scratch_ / "d");
  Open();
  (void)Run(Of(CreatedTo(20)));

  EXPECT_EQ(Digests(), parts);
}

TEST_F(ImporterTest, ARefusedLineEndsTheImportAndWhatWasBeforeStays) {
  std::vector<std::string> lines = CreatedTo(20);
  lines[9] = R"({"op":"connection.created","seq":10})";

  const ImportSummary summary = Run(Of(lines));

  EXPECT_TRUE(summary.stopped);
  EXPECT_EQ(summary.appended, 9u);
  EXPECT_EQ(summary.refused, 1u);
  EXPECT_THAT(summary.refused_lines.front().ToString(),
              HasSubstr("lines.jsonl:10: member \"recorded_at\" is missing"));
  EXPECT_EQ(Appended().size(), 9u);
}

TEST_F(ImporterTest, ToKeepGoingLeavesAGapThatALaterImportFills) {
  std::vector<std::string> lines = CreatedTo(12);
  lines[0] = "not JSON";
  lines[5] = Created(6) + "}";
  ImportOptions options = Of(lines);
  options.keep_going = true;

  const ImportSummary first = Run(options);
  EXPECT_FALSE(first.stopped);
  EXPECT_EQ(first.refused, 2u);
  EXPECT_EQ(first.appended, 10u);
  EXPECT_EQ(first.producer_gaps, 1u) << "before 7; what stands before the first is no gap";
  EXPECT_EQ(first.refused_lines[0].line, 1u);
  EXPECT_EQ(first.refused_lines[1].line, 6u);

  const ImportSummary second = Run(Of(CreatedTo(12)));
  EXPECT_EQ(second.refused, 0u);
  EXPECT_EQ(second.already_there, 10u);
  EXPECT_EQ(second.appended, 2u);
  EXPECT_EQ(second.late, 2u) << "they come after what happened after them";
  EXPECT_EQ(Appended(), NumbersOf({2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 1, 6}));

  EXPECT_EQ(Run(Of(CreatedTo(12))).appended, 0u);
}

TEST_F(ImporterTest, MoreGapsThanCanBeRememberedEndTheImport) {
  std::vector<std::string> lines = CreatedTo(400);
  for (size_t i = 1; i < lines.size(); i += 2) lines[i] = "{}";
  ImportOptions options = Of(lines);
  options.keep_going = true;

  const ImportSummary summary = Run(options);

  EXPECT_TRUE(summary.stopped);
  EXPECT_THAT(summary.stopped_why, HasSubstr("64 ranges"));
  EXPECT_EQ(summary.appended, Producer::kGapsMax + 1);

  const ImportSummary corrected = Run(Of(CreatedTo(400)));
  EXPECT_EQ(corrected.appended, 400 - summary.appended) << "none was lost, none is there twice";
}

TEST_F(ImporterTest, UsesAreMergedByTimeAndComeAfterWhatHappenedAtTheSameTime) {
  ImportOptions options = Of(CreatedTo(3));
  options.uses_file = File("uses.jsonl", {Used(1, 0), Used(1, 30), Used(2, 90)});

  const ImportSummary summary = Run(options);

  EXPECT_EQ(summary.appended, 6u);
  EXPECT_EQ(summary.late, 0u);
  EXPECT_THAT(Appended(), ElementsAre("import:acme 1", "import:acme/uses 1", "import:acme/uses 2",
                                      "import:acme 2", "import:acme 3", "import:acme/uses 3"));
  const Result<OrgView> org = directory_->View("acme");
  const auto uses = org->UsesOf({Uuid::Parse(ConnectionText(1)).value()});
  ASSERT_EQ(uses->size(), 1u);
  EXPECT_EQ(uses->front().count, 2u);
  EXPECT_EQ(uses->front().automatic, 2u);
}

TEST_F(ImporterTest, ARefusedUseIsNamedWithItsOwnFile) {
  ImportOptions options = Of(CreatedTo(3));
  options.uses_file = File("uses.jsonl", {Used(1, 1), "{}"});
  options.keep_going = true;

  const ImportSummary summary = Run(options);

  ASSERT_EQ(summary.refused_lines.size(), 1u);
  EXPECT_THAT(summary.refused_lines[0].ToString(), HasSubstr("uses.jsonl:2: member \"at\""));
  EXPECT_EQ(summary.appended, 4u);
}

TEST_F(ImporterTest, NumbersThatDoNotAscendAreRefused) {
  const std::string other = Created(2).replace(Created(2).find("c2"), 2, "cX");
  ImportOptions options = Of({Created(1), Created(2), Created(2), other, Created(1), Created(3)});
  options.keep_going = true;

  const ImportSummary summary = Run(options);

  EXPECT_EQ(summary.appended, 3u);
  EXPECT_EQ(summary.already_there, 1u) << "the same line twice in a row";
  ASSERT_EQ(summary.refused_lines.size(), 2u);
  EXPECT_THAT(summary.refused_lines[0].ToString(), HasSubstr(":4: seq: 2 does not come after 2"));
  EXPECT_THAT(summary.refused_lines[1].ToString(), HasSubstr(":5: seq: 1 does not come after 2"));
}

TEST_F(ImporterTest, AnotherFileUnderTheSameNameIsNotTakenForTheSame) {
  (void)Run(Of(CreatedTo(5)));
  std::vector<std::string> others = CreatedTo(9);
  others.erase(others.begin(), others.begin() + 4);
  for (size_t i = 0; i < others.size(); ++i) {
    const std::string seq = fmt::format("\"seq\":{}", i + 5);
    others[i].replace(others[i].find(seq), seq.size(), fmt::format("\"seq\":{}", i + 1));
  }
  const uint64_t end = LogEnd();

  const Result<ImportSummary> mistaken = Import(directory_.get(), Of(others));
  EXPECT_EQ(mistaken.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(mistaken.status().message(), HasSubstr("lines.jsonl:1:"));
  EXPECT_EQ(LogEnd(), end);

  ImportOptions named = Of(others);
  named.name = "other";
  EXPECT_EQ(Run(named).appended, 5u);
}

TEST_F(ImporterTest, ADryRunWritesNothing) {
  (void)Run(Of(CreatedTo(5)));
  const uint64_t end = LogEnd();
  const StateDigests digests = Digests();
  std::vector<std::string> lines = CreatedTo(9);
  lines[7] = "{}";
  ImportOptions options = Of(lines);
  options.dry_run = true;
  options.keep_going = true;

  const ImportSummary summary = Run(options);

  EXPECT_EQ(summary.already_there, 5u);
  EXPECT_EQ(summary.appended, 3u);
  EXPECT_EQ(summary.refused, 1u);
  EXPECT_EQ(LogEnd(), end);
  EXPECT_EQ(Digests(), digests);
}

TEST_F(ImporterTest, ADryRunNeedsNoDataDirectory) {
  ImportOptions options = Of(CreatedTo(9));
  options.dry_run = true;

  const Result<ImportSummary> summary = Import(nullptr, options);

  ASSERT_TRUE(summary.ok()) << summary.status().ToString();
  EXPECT_EQ(summary->appended, 9u);
}

TEST_F(ImporterTest, WhatStandsBeforeDamageIsKept) {
  const std::string whole = Gzip(fmt::format("{}\n", fmt::join(CreatedTo(2000), "\n")));
  ImportOptions options = Of({});
  options.file = scratch_.File("cut.gz", whole.substr(0, whole.size() / 2));

  const Result<ImportSummary> cut = Import(directory_.get(), options);

  EXPECT_EQ(cut.status().code(), StatusCode::kCorruption);
  const size_t kept = Appended().size();
  EXPECT_GT(kept, 100u);
  EXPECT_THAT(cut.status().message(), HasSubstr(fmt::format("the {} events before it", kept)));

  options.file = scratch_.File("whole.gz", whole);
  EXPECT_EQ(Run(options).appended, 2000 - kept);
}

TEST_F(ImporterTest, NothingGoodOpensNoOrg) {
  (void)Run(Of({"{}"}));

  EXPECT_EQ(LogEnd(), 0u);
  EXPECT_FALSE(directory_->View("acme").ok());
}

TEST_F(ImporterTest, ProgressEndsAtTheEndOfTheFiles) {
  ImportOptions options = Of(CreatedTo(20));
  std::vector<uint64_t> appended;
  ImportProgress last;
  const auto summary = Import(directory_.get(), options, [&](const ImportProgress& progress) {
    appended.push_back(progress.appended);
    last = progress;
  });
  ASSERT_TRUE(summary.ok());
  EXPECT_THAT(appended, ElementsAre(7, 14, 20));
  EXPECT_EQ(last.lines, 20u);
  EXPECT_EQ(last.bytes_total, std::filesystem::file_size(options.file));
  EXPECT_EQ(last.bytes_read, last.bytes_total);
}

}  // namespace
}  // namespace conntrail
