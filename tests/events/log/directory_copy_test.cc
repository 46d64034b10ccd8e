#include "events/log/directory_copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/log/closed_mark.h"
#include "events/log/memory_log.h"
#include "tests/events/log/log_directory_for_test.h"
#include "tests/support/manual_clock.h"

namespace conntrail {
namespace {

using testing::HasSubstr;

constexpr PartitionId kPartition{0};
const CopyProgress kSilent = [](CopyStep, uint64_t, uint64_t) {};

class DirectoryCopyTest : public testing::Test {
 protected:
  DirectoryCopyTest() { Fill(source_, 100); }

  void Fill(MemoryLog& log, size_t records) {
    for (size_t i = 0; i < records; ++i) {
      clock_.Set(clock_.Now() + 1000);
      EXPECT_TRUE(log.Append(kPartition, OrgId{{1, i}}, AsBytes(std::to_string(i))).ok());
    }
  }
  Result<CopySummary> Copy(EventLog& source, bool opens_up = true) {
    CONNTRAIL_ASSIGN_OR_RETURN(const auto target,
                               BeginCopyToDirectory(directory_.path(), source, "kafka:a:1/t"));
    CONNTRAIL_ASSIGN_OR_RETURN(CopySummary summary, CopyLog(source, *target, kSilent));
    if (opens_up) CONNTRAIL_RETURN_IF_ERROR(target->OpenUp());
    return summary;
  }
  void ExpectEqual(EventLog& log) {
    ASSERT_EQ(log.log_id(), source_.log_id());
    const auto ours = source_.Read(kPartition, Offset(0), 1 << 20);
    const auto theirs = log.Read(kPartition, Offset(0), 1 << 20);
    ASSERT_EQ(ours->records.size(), theirs->records.size());
    for (size_t i = 0; i < ours->records.size(); ++i) {
      EXPECT_EQ(ours->records[i].append_time_ms, theirs->records[i].append_time_ms) << i;
      EXPECT_EQ(ours->records[i].key, theirs->records[i].key) << i;
      EXPECT_EQ(AsText(ours->records[i].payload), AsText(theirs->records[i].payload)) << i;
    }
  }

  ManualClock clock_{1'420'070'400'000};  // 2015
  MemoryLog source_{1, clock_};
  EmbeddedLogDirectory directory_;
};

TEST_F(DirectoryCopyTest, HasTheSameRecordsAtTheSameTimesUnderTheSameId) {
  const auto copied = Copy(source_);
  ASSERT_TRUE(copied.ok()) << copied.status().ToString();
  EXPECT_EQ(copied->copied, 100u);
  const auto log = directory_.MustOpen();
  ExpectEqual(*log);
  ASSERT_EQ(*AppendText(*log, "goes on"), Offset(100));
  EXPECT_GT(log->Read(kPartition, Offset(100), 1)->records[0].append_time_ms,
            clock_.Now() + 86'400'000)
      << "its own clock's time counts again";
}

TEST_F(DirectoryCopyTest, IsClosedUntilItIsWholeAndGoesOnWhereItWasCutOff) {
  ASSERT_TRUE(Copy(source_, false).ok());
  EXPECT_THAT(directory_.Open().status().message(), HasSubstr("an unfinished copy of kafka:a:1/t"));
  Fill(source_, 10);
  const auto copied = Copy(source_);
  ASSERT_TRUE(copied.ok()) << copied.status().ToString();
  EXPECT_EQ(copied->copied, 10u);
  ExpectEqual(*directory_.MustOpen());
}

TEST_F(DirectoryCopyTest, ThatIsOpenIsNeverAppendedTo) {
  ASSERT_TRUE(Copy(source_).ok());
  EXPECT_EQ(Copy(source_)->copied, 0u);
  Fill(source_, 1);
  const Status refused = Copy(source_).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(), HasSubstr("the source was written on"));
  EXPECT_EQ(directory_.MustOpen()->End(kPartition)->value, 100u);
}

TEST_F(DirectoryCopyTest, TakesNoDirectoryOfAnotherLogAndClosesNone) {
  const Uuid other = directory_.MustOpen()->log_id();
  const Status refused = Copy(source_).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(), HasSubstr("the log " + other.ToString()));
  EXPECT_EQ(directory_.MustOpen()->log_id(), other) << "it is open as before";
}

TEST_F(DirectoryCopyTest, NamesTheFirstRecordThatDiffers) {
  ASSERT_TRUE(Copy(source_, false).ok());
  MemoryLog same_id(1, clock_, source_.log_id());
  Fill(same_id, 100);
  const Status refused = Copy(same_id).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(), HasSubstr("record 0 of partition 0"));
  EXPECT_THAT(refused.message(), HasSubstr("the append time is"));
  EXPECT_THAT(directory_.Open().status().message(), HasSubstr("unfinished")) << "it stays closed";
}

TEST_F(DirectoryCopyTest, ALogThatMovedIsRefusedWithItsPlaceUntilItComesBack) {
  ASSERT_TRUE(Copy(source_).ok());
  ASSERT_EQ(WriteClosedMark(directory_.path(), {ClosedMark::Why::kMoved, "kafka:a:1/t"}).ToString(),
            "ok");
  const Status refused = directory_.Open().status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(), HasSubstr("moved to kafka:a:1/t and goes on there"));
  EXPECT_THAT(refused.message(), HasSubstr("(--log kafka:a:1/t)"));
  ExpectEqual(*directory_.MustOpen({.opens_closed = true}));
  Fill(source_, 5);
  EXPECT_EQ(Copy(source_)->copied, 5u);
  ExpectEqual(*directory_.MustOpen());
}

TEST_F(DirectoryCopyTest, AMarkThatSaysNothingIsDamage) {
  ASSERT_TRUE(Copy(source_).ok());
  for (const char* text :
       {"", "conntrail closed log 1\nmoved\n", "conntrail closed log 2\nmoved\nx\n",
        "conntrail closed log 1\nlost\nx\n"}) {
    PutFile(directory_.path() + "/closed", text);
    EXPECT_EQ(directory_.Open().status().code(), StatusCode::kCorruption) << text;
  }
}

}  // namespace
}  // namespace conntrail
