// Moving a log to a topic, to another topic, and back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "events/log/closed_mark.h"
#include "events/log/directory_copy.h"
#include "events/log/kafka/kafka_admin.h"
#include "events/log/kafka/kafka_client.h"
#include "events/log/kafka/kafka_copy.h"
#include "events/log/memory_log.h"
#include "projections/data_directory.h"
#include "projections/evidence/org_tree.h"
#include "projections/projector.h"
#include "projections/store/memory_store.h"
#include "tests/events/log/log_directory_for_test.h"
#include "tests/kafka/broker.h"
#include "tests/support/manual_clock.h"
#include "tests/support/process.h"
#include "tests/support/random_events.h"

namespace conntrail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr PartitionId kPartition{0};
constexpr UnixMs kIn2015 = 1'420'070'400'000;
constexpr UnixMs kDayMs = 86'400'000;
const CopyProgress kSilent = [](CopyStep, uint64_t, uint64_t) {};

struct Copied {
  UnixMs append_time_ms = 0;
  OrgId key;
  std::string payload;
  bool operator==(const Copied&) const = default;
};

std::vector<Copied> AllOf(EventLog& log, PartitionId partition = kPartition) {
  std::vector<Copied> all;
  while (true) {
    const auto batch = log.Read(partition, Offset(all.size()), 1 << 20);
    EXPECT_TRUE(batch.ok()) << batch.status().ToString();
    if (!batch.ok() || batch->records.empty()) return all;
    for (const LogRecord& r : batch->records) {
      all.push_back({r.append_time_ms, r.key, std::string(AsText(r.payload))});
    }
  }
}

// Three records a day from 2015 on.
std::unique_ptr<MemoryLog> LogOf2015(ManualClock& clock, uint16_t partitions, size_t records) {
  auto log = std::make_unique<MemoryLog>(partitions, clock);
  for (size_t i = 0; i < records; ++i) {
    clock.Set(kIn2015 + static_cast<UnixMs>(i / 3) * kDayMs);
    const PartitionId partition(static_cast<uint16_t>(i % partitions));
    EXPECT_TRUE(
        log->Append(partition, OrgId{{7, i % 5}}, AsBytes("record " + std::to_string(i))).ok());
  }
  return log;
}

class LogCopyTest : public testing::Test {
 protected:
  std::unique_ptr<CopyTarget> Begin(EventLog& source) {
    auto target = BeginCopyToTopic(settings_, source, 0);
    EXPECT_TRUE(target.ok()) << target.status().ToString();
    return target.ok() ? std::move(target).value() : nullptr;
  }
  // A whole copy that is opened up.
  CopySummary MustCopy(EventLog& source, CopyTarget& target) {
    const auto summary = CopyLog(source, target, kSilent);
    EXPECT_TRUE(summary.ok()) << summary.status().ToString();
    EXPECT_EQ(target.OpenUp().ToString(), "ok");
    return summary.ok() ? *summary : CopySummary();
  }
  Status RefusalOfOpen() const {
    KafkaSettings all = settings_;
    all.accepted.insert("all");
    return KafkaLog::Open(all).status();
  }
  std::string place() const { return settings_.address.ToString(); }

  KafkaSettings settings_ = SettingsFor(NewTopicName("copy"));
  ManualClock clock_{kIn2015};
  EmbeddedLogDirectory directory_;
};

