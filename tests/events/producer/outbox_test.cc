#include "events/producer/outbox.h"

#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/log/embedded_log.h"
#include "events/log/memory_log.h"
#include "tests/events/producer/outbox_for_test.h"
#include "tests/support/faulty_log.h"
#include "tests/support/manual_clock.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Event Created(size_t number) { return Observation(Create(fmt::format("c{}", number))); }

OutboxTarget Away(const std::string& why) {
  return [why]() -> Result<std::unique_ptr<EventLog>> { return Status::Unavailable(why); };
}

class OutboxTest : public testing::Test {
 protected:
  OutboxTest() { OpenAcme(log_); }

  size_t parts() const {
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(directory_.path())) {
      count += entry.path().extension() == ".part" ? 1 : 0;
    }
    return count;
  }
  // That numbers 1 to `last` of one producer were applied once each, and nothing else happened.
  void ExpectOnce(size_t last, size_t duplicates = 0) {
    const Tally tally = TallyOf(log_);
    EXPECT_EQ(tally.applied.size(), last);
    EXPECT_EQ(tally.duplicates, duplicates);
    EXPECT_EQ(tally.others, 0u);
    uint64_t expected = 0;
    for (const auto& [key, times] : tally.applied) {
      EXPECT_EQ(key.second, ++expected);
      EXPECT_EQ(times, 1);
    }
  }

  OutboxDirectory directory_;
  MemoryLog log_{1, Clock::System()};
};

