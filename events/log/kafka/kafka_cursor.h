#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "events/log/event_log.h"
#include "events/log/kafka/kafka_client.h"

// Private to this folder: it names librdkafka's types.
namespace conntrail {

// Why a cursor cannot go on. Kafka's words, to be judged by whoever knows the rest of the log.
struct CursorFault {
  enum class Kind {
    kGone,        // the brokers know no such topic or partition
    kOutOfRange,  // there is no record at that offset, though there are others
    kGap,         // the record that came has not the offset that follows
    kBadBytes,    // not what the checksum was made of
    kRefused,     // not allowed
  };
  Kind kind = Kind::kGone;
  std::string text;
};

// Reads one partition from one record on, in order, each once: a connection of its own that fetches
// ahead. Made anew for every other place, because librdkafka 2.0 may give records of the place
// before after a seek.
//
// Thread-safety: one thread at a time.
class KafkaCursor {
 public:
  static Result<std::unique_ptr<KafkaCursor>> Open(const KafkaSettings& settings,
                                                   PartitionId partition, Offset from);
  ~KafkaCursor();

  // The record that Take gives next.
  Offset next() const { return next_; }

  // Waits until there is something to take, or a fault; true if so.
  bool Await(std::chrono::milliseconds wait_max);

  // True if records can be taken.
  bool has_records() const { return taken_ < fetched_.size(); }
  // Null: none. What was fetched before the fault can still be taken.
  const CursorFault* fault() const { return fault_ && !has_records() ? &*fault_ : nullptr; }

  // Everything that was fetched and no more than about `bytes_max` bytes, but at least one record.
  // REQUIRES: has_records().
  ReadBatch Take(size_t bytes_max);

  // When the broker told something last.
  std::chrono::steady_clock::time_point heard_at() const { return heard_at_; }
  const KafkaClient& client() const { return *client_; }

 private:
  KafkaCursor(PartitionId partition, Offset from) : partition_(partition), next_(from) {}
  Status Start(const KafkaSettings& settings);
  void Accept(KafkaMessage message);
  CursorFault Gap(int64_t came) const;
  void FetchAvailable(size_t bytes_max);

  const PartitionId partition_;
  Offset next_;
  int64_t expected_ = 0;  // Kafka offset of the next message
  std::string topic_name_;
  std::unique_ptr<KafkaClient> client_;
  KafkaTopicHandle topic_;
  KafkaQueue queue_;
  bool started_ = false;
  std::vector<KafkaMessage> fetched_;  // from taken_ on; before that, empty
  size_t taken_ = 0;
  std::optional<CursorFault> fault_;
  std::chrono::steady_clock::time_point heard_at_;
};

}  // namespace conntrail