TEST_F(LogCopyTest, KeepsTimesOf2015ToATopicAndBack) {
  const auto source = LogOf2015(clock_, 1, 12'000);  // eleven years
  const auto all = AllOf(*source);
  const auto target = Begin(*source);
  const auto copied = CopyLog(*source, *target, kSilent);
  ASSERT_TRUE(copied.ok()) << copied.status().ToString();
  EXPECT_EQ(copied->copied, all.size());
  EXPECT_THAT(RefusalOfOpen().message(), HasSubstr("unfinished-copy: "))
      << "nobody uses a copy before it is opened up, whatever is accepted";
  ASSERT_EQ(target->OpenUp().ToString(), "ok");

  const auto report = CheckKafkaLog(settings_);
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_EQ(report->topic->settings.at("message.timestamp.type"), "LogAppendTime");
  EXPECT_FALSE(report->topic->own.contains("segment.ms"));
  EXPECT_FALSE(report->topic->own.contains("message.timestamp.after.max.ms"));
  for (const auto& [name, value] : SettingsForLog(1)) {
    EXPECT_EQ(report->topic->settings.at(name), value) << name;
  }

  const auto topic = MustOpen(settings_);
  EXPECT_EQ(topic->log_id(), source->log_id());
  EXPECT_EQ(AllOf(*topic), all);
  const UnixMs before_ms = Clock::System().Now();
  ASSERT_EQ(*AppendText(*topic, "of today"), Offset(all.size()));
  const auto grown = AllOf(*topic);
  EXPECT_GE(grown.back().append_time_ms, before_ms - 1000) << "the broker's time counts again";
  EXPECT_EQ(grown.front(), all.front());

  auto back = BeginCopyToDirectory(directory_.path(), *topic, place());
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(MustCopy(*topic, **back).copied, grown.size());
  back->reset();
  const auto embedded = directory_.MustOpen();
  EXPECT_EQ(embedded->log_id(), source->log_id());
  EXPECT_EQ(AllOf(*embedded), grown);
}

// What was signed of the one is right of the other.
TEST_F(LogCopyTest, HasTheSameHeadsRootAtEverySeal) {
  MemoryLog source(1, clock_);
  RandomEvents random(61);
  AppendRandomEvents(random, 2'000, source, clock_);
  MustCopy(source, *Begin(source));
  const auto topic = MustOpen(settings_);
  const auto fold = [](EventLog& log, size_t batch) {
    auto store = std::make_unique<MemoryStore>();
    const auto projector = Projector::Open(log, *store, kPartition, {.batch_records_max = batch});
    EXPECT_TRUE(projector.ok() && (*projector)->CatchUp().ok());
    return store;
  };
  const auto here = fold(source, 100'000), there = fold(*topic, 77);
  const auto a = here->NewSnapshot(), b = there->NewSnapshot();
  const auto last = LastSeal(*a, kPartition);
  ASSERT_TRUE(last.ok() && last->has_value());
  ASSERT_GT((*last)->number, 5u);
  for (uint64_t seal = 0; seal <= (*last)->number + 1; ++seal) {
    EXPECT_EQ(*ReadSeal(*a, kPartition, seal), *ReadSeal(*b, kPartition, seal)) << seal;
  }
}

TEST_F(LogCopyTest, ThatWasCutOffGoesOnFromWhatIsThere) {
  const auto source = LogOf2015(clock_, 1, 3'000);
  {
    const auto target = Begin(*source);
    const auto part = source->Read(kPartition, Offset(0), 20'000);
    ASSERT_LT(part->records.size(), 3'000u);
    ASSERT_EQ(target->Append(kPartition, part->records).ToString(), "ok");
    ASSERT_EQ(target->Flush().ToString(), "ok");
  }
  const auto target = Begin(*source);
  const uint64_t there = target->log().End(kPartition)->value;
  EXPECT_GT(there, 100u);
  EXPECT_EQ(MustCopy(*source, *target).copied, 3'000 - there);
  EXPECT_EQ(AllOf(*MustOpen(settings_)), AllOf(*source));
  const auto again = Begin(*source);
  EXPECT_TRUE(again->is_open());
  EXPECT_EQ(MustCopy(*source, *again).copied, 0u) << "repeating it changes nothing";
}

TEST_F(LogCopyTest, IsRefusedWhereTheTargetHasOtherRecords) {
  const auto source = LogOf2015(clock_, 1, 10);
  Begin(*source).reset();
  ProduceAsIs(settings_.address.topic, {"record 0"});  // its bytes, but not its time and key
  const auto target = Begin(*source);
  const Status refused = CopyLog(*source, *target, kSilent).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(),
              HasSubstr("record 0 of partition 0 of the target is not the source's: "
                        "the append time is"));
  EXPECT_THAT(RefusalOfOpen().message(), HasSubstr("unfinished-copy"));
  EXPECT_EQ(target->log().End(kPartition)->value, 1u) << "nothing was added";
}

TEST_F(LogCopyTest, TakesNoTopicThatIsAnotherLogOrNone) {
  const auto source = LogOf2015(clock_, 1, 10);
  const Uuid other = MakeLog(settings_);
  const Status another = BeginCopyToTopic(settings_, *source, 0).status();
  EXPECT_EQ(another.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(another.message(), HasSubstr("but the log " + other.ToString()));

  KafkaSettings orders = SettingsFor(NewTopicName("orders"));
  CreateTopicAsIs(orders.address.topic, 1, SettingsForLog(1));
  ProduceAsIs(orders.address.topic, {"shoes"});
  EXPECT_THAT(BeginCopyToTopic(orders, *source, 0).status().message(), HasSubstr("is no copy of"));

  KafkaSettings copying = SettingsFor(NewTopicName("copying"));
  ASSERT_TRUE(BeginCopyToTopic(copying, *LogOf2015(clock_, 1, 1), 0).ok());
  EXPECT_THAT(BeginCopyToTopic(copying, *source, 0).status().message(),
              HasSubstr("not " + source->log_id().ToString()));
}

TEST_F(LogCopyTest, ThatIsOpenIsNotAppendedTo) {
  const auto source = LogOf2015(clock_, 1, 10);
  MustCopy(*source, *Begin(*source));
  ASSERT_TRUE(AppendText(*source, "written on at home").ok());
  EXPECT_THAT(CopyLog(*source, *Begin(*source), kSilent).status().message(),
              HasSubstr("the source was written on"));
  const auto topic = MustOpen(settings_);
  ASSERT_TRUE(AppendText(*topic, "written on there").ok());
  ASSERT_TRUE(AppendText(*topic, "and again").ok());
  EXPECT_THAT(CopyLog(*source, *Begin(*source), kSilent).status().message(),
              HasSubstr("1 records more than the source"));
}

TEST_F(LogCopyTest, OfAGrowingSourceStaysClosedUntilItStands) {
  const auto source = LogOf2015(clock_, 1, 10);
  auto target = Begin(*source);
  const Status refused = CopyLog(*source, *target, [&](CopyStep step, uint64_t next, uint64_t) {
                           if (step == CopyStep::kCopying && next == 0)
                             (void)AppendText(*source, "late");
                         }).status();
  EXPECT_THAT(refused.message(), HasSubstr("stop all who write"));
  target.reset();
  EXPECT_THAT(RefusalOfOpen().message(), HasSubstr("unfinished-copy"));
  EXPECT_EQ(MustCopy(*source, *Begin(*source)).copied, 1u);
}

TEST_F(LogCopyTest, OfSeveralPartitionsGoesToATopicOfAsManyAndToNoDirectory) {
  const auto source = LogOf2015(clock_, 3, 3'000);
  MustCopy(*source, *Begin(*source));
  const auto first = MustOpen(settings_);
  KafkaSettings other = SettingsFor(NewTopicName("copy"));
  auto target = BeginCopyToTopic(other, *first, 0);
  ASSERT_TRUE(target.ok()) << target.status().ToString();
  EXPECT_EQ(MustCopy(*first, **target).records, 3'000u);
  const auto second = MustOpen(other);
  ASSERT_EQ(second->partition_count(), 3);
  EXPECT_EQ(second->log_id(), source->log_id());
  for (const uint16_t p : {0, 1, 2}) {
    EXPECT_EQ(AllOf(*second, PartitionId(p)), AllOf(*source, PartitionId(p))) << p;
  }
  EXPECT_THAT(BeginCopyToDirectory(directory_.path(), *second, "x").status().message(),
              HasSubstr("3 partitions"));
}

// A broker's clock was set back, and somebody wrote more than a record of ours may have.
TEST_F(LogCopyTest, BringsFallingTimesHomeAndRefusesWhatNoDirectoryCanHold) {
  const MemoryLog source(1, clock_);
  const std::string big(kRecordBytesMax + 1, 'x');
  const std::vector<LogRecord> records = {{Offset(0), kIn2015 + 5, OrgId{{1, 1}}, AsBytes("late")},
                                          {Offset(1), kIn2015, OrgId{{1, 2}}, AsBytes("early")},
                                          {Offset(2), kIn2015 + 1, OrgId{}, AsBytes("later")}};
  {
    const auto target = Begin(const_cast<MemoryLog&>(source));
    ASSERT_EQ(target->Append(kPartition, records).ToString(), "ok");
    ASSERT_EQ(target->Flush().ToString(), "ok");
    ASSERT_EQ(target->OpenUp().ToString(), "ok");
  }
  const auto topic = MustOpen(settings_);
  auto back = BeginCopyToDirectory(directory_.path(), *topic, place());
  MustCopy(*topic, **back);
  back->reset();
  {
    const auto embedded = directory_.MustOpen();
    EXPECT_EQ(AllOf(*embedded), AllOf(*topic));
    EXPECT_EQ(AllOf(*embedded)[1].append_time_ms, kIn2015);
  }
  ProduceAsIs(settings_.address.topic, {big});
  const auto grown = MustOpen(settings_);
  EmbeddedLogDirectory other;
  auto refusing = BeginCopyToDirectory(other.path(), *grown, place());
  const Status refused = CopyLog(*grown, **refusing, kSilent).status();
  EXPECT_THAT(refused.message(), HasSubstr("record 3 of the source has 60001 bytes"));
  refusing->reset();
  EXPECT_THAT(other.Open().status().message(), HasSubstr("unfinished copy of " + place()));
}

// What the program tells people to do to a topic that has moved away.
TEST_F(LogCopyTest, ATopicIsClosedByTwoSettingsForWhoeverRunsToo) {
  MakeLog(settings_);
  const auto running = MustOpen(settings_);
  ASSERT_TRUE(AppendText(*running, "before").ok());
  AlterTopic(settings_.address.topic,
             {{"message.timestamp.type", "CreateTime"}, {"max.message.bytes", "0"}});
  EXPECT_THAT(KafkaLog::Open(settings_).status().message(), HasSubstr("append-time"));
  EXPECT_FALSE(AppendText(*running, "after").ok());
  EXPECT_EQ(AllOf(*running).size(), 1u);
}

TEST_F(LogCopyTest, ByTheProgramKilledInTheMiddleIsContinuedByTheSameCommand) {
  constexpr size_t kRecords = 300'000;
  const std::string data = directory_.root() + "/data";
  ASSERT_EQ(DataDirectory::Make(data).ToString(), "ok");
  {
    auto log = EmbeddedLog::Open(data + "/log");
    ASSERT_TRUE(log.ok()) << log.status().ToString();
    const std::string payload(100, 'p');
    const std::vector<NewRecord> records(10'000, NewRecord{OrgId{{1, 1}}, AsBytes(payload)});
    for (size_t i = 0; i < kRecords; i += records.size()) {
      for (const auto& one : (*log)->AppendEach(kPartition, records)) ASSERT_TRUE(one.ok());
    }
  }
  const std::vector<std::string> command = {
      CONNTRAIL_PROGRAM, "log",      "copy",        "--data",   data,  "--to",
      place(),           "--unsafe", "replication", "--output", "json"};
  const auto client = KafkaClient::Make(RD_KAFKA_CONSUMER, settings_, {});
  Process process(command, {});
  int64_t there = 0;
  const auto deadline = std::chrono::steady_clock::now() + seconds(60);
  while (there < 1'000 && std::chrono::steady_clock::now() < deadline) {
    const auto end = AskEndOffset(**client, settings_, kPartition, milliseconds(500));
    there = end.ok() ? *end : 0;
  }
  process.Send(SIGKILL);
  ASSERT_EQ(process.Wait().signal, SIGKILL) << "it was done before";
  EXPECT_THAT(RefusalOfOpen().message(), HasSubstr("unfinished-copy"));

  const ProcessEnd second = RunProcess(command);
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.out, HasSubstr("\"records\":300000"));
  EXPECT_THAT(second.out, testing::Not(HasSubstr("\"already_there\":0,")));
  std::cout << second.out;
  EXPECT_EQ(MustOpen(settings_)->End(kPartition)->value, kRecords) << "each once";
  const ProcessEnd third = RunProcess(command);
  EXPECT_THAT(third.out, HasSubstr("\"already_there\":300000,\"copied\":0,")) << third.err;

  const ProcessEnd back =
      RunProcess({CONNTRAIL_PROGRAM, "log", "copy", "--from", place(), "--to-data",
                  directory_.root() + "/back", "--unsafe", "replication", "--output", "json"});
  EXPECT_THAT(back.out, HasSubstr("\"already_there\":0,\"copied\":300000,")) << back.err;
  std::cout << back.out;
}

}  // namespace
}  // namespace conntrail
