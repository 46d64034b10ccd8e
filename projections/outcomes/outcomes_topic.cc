#include "projections/outcomes/outcomes_topic.h"

#include <algorithm>
#include <deque>
#include <thread>

#include <fmt/format.h>

#include "events/base/check.h"
#include "events/log/kafka/kafka_outcomes_topic.h"
#include "events/log/kafka/kafka_producer.h"
#include "events/log/kafka/kafka_record.h"
#include "projections/outcomes/outcome_record.h"

namespace conntrail {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr size_t kAtOnce = 1000;  // messages that are given to the producer together
constexpr size_t kUnderWayBytesMax = size_t{16} << 20;
constexpr milliseconds kRepeatPause{200};

}  // namespace

class OutcomesTopic::PartitionSink final : public OutcomeSink {
 public:
  PartitionSink(OutcomesTopic& topic, const std::string& log_topic, PartitionId partition)
      : topic_(topic), partition_(partition), source_(OutcomeSource(log_topic, partition)) {}

  void Take(std::span<const LogRecord> records, std::span<const FoldedRecord> folded) override {
    CONNTRAIL_CHECK(records.size() == folded.size());
    for (size_t i = 0; i < folded.size(); ++i) {
      CONNTRAIL_CHECK(records[i].offset == folded[i].offset);
      taken_.push_back(EncodeOutcome(folded[i], records[i].payload));
    }
    if (failed_.empty()) Send();
  }

  Status Flush() override {
    if (taken_.empty()) return Status::Ok();
    NoteWaiting();
    const auto deadline = Steady::now() + topic_.options_.flush_wait;
    while (true) {
      if (failed_.empty()) Send();
      if (under_way_.empty()) break;
      const auto left = std::chrono::duration_cast<milliseconds>(deadline - Steady::now());
      if (!under_way_.front().deliveries->AwaitAll(std::max(left, milliseconds(0)))) {
        return Waits(topic_.producer_->last_trouble());
      }
      Settle();
    }
    if (!failed_.empty()) return Repeat();
    topic_.published_ += taken_.size();
    taken_.clear();
    sent_ = 0;
    NoteDone();
    return Status::Ok();
  }

  // What is under way stays so: brokers that are away are not given the same again and again.
  void Forget() {
    taken_.clear();
    sent_ = 0;
    failed_.clear();
    for (UnderWay& one : under_way_) one.is_forgotten = true;
    NoteDone();
  }

  milliseconds waiting() const {
    const std::lock_guard lock(mutex_);
    if (!waiting_since_) return milliseconds(0);
    return std::chrono::duration_cast<milliseconds>(Steady::now() - *waiting_since_);
  }
  std::string trouble() const {
    const std::lock_guard lock(mutex_);
    return trouble_;
  }

 private:
  struct UnderWay {
    std::shared_ptr<Deliveries> deliveries;
    size_t bytes = 0;
    bool is_forgotten = false;  // whatever becomes of it
  };

  // Gives the producer what it may have.
  void Send() {
    std::vector<KafkaOutgoing> messages;
    while (sent_ < taken_.size() && under_way_bytes_ < kUnderWayBytesMax) {
      messages.clear();
      UnderWay next;
      for (; sent_ < taken_.size() && messages.size() < kAtOnce; ++sent_) {
        const std::string& value = taken_[sent_];
        const Result<OutcomeRecord> record = DecodeOutcome(value);
        CONNTRAIL_CHECK(record.ok());  // it was made here
        messages.push_back({KeyBytes(record->org), value, HeadersOf(*record, source_)});
        next.bytes += value.size();
      }
      next.deliveries = topic_.producer_->Produce(partition_, messages);
      under_way_bytes_ += next.bytes;
      under_way_.push_back(std::move(next));
    }
  }