TEST_F(OutboxTest, WhatIsRecordedArrivesInOrderUnderNumbersFromOne) {
  const auto outbox = MustOpen(directory_.path(), Lend(log_));
  for (size_t i = 1; i <= 5; ++i) {
    const auto receipt = outbox->Record(Created(i));
    ASSERT_TRUE(receipt.ok()) << receipt.status().ToString();
    EXPECT_EQ(receipt->sequence, i);
  }
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  const Tally tally = TallyOf(log_);
  EXPECT_THAT(tally.order, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(tally.applied.begin()->first.first, outbox->producer());
  EXPECT_THAT(outbox->producer(), testing::MatchesRegex("platform/[0-9a-f-]{36}"));
  const OutboxStats stats = outbox->stats();
  EXPECT_EQ(stats.recorded, 5u);
  EXPECT_EQ(stats.sent, 5u);
  EXPECT_EQ(stats.waiting, 0u);
  EXPECT_EQ(stats.sent_again, 0u);
  EXPECT_TRUE(stats.is_connected);
}

TEST_F(OutboxTest, EachOrgHasNumbersWithoutGapsOfItsOwn) {
  const auto outbox = MustOpen(directory_.path(), Lend(log_));
  for (uint64_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(outbox->Record(Created(i))->sequence, i);
    EXPECT_EQ(outbox->Record(Observation(Create("other")).Org(OrgNamed("zenith")))->sequence, i);
  }
}

TEST_F(OutboxTest, FillsInWhatItsCallerLeavesOut) {
  ManualClock clock;
  OutboxOptions options = QuickOptions();
  options.clock = &clock;
  const auto outbox = MustOpen(directory_.path(), Lend(log_), options);
  Event event;
  event.org = Acme();
  event.rights = right::kAll;
  event.producer = "somebody else";
  event.action = Create("pager");
  const auto receipt = outbox->Record(event);
  ASSERT_TRUE(receipt.ok()) << receipt.status().ToString();
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  const ReadBatch read = log_.Read(PartitionId(0), Offset(2), 1).value();
  const Event sent = DecodeEvent(read.records.front().payload).event;
  EXPECT_EQ(sent.id, receipt->id);
  EXPECT_EQ(sent.id.uuid.hi >> 12 & 0xF, 7u) << "of version 7";
  EXPECT_EQ(sent.authority, Authority::kObservation);
  EXPECT_EQ(sent.rights, right::kBackfill);
  EXPECT_EQ(sent.producer, outbox->producer());
  EXPECT_EQ(sent.recorded_at_ms, kNoonMs);
  EXPECT_EQ(sent.occurred_at_ms, std::nullopt);
}

TEST_F(OutboxTest, RecordingDoesNotWaitForALogThatIsAway) {
  std::atomic<bool> is_away{true};
  const auto outbox = MustOpen(directory_.path(), [&]() -> Result<std::unique_ptr<EventLog>> {
    if (is_away) return Status::Unavailable("nobody listens");
    return Lend(log_)();
  });
  for (size_t i = 1; i <= 3; ++i) ASSERT_TRUE(outbox->Record(Created(i)).ok());
  ASSERT_TRUE(Await([&] { return outbox->stats().last_error == "nobody listens"; }));
  EXPECT_FALSE(outbox->Flush(milliseconds(0)));
  OutboxStats stats = outbox->stats();
  EXPECT_EQ(stats.waiting, 3u);
  EXPECT_GT(stats.oldest_at_ms, kNoonMs);
  EXPECT_FALSE(stats.is_connected);

  is_away = false;
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  stats = outbox->stats();
  EXPECT_EQ(stats.last_error, "");
  EXPECT_EQ(stats.oldest_at_ms, 0);
  ExpectOnce(3);
}

TEST_F(OutboxTest, WhatWaitedIsSentAfterItIsOpenedAgainAndNumbersGoOn) {
  auto outbox = MustOpen(directory_.path(), Away("nobody listens"));
  for (size_t i = 1; i <= 3; ++i) ASSERT_TRUE(outbox->Record(Created(i)).ok());
  const std::string producer = outbox->producer();
  EXPECT_EQ(outbox->Close(milliseconds(0)), 3u);
  EXPECT_EQ(outbox->Record(Created(9)).status().code(), StatusCode::kFailedPrecondition);
  outbox = nullptr;

  outbox = MustOpen(directory_.path(), Lend(log_));
  EXPECT_EQ(outbox->producer(), producer);
  EXPECT_EQ(outbox->Record(Created(4))->sequence, 4u);
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  EXPECT_EQ(outbox->Close(milliseconds(0)), 0u);
  ExpectOnce(4);
}

TEST_F(OutboxTest, AfterACleanEndNothingIsSentAgain) {
  for (size_t i = 1; i <= 4; ++i) {
    const auto outbox = MustOpen(directory_.path(), Lend(log_));
    ASSERT_TRUE(outbox->Record(Created(i)).ok());
    EXPECT_EQ(outbox->Close(seconds(10)), 0u);
  }
  ExpectOnce(4);
}

// The directory's note is gone: as after a crash, but for all of it.
TEST_F(OutboxTest, WhatIsSentAgainIsAppliedOnce) {
  auto outbox = MustOpen(directory_.path(), Lend(log_));
  for (size_t i = 1; i <= 6; ++i) ASSERT_TRUE(outbox->Record(Created(i)).ok());
  EXPECT_EQ(outbox->Close(seconds(10)), 0u);
  outbox = nullptr;
  ASSERT_TRUE(fs::remove(directory_.path() + "/sent"));

  outbox = MustOpen(directory_.path(), Lend(log_));
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  ExpectOnce(6, 6);
}

TEST_F(OutboxTest, AppendsThatAreLostOrOnlyReportedLostLoseAndDoubleNothing) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937 random(seed);
  FaultyLog faulty(log_);
  OutboxOptions options = QuickOptions();
  options.batch_bytes = 4096;
  options.retry_wait_max = milliseconds(3);
  auto outbox = MustOpen(directory_.path(), Lend(faulty), options);
  constexpr size_t kEvents = 400;
  for (size_t i = 1; i <= kEvents; ++i) {
    constexpr AppendFault kFaults[] = {AppendFault::kNone, AppendFault::kLost, AppendFault::kKept,
                                       AppendFault::kInDoubt};
    faulty.FailNext(kFaults[random() % 4]);
    ASSERT_TRUE(outbox->Record(Created(i)).ok());
    if (random() % 100 == 0) {  // the producer dies, and so may the log
      faulty.Crash(random() % 3);
      outbox = nullptr;
      outbox = MustOpen(directory_.path(), Lend(faulty), options);
    }
  }
  ASSERT_TRUE(outbox->Flush(seconds(30))) << outbox->stats().last_error;
  faulty.FailNext(AppendFault::kNone);
  const Tally tally = TallyOf(log_);
  EXPECT_EQ(tally.applied.size(), kEvents);
  EXPECT_EQ(tally.applied_ids.size(), kEvents);
  EXPECT_EQ(tally.others, 0u);
  for (const auto& [key, times] : tally.applied) EXPECT_EQ(times, 1) << key.second;
  EXPECT_GT(tally.duplicates, 0u) << "some were kept";
}

