#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "events/log/event_log.h"
#include "events/log/kafka/kafka_findings.h"
#include "events/log/kafka/kafka_settings.h"

namespace conntrail {

class KafkaClient;
class KafkaPartition;
class KafkaProducer;
struct Delivery;
struct KafkaValue;

// An EventLog in a topic of Apache Kafka (kafka_record.h has the form), for any number of processes
// on any number of machines. Made by InitKafkaLog (kafka_init.h).
//
// Acknowledged means that all in-sync replicas have the record. Where that is not known in time, a
// second look at the end of the log may tell; else it is kUnavailable. A record that certainly was
// not sent is kIo.
//
// Beside the calls a thread checks every check_every that this is still the same topic with the
// same records and sound settings. A partition that is not what it was halts: from then on all
// calls for it fail with the reason, WaitFor is true at once, and only opening the log again helps.
// What only endangers the future (retention switched on, say) is told through diagnostics.
//
// Two things differ from other logs. End may miss what others have appended within the last 100 ms.
// And append times are the brokers': if a leader's clock is set back, they fall.
class KafkaLog final : public EventLog {
 public:
  // kNotFound: no such topic. kUnavailable: no answer in time. kFailedPrecondition: it is no log,
  // or FindingsIn has something against it that is not accepted; the message names all.
  static Result<std::unique_ptr<KafkaLog>> Open(KafkaSettings settings);

  // REQUIRES: no call is running.
  ~KafkaLog() override;

  Uuid log_id() const override { return log_id_; }
  // As of Open. Partitions that were added later hold nothing of this log.
  uint16_t partition_count() const override { return static_cast<uint16_t>(partitions_.size()); }

  Result<Offset> Append(PartitionId partition, const OrgId& key, ByteSpan payload) override;
  // More than fit into one batch of Kafka's (about 1 MB) may have another's record between two
  // batches; then kUnavailable.
  Result<Offset> AppendAll(PartitionId partition, const OrgId& key,
                           const std::vector<ByteSpan>& payloads) override;
  // All are under way at once.
  std::vector<Result<Offset>> AppendEach(PartitionId partition,
                                         std::span<const NewRecord> records) override;
  Result<ReadBatch> Read(PartitionId partition, Offset from, size_t bytes_max) override;
  Result<Offset> End(PartitionId partition) override;
  bool WaitFor(PartitionId partition, Offset offset, std::chrono::milliseconds wait_max) override;

  // Why the partition has halted; ok while it has not.
  Status halted(PartitionId partition) const;
  // What speaks against the topic, accepted or not, as of the last check.
  std::vector<KafkaFinding> findings() const;
  // Names of findings that are no obstacle here.
  const std::set<std::string>& accepted() const { return settings_.accepted; }

  // Checks the topic now. kUnavailable: the brokers do not answer.
  Status CheckNow();

  // Makes librdkafka's producer as useless as its fatal errors do.
  void BreakProducerForTest();

 private:
  explicit KafkaLog(KafkaSettings settings);
  Status Connect();
  Status ReadOrigins(size_t partitions);
  Status MayAppend(PartitionId partition);
  void NoteClock(const Delivery& delivery);
  std::vector<Result<Offset>> AppendBy(KafkaProducer& producer, PartitionId partition,
                                       std::span<const NewRecord> records);
  void FindInTail(PartitionId partition, Offset floor, std::span<const NewRecord> records,
                  std::vector<Delivery>& told);
  Result<Offset> Settle(PartitionId partition, Offset floor, const Delivery& delivery);
  Status CheckOrigins();
  Status CheckAnchors();
  Status ReadOrHalt(std::vector<KafkaValue>& wanted);
  void NoteTopic(const KafkaTopic& topic);
  void HaltAll(const Status& why);
  void Watch();

  const KafkaSettings settings_;
  std::unique_ptr<KafkaClient> client_;  // for questions
  std::unique_ptr<KafkaProducer> each_;
  std::unique_ptr<KafkaProducer> together_;
  Uuid log_id_;
  std::vector<std::unique_ptr<KafkaPartition>> partitions_;

  mutable std::mutex mutex_;
  std::condition_variable stop_;
  // Guarded by mutex_:
  bool stopping_ = false;
  std::vector<KafkaFinding> findings_;
  size_t partitions_told_ = 0;
  bool is_unreachable_ = false;
  int gone_ = 0;  // times in a row that the topic was not there
  std::string clock_fault_;
  std::chrono::steady_clock::time_point clock_probe_at_;

  std::thread watcher_;
};

}  // namespace conntrail
