#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "events/base/clock.h"
#include "events/log/event_log.h"

// What every EventLog promises, as tests. An implementation joins with
//
//   INSTANTIATE_TEST_SUITE_P(Memory, EventLogConformance,
//                            testing::Values(EventLogSubject{"Memory", MakeFixture}), SubjectName);

namespace conntrail {

// A clock that tests set.
class SetClock final : public Clock {
 public:
  UnixMs Now() const override { return now_ms_; }
  void Set(UnixMs now_ms) { now_ms_ = now_ms; }

 private:
  std::atomic<UnixMs> now_ms_{1'500'000'000'000};
};

// One log under test and what it needs to live. `clock` is the log's time, unless the
// implementation has a time of its own.
class EventLogFixture {
 public:
  virtual ~EventLogFixture() = default;
  virtual EventLog& log() = 0;

  // Closes the log and opens it again; false if the implementation does not outlive a process.
  virtual bool Reopen() { return false; }

  SetClock clock;
};

struct EventLogSubject {
  std::string name;
  std::function<std::unique_ptr<EventLogFixture>()> make;
};
inline std::string SubjectName(const testing::TestParamInfo<EventLogSubject>& subject) {
  return subject.param.name;
}
inline void PrintTo(const EventLogSubject& subject, std::ostream* out) { *out << subject.name; }

class EventLogConformance : public testing::TestWithParam<EventLogSubject> {
 protected:
  static constexpr size_t kManyBytes = 64 << 20;

  EventLog& log() { return fixture_->log(); }

  Offset Append(std::string_view payload, const OrgId& key = {}) {
    const auto offset = log().Append(partition_, key, AsBytes(payload));
    EXPECT_TRUE(offset.ok()) << offset.status().ToString();
    return offset.ok() ? *offset : Offset(~uint64_t{0});
  }

  struct Record {
    UnixMs append_time_ms = 0;
    OrgId key;
    std::string payload;
  };

  // Everything from `from` on, read with at most `bytes_max` bytes at a time.
  std::vector<Record> ReadAll(Offset from = Offset(0), size_t bytes_max = kManyBytes) {
    std::vector<Record> records;
    for (;;) {
      const auto batch = log().Read(partition_, from, bytes_max);
      EXPECT_TRUE(batch.ok()) << batch.status().ToString();
      if (!batch.ok() || batch->records.empty()) return records;
      for (const LogRecord& record : batch->records) {
        EXPECT_EQ(record.offset, from);
        from = from.Next();
        records.push_back({record.append_time_ms, record.key, std::string(AsText(record.payload))});
      }
    }
  }
  std::vector<std::string> ReadAllPayloads(Offset from = Offset(0), size_t bytes_max = kManyBytes) {
    std::vector<std::string> payloads;
    for (Record& record : ReadAll(from, bytes_max)) payloads.push_back(std::move(record.payload));
    return payloads;
  }