TEST_F(OutboxTest, PartsThatWereSentAreRemovedAndNumbersGoOnAllTheSame) {
  OutboxOptions options = QuickOptions();
  options.part_bytes = 4096;
  auto outbox = MustOpen(directory_.path(), Lend(log_), options);
  for (size_t i = 1; i <= 200; ++i) ASSERT_TRUE(outbox->Record(Created(i)).ok());
  ASSERT_TRUE(outbox->Record(Observation(Create("x")).Org(OrgNamed("zenith"))).ok());
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  EXPECT_EQ(outbox->Close(seconds(10)), 0u);
  EXPECT_EQ(parts(), 1u);
  EXPECT_LT(outbox->stats().disk_bytes, 20'000u);
  outbox = nullptr;

  outbox = MustOpen(directory_.path(), Lend(log_), options);
  for (size_t i = 201; i <= 260; ++i) EXPECT_EQ(outbox->Record(Created(i))->sequence, i);
  EXPECT_EQ(outbox->Record(Observation(Create("y")).Org(OrgNamed("zenith")))->sequence, 2u);
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  ExpectOnce(260);
}

// As on a disk that is full: what takes room must go all the same.
TEST_F(OutboxTest, PartsThatWereSentAreRemovedWhereTheDiskTakesNoNoteOfIt) {
  OutboxOptions options = QuickOptions();
  options.part_bytes = 4096;
  auto outbox = MustOpen(directory_.path(), Lend(log_), options);
  ASSERT_TRUE(outbox->Record(Created(1)).ok());
  EXPECT_EQ(outbox->Close(seconds(10)), 0u);
  outbox = nullptr;

  outbox = MustOpen(directory_.path(), Lend(log_), options);
  fs::create_directory(directory_.path() + "/sent.unpublished");  // where the note is written
  for (size_t i = 2; i <= 100; ++i) ASSERT_TRUE(outbox->Record(Created(i)).ok());
  EXPECT_EQ(outbox->Close(seconds(10)), 0u);
  EXPECT_THAT(outbox->stats().last_error, HasSubstr("sent.unpublished"));
  EXPECT_EQ(parts(), 1u);
  outbox = nullptr;

  outbox = MustOpen(directory_.path(), Lend(log_), options);
  EXPECT_EQ(outbox->Record(Created(101))->sequence, 101u);
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  const Tally tally = TallyOf(log_);
  EXPECT_EQ(tally.applied.size(), 101u);
  EXPECT_LT(tally.duplicates, 30u) << "of the last part only";
  EXPECT_EQ(tally.others, 0u);
}

TEST_F(OutboxTest, ThatIsFullSaysWhyAndTakesEventsAgainOnceItIsNot) {
  std::atomic<bool> is_away{true};
  OutboxOptions options = QuickOptions();
  options.bytes_max = 1 << 20;
  options.sync = [](int) { return 0; };
  const auto outbox = MustOpen(
      directory_.path(),
      [&]() -> Result<std::unique_ptr<EventLog>> {
        if (is_away) return Status::Unavailable("nobody listens");
        return Lend(log_)();
      },
      options);
  size_t recorded = 0;
  Status full;
  while (full.ok()) {
    full = outbox->Record(Created(recorded + 1)).status();
    if (full.ok()) ++recorded;
    ASSERT_LT(recorded, 10'000u);
  }
  EXPECT_EQ(full.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(full.message(), HasSubstr("is full: "));
  EXPECT_THAT(full.message(), HasSubstr(fmt::format("{} events wait for the log", recorded)));
  ASSERT_TRUE(Await([&] {
    return outbox->Record(Created(0)).status().message().ends_with("log: nobody listens");
  }));
  EXPECT_LE(outbox->stats().disk_bytes, options.bytes_max);
  uint64_t on_disk = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory_.path())) {
    if (entry.is_regular_file()) on_disk += entry.file_size();
  }
  EXPECT_LE(on_disk, options.bytes_max * 5 / 4);

  is_away = false;
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  ASSERT_TRUE(Await([&] { return outbox->Record(Created(recorded + 1)).ok(); }));
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  ExpectOnce(recorded + 1);
}

TEST_F(OutboxTest, WhatALogWouldNotTakeIsRefusedAtOnceAndLeavesNoGap) {
  OutboxOptions options = QuickOptions();
  options.partition_of = [](const OrgId& org) -> Result<PartitionId> {
    if (org == Acme()) return PartitionId(0);
    return Status::NotFound("nobody knows that org");
  };
  const auto outbox = MustOpen(directory_.path(), Lend(log_), options);
  const auto refused = [&](const Event& event, StatusCode code, const std::string& why) {
    const Status status = outbox->Record(event).status();
    EXPECT_EQ(status.code(), code) << why;
    EXPECT_THAT(status.message(), HasSubstr(why));
  };
  using enum StatusCode;
  refused(Intent("alice", Create("pager")), kInvalidArgument, "intents go to the API");
  refused(OfTheLog(OrgOpened{"Evil"}), kInvalidArgument, "intents go to the API");
  refused(Observation(NewKey("k", right::kAll)), kInvalidArgument, "key.created cannot be");
  refused(Observation(OrgOpened{"Evil"}), kInvalidArgument, "org.opened cannot be");
  refused(Observation(std::monostate()), kInvalidArgument, "cannot be reported");
  refused(Observation(Create("pager")).Org({}), kInvalidArgument, "org of the event is not valid");
  refused(Observation(Create(std::string(5000, 'x'))), kInvalidArgument, "is not valid");
  refused(Observation(Create("AKIAQYLPMN5HEXAMPLE7")), kInvalidArgument, "looks like an AWS");
  refused(Observation(Create("pager")).Org(OrgNamed("zenith")), kNotFound, "knows that org");
  Fields many;
  for (int i = 0; i < 20; ++i) many.push_back({fmt::format("p{:02}", i), std::string(4000, 'x')});
  refused(Observation(Create("pager", many)), kInvalidArgument, "60000 are allowed");
  EXPECT_EQ(outbox->RecordAll({Created(1), Intent("alice", Create("x"))}).status().code(),
            kInvalidArgument);

  EXPECT_EQ(outbox->Record(Created(1))->sequence, 1u);
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  ExpectOnce(1);
}

TEST_F(OutboxTest, SendsToTheLogThatItBelongsToAndToNoOther) {
  auto outbox = MustOpen(directory_.path(), Lend(log_));
  ASSERT_TRUE(outbox->Record(Created(1)).ok());
  EXPECT_EQ(outbox->Close(seconds(10)), 0u);
  outbox = nullptr;

  MemoryLog other(1, Clock::System());
  outbox = MustOpen(directory_.path(), Lend(other));
  ASSERT_TRUE(outbox->Record(Created(2)).ok());
  ASSERT_TRUE(Await([&] {
    return outbox->stats().last_error.find("sends to the log " + log_.log_id().ToString()) !=
           std::string::npos;
  }));
  EXPECT_EQ(other.End(PartitionId(0)).value(), Offset(0));
  outbox = nullptr;

  outbox = MustOpen(directory_.path(), Lend(log_));
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  ExpectOnce(2);
}

TEST_F(OutboxTest, BelongsToOneProcessAndOneProducer) {
  auto outbox = MustOpen(directory_.path(), Lend(log_));
  const Status busy = Outbox::Open(directory_.path(), Lend(log_), QuickOptions()).status();
  EXPECT_EQ(busy.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(busy.message(), HasSubstr("is in use by process"));
  outbox = nullptr;
  OutboxOptions options = QuickOptions();
  options.producer = "plat";
  const Status other = Outbox::Open(directory_.path(), Lend(log_), options).status();
  EXPECT_EQ(other.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(other.message(), HasSubstr("is the outbox of the producer platform/"));
}

TEST_F(OutboxTest, ThatWasRestoredFromAnOlderCopyIsRefused) {
  auto outbox = MustOpen(directory_.path(), Lend(log_));
  ASSERT_TRUE(outbox->Record(Created(1)).ok());
  EXPECT_EQ(outbox->Close(seconds(10)), 0u);
  outbox = nullptr;
  const std::string part = directory_.path() + "/00000000000000000001.part";
  fs::copy(part, directory_.root() + "/copy", fs::copy_options::recursive);

  outbox = MustOpen(directory_.path(), Lend(log_));
  ASSERT_TRUE(outbox->Record(Created(2)).ok());
  EXPECT_EQ(outbox->Close(seconds(10)), 0u);
  outbox = nullptr;
  fs::remove_all(part);
  const auto open = [&] {
    return Outbox::Open(directory_.path(), Lend(log_), QuickOptions()).status();
  };
  EXPECT_EQ(open().code(), StatusCode::kCorruption) << "its parts are missing";
  fs::rename(directory_.root() + "/copy", part);
  EXPECT_EQ(open().code(), StatusCode::kCorruption);
  EXPECT_THAT(open().message(), HasSubstr("this is an older copy"));
}

TEST_F(OutboxTest, WhatACrashLeftOfANewPartIsMadeAnew) {
  OutboxOptions options = QuickOptions();
  auto outbox = MustOpen(directory_.path(), Away("nobody listens"), options);
  ASSERT_TRUE(outbox->Record(Created(1)).ok());
  outbox = nullptr;
  // The next part was made, and its heads were not yet written.
  ASSERT_TRUE(EmbeddedLog::Open(directory_.path() + "/00000000000000000002.part").ok());
  fs::create_directory(directory_.path() + "/00000000000000000000.part.removed");
  outbox = MustOpen(directory_.path(), Lend(log_), options);
  EXPECT_EQ(outbox->Record(Created(2))->sequence, 2u);
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  EXPECT_EQ(parts(), 1u);
  ExpectOnce(2);
}

TEST_F(OutboxTest, ManyWhoRecordAtTheSameTimeShareSyncs) {
  std::atomic<int> syncs{0};
  OutboxOptions options = QuickOptions();
  options.sync = [&](int) {
    ++syncs;
    std::this_thread::sleep_for(milliseconds(1));
    return 0;
  };
  const auto outbox = MustOpen(directory_.path(), Lend(log_), options);
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        EXPECT_TRUE(outbox->Record(Observation(Using("pager"))).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  EXPECT_LT(syncs, kThreads * kEach / 2);
  ExpectOnce(kThreads * kEach);
}

TEST_F(OutboxTest, WhatTheDiskRefusedCanBeRecordedAgainAndIsOne) {
  std::atomic<bool> is_broken{false};
  OutboxOptions options = QuickOptions();
  options.sync = [&](int) {
    errno = EIO;
    return is_broken ? -1 : 0;
  };
  auto outbox = MustOpen(directory_.path(), Lend(log_), options);
  ASSERT_TRUE(outbox->Record(Created(1)).ok());
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  is_broken = true;
  const Event event = Created(2);
  EXPECT_EQ(outbox->Record(event).status().code(), StatusCode::kIo);
  is_broken = false;
  EXPECT_EQ(outbox->Record(event).status().code(), StatusCode::kIo) << "until it is opened again";
  outbox = nullptr;

  outbox = MustOpen(directory_.path(), Lend(log_), options);
  ASSERT_TRUE(outbox->Record(event).ok());
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  const Tally tally = TallyOf(log_);
  EXPECT_EQ(tally.applied_ids.size(), 2u);
  for (const auto& [id, times] : tally.applied_ids) EXPECT_EQ(times, 1);
  EXPECT_EQ(tally.others, 0u);
}

TEST_F(OutboxTest, SendsEachOrgToItsPartition) {
  MemoryLog wide(3, Clock::System());
  OutboxOptions options = QuickOptions();
  options.partition_of = [](const OrgId& org) -> Result<PartitionId> {
    return PartitionId(org == Acme() ? 2 : 1);
  };
  const auto outbox = MustOpen(directory_.path(), Lend(wide), options);
  std::vector<Event> events = {Created(1), Created(2), Observation(Create("x")).Org(OrgNamed("z"))};
  ASSERT_TRUE(outbox->RecordAll(events).ok());
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  EXPECT_EQ(wide.End(PartitionId(0)).value(), Offset(0));
  EXPECT_EQ(wide.End(PartitionId(1)).value(), Offset(1));
  EXPECT_EQ(wide.End(PartitionId(2)).value(), Offset(2));
}

TEST_F(OutboxTest, WaitsWhereNobodySaysInWhichPartitionAnOrgLives) {
  MemoryLog wide(3, Clock::System());
  const auto outbox = MustOpen(directory_.path(), Lend(wide));
  ASSERT_TRUE(outbox->Record(Created(1)).ok());
  ASSERT_TRUE(
      Await([&] { return outbox->stats().last_error.find("partition_of") != std::string::npos; }));
  EXPECT_EQ(outbox->stats().waiting, 1u);
}

// A log that halts after its first record.
class HaltingLog final : public EventLog {
 public:
  explicit HaltingLog(EventLog& inner) : lent_(inner) {}
  Uuid log_id() const override { return lent_.log_id(); }
  uint16_t partition_count() const override { return 1; }
  Result<Offset> Append(PartitionId p, const OrgId& key, ByteSpan payload) override {
    if (++appends_ > 1) return Status::FailedPrecondition("halted");
    return lent_.Append(p, key, payload);
  }
  Result<Offset> AppendAll(PartitionId, const OrgId&, const std::vector<ByteSpan>&) override {
    return Status::FailedPrecondition("halted");
  }
  Result<ReadBatch> Read(PartitionId p, Offset from, size_t n) override {
    return lent_.Read(p, from, n);
  }
  Result<Offset> End(PartitionId p) override { return lent_.End(p); }
  bool WaitFor(PartitionId, Offset, milliseconds) override { return true; }

 private:
  LentLog lent_;
  int appends_ = 0;
};

TEST_F(OutboxTest, OpensALogAgainThatHasHalted) {
  int opened = 0;
  const auto outbox = MustOpen(directory_.path(), [&]() -> Result<std::unique_ptr<EventLog>> {
    ++opened;
    return std::unique_ptr<EventLog>(std::make_unique<HaltingLog>(log_));
  });
  std::vector<Event> events;
  for (size_t i = 1; i <= 5; ++i) events.push_back(Created(i));
  ASSERT_TRUE(outbox->RecordAll(events).ok());
  ASSERT_TRUE(outbox->Flush(seconds(10)));
  EXPECT_EQ(outbox->Close(milliseconds(0)), 0u);
  EXPECT_EQ(opened, 5);
  ExpectOnce(5);
}

TEST_F(OutboxTest, TakesNoOptionsThatMakeNoSense) {
  const auto refused = [&](OutboxOptions options) {
    return Outbox::Open(directory_.path(), Lend(log_), std::move(options)).status().code() ==
           StatusCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({.producer = "two\nlines"}));
  EXPECT_TRUE(refused({.producer = std::string(201, 'x')}));
  EXPECT_TRUE(refused({.producer = "p", .bytes_max = 1000}));
  EXPECT_TRUE(refused({.producer = "p", .retry_wait = milliseconds(0)}));
  EXPECT_FALSE(fs::exists(directory_.path()));
}

}  // namespace
}  // namespace conntrail
