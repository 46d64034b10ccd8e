#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <utility>

#include "events/base/result.h"
#include "events/log/kafka/kafka_handles.h"
#include "events/log/kafka/kafka_settings.h"

// Private to this folder: it names librdkafka's types.
namespace conntrail {

// One connection to the cluster with its threads: a librdkafka instance, and what it reports.
//
// Thread-safety: all methods may be called from any thread.
class KafkaClient {
 public:
  // Called on the thread that polls.
  using Delivered = std::function<void(const rd_kafka_message_t&)>;
  using Rebalanced = std::function<void(rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*)>;
  using Property = std::pair<const char*, std::string>;

  // `properties` count more than those of `settings`. kInvalidArgument: librdkafka refuses one.
  // Does not wait for a broker.
  static Result<std::unique_ptr<KafkaClient>> Make(rd_kafka_type_t type,
                                                   const KafkaSettings& settings,
                                                   std::initializer_list<Property> properties,
                                                   Delivered delivered = nullptr,
                                                   Rebalanced rebalanced = nullptr);
  ~KafkaClient();

  rd_kafka_t* get() const { return client_; }
  // What it was told of last that went wrong; "" if nothing.
  std::string last_trouble() const;
  // Why it cannot connect and what a person does about it; "" if nothing is known. An answer ends
  // it.
  std::string refusal() const;
  void NoteAnswer() const;
  // Why something failed with `error`: what has made the client useless, or its connections, if
  // that is it.
  std::string WhyOf(rd_kafka_resp_err_t error) const;
  // Whether it has said that it can do no more.
  bool is_fatal() const { return is_fatal_; }

 private:
  KafkaClient(const KafkaSettings& settings, Delivered delivered, Rebalanced rebalanced)
      : settings_(settings), delivered_(std::move(delivered)), rebalanced_(std::move(rebalanced)) {}
  void SetCallbacks(rd_kafka_conf_t* conf);
  void NoteError(rd_kafka_resp_err_t error, const char* reason);

  const KafkaSettings settings_;
  const Delivered delivered_;
  const Rebalanced rebalanced_;
  rd_kafka_t* client_ = nullptr;
  std::atomic<bool> is_fatal_{false};
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::string last_trouble_;
  mutable std::string refusal_;
  mutable bool has_answered_ = false;
};

// `error` as a Status; `what` says what was tried: "cannot read the end of partition 0".
Status KafkaFailure(rd_kafka_resp_err_t error, std::string_view what, std::string_view detail = "");

// That the brokers do not answer, with what `client` knows of the reason.
Status Unreachable(const KafkaClient& client, const KafkaSettings& settings,
                   rd_kafka_resp_err_t error);

// Whether `error` says that the topic or the partition is not there.
bool SaysGone(rd_kafka_resp_err_t error);

inline int ToMs(std::chrono::milliseconds wait) {
  return static_cast<int>(std::clamp<int64_t>(wait.count(), 0, 1 << 30));
}

}  // namespace conntrail