  std::unique_ptr<EventLogFixture> fixture_ = GetParam().make();
  const PartitionId partition_{0};
};

TEST_P(EventLogConformance, OffsetsBeginAtZeroAndGrowByOne) {
  for (uint64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(*log().End(partition_), Offset(i));
    EXPECT_EQ(Append("r"), Offset(i));
  }
}

TEST_P(EventLogConformance, AnAppendedRecordIsReadAtOnce) {
  for (int i = 0; i < 20; ++i) {
    const std::string payload = "record " + std::to_string(i);
    const Offset offset = Append(payload);
    const auto batch = log().Read(partition_, offset, kManyBytes);
    ASSERT_TRUE(batch.ok());
    ASSERT_EQ(batch->records.size(), 1u);
    EXPECT_EQ(batch->records[0].offset, offset);
    EXPECT_EQ(AsText(batch->records[0].payload), payload);
  }
}

TEST_P(EventLogConformance, KeyAndPayloadComeBackByteForByte) {
  std::string every_byte;
  for (int b = 0; b < 256; ++b) every_byte.push_back(static_cast<char>(b));
  std::string largest(kRecordBytesMax, '\0');
  for (size_t i = 0; i < largest.size(); ++i) largest[i] = static_cast<char>(i * 7 + i / 256);
  const std::vector<std::string> payloads = {"", every_byte, largest, std::string(100, '\0'), ""};
  const std::vector<OrgId> keys = {{},
                                   {{1, 2}},
                                   {{~uint64_t{0}, ~uint64_t{0}}},
                                   {{0x0102030405060708, 0x090A0B0C0D0E0F10}},
                                   {{0, 1}}};
  for (size_t i = 0; i < payloads.size(); ++i) Append(payloads[i], keys[i]);

  const auto records = ReadAll();
  ASSERT_EQ(records.size(), payloads.size());
  for (size_t i = 0; i < payloads.size(); ++i) {
    EXPECT_EQ(records[i].key, keys[i]);
    EXPECT_TRUE(records[i].payload == payloads[i]) << "record " << i;
  }
}

TEST_P(EventLogConformance, ABatchKeepsItsRecordsWhenItMoves) {
  Append("first");
  Append("second");
  auto batch = log().Read(partition_, Offset(0), kManyBytes);
  ASSERT_TRUE(batch.ok());
  const ReadBatch moved = std::move(batch).value();
  Append("third");
  ASSERT_GE(moved.records.size(), 1u);
  EXPECT_EQ(AsText(moved.records[0].payload), "first");
  if (moved.records.size() > 1) {
    EXPECT_EQ(AsText(moved.records[1].payload), "second");
  }
}

TEST_P(EventLogConformance, AppendAllTakesConsecutiveOffsetsInOrder) {
  Append("before");
  const std::vector<std::string> texts = {"a", "", "c"};
  const auto first = log().AppendAll(partition_, OrgId{{7, 7}},
                                     {AsBytes(texts[0]), AsBytes(texts[1]), AsBytes(texts[2])});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(*first, Offset(1));
  EXPECT_EQ(Append("after"), Offset(4));
  EXPECT_EQ(ReadAllPayloads(), (std::vector<std::string>{"before", "a", "", "c", "after"}));
}

TEST_P(EventLogConformance, AppendTimeNeverFallsThoughTheClockDoes) {
  const UnixMs start_ms = fixture_->clock.Now();
  for (const UnixMs step_ms : {0, 1000, -5000, 1, 2000, -100000, 0}) {
    fixture_->clock.Set(start_ms + step_ms);
    Append("r");
    if (step_ms == -5000) fixture_->Reopen();
  }
  const auto records = ReadAll();
  ASSERT_EQ(records.size(), 7u);
  for (size_t i = 1; i < records.size(); ++i) {
    EXPECT_LE(records[i - 1].append_time_ms, records[i].append_time_ms) << i;
  }
}

TEST_P(EventLogConformance, ReadKeepsAboutToItsLimitAndGivesAtLeastOneRecord) {
  for (int i = 0; i < 100; ++i) Append(std::string(1000, static_cast<char>(i)));
  for (const size_t bytes_max : {0u, 1u, 999u, 5000u, 50'000u}) {
    const auto batch = log().Read(partition_, Offset(3), bytes_max);
    ASSERT_TRUE(batch.ok());
    ASSERT_GE(batch->records.size(), 1u);
    EXPECT_LE(batch->records.size(), bytes_max / 1000 + 1);
    EXPECT_EQ(batch->records[0].offset, Offset(3));
    EXPECT_EQ(ReadAllPayloads(Offset(0), bytes_max).size(), 100u);
  }
}

TEST_P(EventLogConformance, ReadAtTheEndIsEmptyAndBeyondItIsRefused) {
  EXPECT_TRUE(log().Read(partition_, Offset(0), kManyBytes)->records.empty());
  EXPECT_EQ(log().Read(partition_, Offset(1), kManyBytes).status().code(),
            StatusCode::kInvalidArgument);
  Append("r");
  EXPECT_TRUE(log().Read(partition_, Offset(1), kManyBytes)->records.empty());
  EXPECT_EQ(log().Read(partition_, Offset(2), kManyBytes).status().code(),
            StatusCode::kInvalidArgument);
}

TEST_P(EventLogConformance, WaitForEndsWithTheRecordOrWithTheTime) {
  using std::chrono::milliseconds;
  EXPECT_FALSE(log().WaitFor(partition_, Offset(0), milliseconds(5)));
  std::thread appender([&] {
    std::this_thread::sleep_for(milliseconds(20));
    Append("r");
  });
  EXPECT_TRUE(log().WaitFor(partition_, Offset(0), std::chrono::minutes(1)));
  appender.join();
  EXPECT_EQ(*log().End(partition_), Offset(1));
  EXPECT_TRUE(log().WaitFor(partition_, Offset(0), milliseconds(0)));
  EXPECT_FALSE(log().WaitFor(partition_, Offset(1), milliseconds(5)));
}

TEST_P(EventLogConformance, AReaderSeesEachRecordOfManyAppendersOnceAndInOrder) {
  constexpr int kAppenders = 8;
  constexpr int kEach = 100;
  std::vector<std::vector<Offset>> offsets(kAppenders);
  std::vector<std::thread> appenders;
  for (int a = 0; a < kAppenders; ++a) {
    appenders.emplace_back([&, a] {
      for (int i = 0; i < kEach; ++i) {
        offsets[a].push_back(Append(std::to_string(a) + ":" + std::to_string(i)));
      }
    });
  }
  std::vector<std::string> seen;
  while (seen.size() < kAppenders * kEach) {
    const Offset from(seen.size());
    if (!log().WaitFor(partition_, from, std::chrono::minutes(1))) break;
    const auto payloads = ReadAllPayloads(from, 300);
    if (payloads.empty()) break;
    seen.insert(seen.end(), payloads.begin(), payloads.end());
  }
  for (std::thread& appender : appenders) appender.join();

  ASSERT_EQ(seen.size(), static_cast<size_t>(kAppenders * kEach));
  for (int a = 0; a < kAppenders; ++a) {
    for (int i = 0; i < kEach; ++i) {
      ASSERT_LT(offsets[a][i].value, seen.size());
      EXPECT_EQ(seen[offsets[a][i].value], std::to_string(a) + ":" + std::to_string(i));
      if (i > 0) {
        EXPECT_LT(offsets[a][i - 1], offsets[a][i]);
      }
    }
  }
}

TEST_P(EventLogConformance, AppendEachTakesAscendingOffsetsEachUnderItsKey) {
  ASSERT_TRUE(log().Append(partition_, OrgId{}, AsBytes(std::string_view("before"))).ok());
  std::vector<std::string> texts;
  std::vector<NewRecord> records;
  for (uint64_t i = 0; i < 20; ++i) texts.push_back("each " + std::to_string(i));
  for (uint64_t i = 0; i < 20; ++i) records.push_back({OrgId{{i % 3, i}}, AsBytes(texts[i])});
  const auto appended = log().AppendEach(partition_, records);
  ASSERT_EQ(appended.size(), 20);
  EXPECT_TRUE(log().AppendEach(partition_, {}).empty());
  for (size_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(appended[i].ok()) << appended[i].status().ToString();
    if (i > 0) {
      EXPECT_GT(*appended[i], *appended[i - 1]);
    }
    const auto read = log().Read(partition_, *appended[i], 1);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(AsText(read->records.front().payload), texts[i]);
    EXPECT_EQ(read->records.front().key, (OrgId{{i % 3, i}}));
  }
}

TEST_P(EventLogConformance, AppendAllStaysTogetherAmongOtherAppenders) {
  constexpr int kAppenders = 6;
  constexpr int kEach = 30;
  std::vector<std::thread> appenders;
  for (int a = 0; a < kAppenders; ++a) {
    appenders.emplace_back([&, a] {
      const std::string text = std::to_string(a);
      const std::vector<ByteSpan> payloads(static_cast<size_t>(a + 1), AsBytes(text));
      for (int i = 0; i < kEach; ++i) {
        EXPECT_TRUE(log().AppendAll(partition_, OrgId{}, payloads).ok());
      }
    });
  }
  for (std::thread& appender : appenders) appender.join();

  const auto seen = ReadAllPayloads();
  ASSERT_EQ(seen.size(), kEach * kAppenders * (kAppenders + 1u) / 2);
  for (size_t i = 0; i < seen.size();) {
    const size_t length = std::stoul(seen[i]) + 1;
    ASSERT_LE(i + length, seen.size());
    for (size_t k = 0; k < length; ++k) EXPECT_EQ(seen[i + k], seen[i]) << "record " << i + k;
    i += length;
  }
}

TEST_P(EventLogConformance, PartitionsHaveOffsetsOfTheirOwn) {
  const uint16_t partitions = log().partition_count();
  ASSERT_GE(partitions, 1);
  for (uint16_t p = 0; p < partitions; ++p) {
    const std::string payload = "of " + std::to_string(p);
    EXPECT_EQ(*log().Append(PartitionId(p), OrgId{}, AsBytes(payload)), Offset(0));
  }
  for (uint16_t p = 0; p < partitions; ++p) {
    const auto batch = log().Read(PartitionId(p), Offset(0), kManyBytes);
    ASSERT_EQ(batch->records.size(), 1u);
    EXPECT_EQ(AsText(batch->records[0].payload), "of " + std::to_string(p));
  }
}

TEST_P(EventLogConformance, TwoLogsHaveTwoIds) {
  EXPECT_FALSE(log().log_id().is_nil());
  EXPECT_NE(log().log_id(), GetParam().make()->log().log_id());
}

TEST_P(EventLogConformance, ALogThatWasOpenedAgainIsTheSameLog) {
  const Uuid id = log().log_id();
  for (int i = 0; i < 10; ++i) Append("record " + std::to_string(i));
  const auto before = ReadAllPayloads();
  if (!fixture_->Reopen()) GTEST_SKIP() << "this log does not outlive its process";

  EXPECT_EQ(log().log_id(), id);
  EXPECT_EQ(ReadAllPayloads(), before);
  EXPECT_EQ(Append("one more"), Offset(10));
  ASSERT_TRUE(fixture_->Reopen());
  EXPECT_EQ(ReadAllPayloads(Offset(10)), std::vector<std::string>{"one more"});
}

}  // namespace conntrail
