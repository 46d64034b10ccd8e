#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "events/log/kafka/kafka_settings.h"
#include "projections/outcomes/outcome_sink.h"

namespace conntrail {

class KafkaProducer;

// Tells others what became of a log's records, in the topic OutcomesTopicOf of it
// (events/log/kafka/kafka_outcomes_topic.h): outcome_record.h has the form of a record. Its key is
// that of the org's records on the log, its partition theirs.
//
// Each record is told at least once. In each partition, what a sink takes stands in its order, but
// that a part of it may come again from its beginning: after a crash, or after brokers that refused
// a record. So whoever reads takes a record if its index is the next one of its org, and else skips
// it, and has all of them once and in order.
//
// Thread-safety: sinks of different partitions may be used at the same time; the rest may be called
// from any thread.
class OutcomesTopic {
 public:
  // How long one Flush waits.
  struct Options {
    std::chrono::milliseconds flush_wait{10'000};
  };
  // `log` are the settings of the log. Errors as of CheckOutcomesTopic.
  static Result<std::unique_ptr<OutcomesTopic>> Open(KafkaSettings log, size_t partitions,
                                                     Options options);
  static Result<std::unique_ptr<OutcomesTopic>> Open(KafkaSettings log, size_t partitions) {
    return Open(std::move(log), partitions, Options());
  }
  ~OutcomesTopic();

  OutcomeSink& sink(PartitionId partition);
  // What the sink has taken and not told will be taken again, or by somebody else. REQUIRES: nobody
  // uses the sink.
  void Forget(PartitionId partition);
  const std::string& name() const { return settings_.address.topic; }

  // How many records the brokers have acknowledged.
  uint64_t published() const { return published_; }
  // How long somebody has been waiting in Flush for the brokers, over all its calls; 0: nobody is.
  std::chrono::milliseconds waiting() const;
  // What the brokers said last against it; "" if all is well.
  std::string trouble() const;

 private:
  class PartitionSink;
  OutcomesTopic(KafkaSettings settings, Options options);

  const KafkaSettings settings_;  // of the topic itself
  const Options options_;
  std::unique_ptr<KafkaProducer> producer_;
  std::vector<std::unique_ptr<PartitionSink>> sinks_;
  std::atomic<uint64_t> published_{0};
};

}  // namespace conntrail