  // Takes off what was told of the first that is under way.
  void Settle() {
    const bool counts = !under_way_.front().is_forgotten;
    for (const Delivery& delivery : under_way_.front().deliveries->Await(milliseconds(0))) {
      const bool is_told = delivery.fate == Delivery::Fate::kDurable;
      if (counts && !is_told && failed_.empty()) failed_ = delivery.why;
      if (delivery.offset < 0) continue;
      if (delivery.offset < offset_) {
        topic_.settings_.diagnostics(
            fmt::format("topic {} was made again, and what was in it is gone: conntrail outcomes "
                        "publish tells it once more",
                        topic_.name()));
      }
      offset_ = delivery.offset;
    }
    under_way_bytes_ -= under_way_.front().bytes;
    under_way_.pop_front();
  }

  // Not all was taken: the next Flush tells all of it again, in its order. REQUIRES: nothing is
  // under way.
  Status Repeat() {
    const Status mended = topic_.producer_->Mend();
    const std::string why = mended.ok() ? failed_ : mended.message();
    failed_.clear();
    sent_ = 0;
    std::this_thread::sleep_for(kRepeatPause);
    return Waits(why);
  }

  Status Waits(const std::string& why) {
    const std::lock_guard lock(mutex_);
    trouble_ = why.empty() ? "no answer" : why;
    return Status::Unavailable(fmt::format("topic {} at {} does not take outcomes: {}",
                                           topic_.name(), topic_.settings_.address.bootstrap,
                                           trouble_));
  }

  void NoteWaiting() {
    const std::lock_guard lock(mutex_);
    if (!waiting_since_) waiting_since_ = Steady::now();
  }
  void NoteDone() {
    const std::lock_guard lock(mutex_);
    waiting_since_.reset();
    trouble_.clear();
  }

  OutcomesTopic& topic_;
  const PartitionId partition_;
  const std::string source_;
  std::vector<std::string> taken_;  // and not all told
  size_t sent_ = 0;                 // of these, given to the producer
  std::deque<UnderWay> under_way_;
  size_t under_way_bytes_ = 0;
  std::string failed_;   // why one of them was not taken
  int64_t offset_ = -1;  // in the topic, of the last one that was taken

  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::optional<Steady::time_point> waiting_since_;
  std::string trouble_;
};

Result<std::unique_ptr<OutcomesTopic>> OutcomesTopic::Open(KafkaSettings log, size_t partitions,
                                                           Options options) {
  CONNTRAIL_RETURN_IF_ERROR(CheckOutcomesTopic(log, partitions));
  const std::string log_topic = log.address.topic;
  log.address.topic = OutcomesTopicOf(log_topic);
  std::unique_ptr<OutcomesTopic> topic(new OutcomesTopic(std::move(log), options));
  CONNTRAIL_ASSIGN_OR_RETURN(topic->producer_,
                             KafkaProducer::Open(topic->settings_, KafkaProducer::Kind::kPatient));
  for (size_t p = 0; p < partitions; ++p) {
    topic->sinks_.push_back(
        std::make_unique<PartitionSink>(*topic, log_topic, PartitionId(static_cast<uint16_t>(p))));
  }
  return topic;
}

OutcomesTopic::OutcomesTopic(KafkaSettings settings, Options options)
    : settings_(std::move(settings)), options_(options) {}

OutcomesTopic::~OutcomesTopic() = default;

OutcomeSink& OutcomesTopic::sink(PartitionId partition) { return *sinks_.at(partition.value); }

void OutcomesTopic::Forget(PartitionId partition) { sinks_.at(partition.value)->Forget(); }

milliseconds OutcomesTopic::waiting() const {
  milliseconds longest{0};
  for (const auto& sink : sinks_) longest = std::max(longest, sink->waiting());
  return longest;
}

std::string OutcomesTopic::trouble() const {
  for (const auto& sink : sinks_) {
    std::string trouble = sink->trouble();
    if (!trouble.empty()) return trouble;
  }
  return "";
}

}  // namespace conntrail
