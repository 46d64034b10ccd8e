#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "events/log/event_log.h"
#include "events/log/kafka/kafka_settings.h"

namespace conntrail {

// What is written to a topic that is no log.
struct KafkaOutgoing {
  std::string key;
  std::string_view value;
  std::vector<std::pair<std::string_view, std::string>> headers;
};

// What became of one record that was given to a producer.
struct Delivery {
  enum class Fate {
    kUnderWay,
    kDurable,  // acknowledged by all in-sync replicas
    kNotSent,  // never left this process, and never will
    kUnknown,  // it was sent, and may or may not be in the log now or later
  };
  Fate fate = Fate::kUnderWay;
  int64_t offset = -1;         // if durable: in Kafka's count; -1: not told
  UnixMs append_time_ms = -1;  // if durable; -1: not told
  std::string why;             // if not durable
};

// Records of one call, whose fate is awaited together. It lives until the last of them is told,
// whether somebody waits or not.
class Deliveries : public std::enable_shared_from_this<Deliveries> {
 public:
  explicit Deliveries(size_t count) : deliveries_(count), left_(count) {}

  // Waits until all are told; what is still under way at the end of `wait_max` is unknown.
  std::vector<Delivery> Await(std::chrono::milliseconds wait_max);
  // Whether all are told, waiting for it.
  bool AwaitAll(std::chrono::milliseconds wait_max);
  void Tell(size_t index, Delivery delivery);

 private:
  std::mutex mutex_;
  std::condition_variable all_told_;
  std::vector<Delivery> deliveries_;  // guarded by mutex_
  size_t left_;                       // guarded by mutex_
};

// An idempotent producer: acknowledged means that all in-sync replicas have it, and a retry inside
// librdkafka makes no second copy. After an error that librdkafka calls fatal it is replaced; what
// was under way then is unknown, and whoever appended looks for it in the log.
//
// Thread-safety: all methods may be called from any thread.
class KafkaProducer {
 public:
  // kTogether: records of one Produce form one batch as far as Kafka's limit allows, and no
  // record of anybody stands between them then.
  // kCopies: records with times of their own. After one that failed none follows, and there is
  // more time for each.
  // kPatient: a record is never given up because of the time it takes, so none overtakes another.
  enum class Kind { kEach, kTogether, kCopies, kPatient };
  static Result<std::unique_ptr<KafkaProducer>> Open(const KafkaSettings& settings, Kind kind);
  ~KafkaProducer();

  // Gives `records` to librdkafka in their order.
  std::shared_ptr<Deliveries> Produce(PartitionId partition, std::span<const NewRecord> records);
  // The same with the time of each, in ms and above 0 (0 is librdkafka's word for now). The brokers
  // keep it if the topic has message.timestamp.type=CreateTime.
  std::shared_ptr<Deliveries> ProduceCopies(PartitionId partition,
                                            std::span<const LogRecord> records);
  std::shared_ptr<Deliveries> Produce(PartitionId partition,
                                      std::span<const KafkaOutgoing> messages);

  // Replaces a producer that has become unusable; nothing otherwise. What it had under way is told.
  Status Mend();

  // What librdkafka was told of last that went wrong; "" if nothing.
  std::string last_trouble();

  // As if the brokers had made it unusable. For tests.
  void BreakForTest();

 private:
  class Session;
  KafkaProducer(const KafkaSettings& settings, Kind kind) : settings_(settings), kind_(kind) {}
  std::shared_ptr<Session> session();

  const KafkaSettings settings_;
  const Kind kind_;
  std::mutex mutex_;
  std::shared_ptr<Session> session_;  // guarded by mutex_
};

}  // namespace conntrail
