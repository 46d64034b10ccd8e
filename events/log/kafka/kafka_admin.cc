#include "events/log/kafka/kafka_admin.h"

#include <algorithm>
#include <array>
#include <thread>

#include <fmt/format.h>

namespace conntrail {
namespace {

using std::chrono::milliseconds;
using Deadline = std::chrono::steady_clock::time_point;

constexpr size_t kReplicasWanted = 3;
constexpr milliseconds kRetry{100};
constexpr milliseconds kFirstSlice{250};
constexpr int kDoubts = 3;  // times that damage is looked at before it is believed

// Asks for metadata, of one topic or, if that is null, of all. A connection that is refused is not
// waited for: it would be refused again. The wait for an answer doubles, since a broker may be
// slow.
Result<KafkaMetadata> AskMetadata(const KafkaClient& client, const KafkaSettings& settings,
                                  rd_kafka_topic_t* topic) {
  const Deadline deadline = std::chrono::steady_clock::now() + settings.request_wait;
  for (milliseconds slice = kFirstSlice;; slice *= 2) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    const rd_kafka_metadata_t* raw = nullptr;
    const rd_kafka_resp_err_t error =
        rd_kafka_metadata(client.get(), 0, topic, &raw, ToMs(std::min(left, slice)));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      client.NoteAnswer();
      return KafkaMetadata(raw);
    }
    rd_kafka_poll(client.get(), 0);  // what it has to tell
    const bool is_refused = slice > kFirstSlice && !client.refusal().empty();  // by all, by then
    if (left <= slice || is_refused) return Unreachable(client, settings, error);
  }
}

KafkaTopic::Partition ToPartition(const rd_kafka_metadata_partition_t& from) {
  return {.leader = from.leader,
          .replicas = static_cast<size_t>(from.replica_cnt),
          .in_sync = static_cast<size_t>(from.isr_cnt)};
}

// What a broker answers to an admin request that `begin` sends.
template <typename Begin>
Result<KafkaEvent> Ask(const KafkaClient& client, const KafkaSettings& settings,
                       rd_kafka_admin_op_t operation, const std::string& what, Begin begin) {
  const KafkaAdminOptions options(rd_kafka_AdminOptions_new(client.get(), operation));
  const KafkaQueue queue(rd_kafka_queue_new(client.get()));
  std::array<char, 512> text{};
  const int wait_ms = ToMs(settings.request_wait);
  rd_kafka_AdminOptions_set_request_timeout(options.get(), wait_ms, text.data(), text.size());
  begin(options.get(), queue.get());
  KafkaEvent event(rd_kafka_queue_poll(queue.get(), wait_ms + 1000));
  if (event == nullptr) return Unreachable(client, settings, RD_KAFKA_RESP_ERR__TIMED_OUT);
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return KafkaFailure(error, what, rd_kafka_event_error_string(event.get()));
  }
  return event;
}

Status ReadTopicSettings(const KafkaClient& client, const KafkaSettings& settings,
                         KafkaTopic& topic) {
  const std::string what = "cannot read the settings of topic " + settings.address.topic;
  const KafkaResource resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, settings.address.topic.c_str()));
  CONNTRAIL_ASSIGN_OR_RETURN(const KafkaEvent event,
                             Ask(client, settings, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, what,
                                 [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                                   rd_kafka_ConfigResource_t* one = resource.get();
                                   rd_kafka_DescribeConfigs(client.get(), &one, 1, options, queue);
                                 }));
  size_t resources = 0;
  const auto* result = rd_kafka_event_DescribeConfigs_result(event.get());
  const rd_kafka_ConfigResource_t** answers =
      rd_kafka_DescribeConfigs_result_resources(result, &resources);
  for (size_t r = 0; r < resources; ++r) {
    const rd_kafka_resp_err_t error = rd_kafka_ConfigResource_error(answers[r]);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaFailure(error, what);
    size_t count = 0;
    const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(answers[r], &count);
    for (size_t i = 0; i < count; ++i) {
      const char* value = rd_kafka_ConfigEntry_value(entries[i]);
      const std::string name = rd_kafka_ConfigEntry_name(entries[i]);
      topic.settings[name] = value == nullptr ? "" : value;
      if (rd_kafka_ConfigEntry_source(entries[i]) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG) {
        topic.own.insert(name);
      }
    }
  }
  return Status::Ok();
}

// Reads the records that ReadValues is asked for.
class ValueReader {
 public:
  explicit ValueReader(const KafkaSettings& settings) : settings_(settings) {}
  ~ValueReader() {
    for (const KafkaValue* one : started_)
      rd_kafka_consume_stop(topic_.get(), one->partition.value);
  }

  Status Read(std::vector<KafkaValue>& wanted) {
    CONNTRAIL_RETURN_IF_ERROR(Start(wanted));
    const Deadline deadline = std::chrono::steady_clock::now() + settings_.request_wait;
    while (answered_ < wanted.size()) {
      const auto left =
          std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return Unreachable(*client_, settings_, RD_KAFKA_RESP_ERR__TIMED_OUT);
      const KafkaMessage message(rd_kafka_consume_queue(queue_.get(), ToMs(left)));
      if (message != nullptr) CONNTRAIL_RETURN_IF_ERROR(Take(*message, wanted));
    }
    return Status::Ok();
  }

 private:
  Status Start(const std::vector<KafkaValue>& wanted) {
    CONNTRAIL_ASSIGN_OR_RETURN(client_, KafkaClient::Make(RD_KAFKA_CONSUMER, settings_,
                                                          {{"enable.partition.eof", "true"},
                                                           {"check.crcs", "true"},
                                                           {"auto.offset.reset", "error"},
                                                           {"fetch.message.max.bytes", "1024"},
                                                           {"fetch.wait.max.ms", "10"},
                                                           {"queued.min.messages", "1"}}));
    topic_.reset(rd_kafka_topic_new(client_->get(), settings_.address.topic.c_str(), nullptr));
    queue_.reset(rd_kafka_queue_new(client_->get()));
    for (const KafkaValue& one : wanted) {
      if (rd_kafka_consume_start_queue(topic_.get(), one.partition.value, one.offset,
                                       queue_.get()) != 0) {
        return KafkaFailure(rd_kafka_last_error(), "cannot read " + settings_.address.topic);
      }
      started_.push_back(&one);
    }
    return Status::Ok();
  }

  Status Take(const rd_kafka_message_t& message, std::vector<KafkaValue>& wanted) {
    const auto found = std::find_if(wanted.begin(), wanted.end(), [&](const KafkaValue& one) {
      return one.partition.value == message.partition;
    });
    if (found == wanted.end() || answers_.contains(message.partition)) return Status::Ok();
    switch (message.err) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        if (message.offset == found->offset) {
          found->value.emplace(static_cast<const char*>(message.payload), message.len);
        }
        break;
      case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
        break;  // there is none
      default:
        if (message.err == RD_KAFKA_RESP_ERR__BAD_MSG) {
          found->is_damaged = true;
          return Status::Corruption(fmt::format(
              "record at Kafka offset {} of partition {} of {} is damaged on the leader's disk: "
              "{}; restore it from another replica",
              found->offset, found->partition.value, settings_.address.topic,
              rd_kafka_message_errstr(&message)));
        }
        if (SaysGone(message.err)) {
          return KafkaFailure(message.err, "cannot read " + settings_.address.topic,
                              rd_kafka_message_errstr(&message));
        }
        return Status::Ok();  // it tries again
    }
    answers_.insert(message.partition);
    ++answered_;
    return Status::Ok();
  }

  const KafkaSettings& settings_;
  std::unique_ptr<KafkaClient> client_;
  KafkaTopicHandle topic_;
  KafkaQueue queue_;
  std::vector<const KafkaValue*> started_;
  std::set<int32_t> answers_;
  size_t answered_ = 0;
};

// One of Kafka's two special times: the answer is the offset at that end of the partition.
// (librdkafka 2.0's own question for both waits for ever where a broker hangs.)
Result<int64_t> AskOffset(const KafkaClient& client, const KafkaSettings& settings,
                          PartitionId partition, int64_t time, milliseconds wait_max) {
  const KafkaHandle<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy> list(
      rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_t* one = rd_kafka_topic_partition_list_add(
      list.get(), settings.address.topic.c_str(), partition.value);
  one->offset = time;
  rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(client.get(), list.get(), ToMs(wait_max));
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = one->err;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR && one->offset >= 0) return one->offset;
  if (SaysGone(error)) {
    return KafkaFailure(error, fmt::format("cannot ask for the end of partition {} of {}",
                                           partition.value, settings.address.topic));
  }
  return Unreachable(client, settings, error);
}

}  // namespace

Result<int64_t> AskEndOffset(const KafkaClient& client, const KafkaSettings& settings,
                             PartitionId partition, milliseconds wait_max) {
  return AskOffset(client, settings, partition, RD_KAFKA_OFFSET_END, wait_max);
}

Result<KafkaRange> AskRange(const KafkaClient& client, const KafkaSettings& settings,
                            PartitionId partition) {
  KafkaRange range;
  CONNTRAIL_ASSIGN_OR_RETURN(
      range.begin,
      AskOffset(client, settings, partition, RD_KAFKA_OFFSET_BEGINNING, settings.request_wait));
  CONNTRAIL_ASSIGN_OR_RETURN(range.end,
                             AskEndOffset(client, settings, partition, settings.request_wait));
  return range;
}

Result<std::optional<KafkaTopic>> DescribeTopic(const KafkaClient& client,
                                                const KafkaSettings& settings) {
  const KafkaTopicHandle handle(
      rd_kafka_topic_new(client.get(), settings.address.topic.c_str(), nullptr));
  CONNTRAIL_ASSIGN_OR_RETURN(const KafkaMetadata metadata,
                             AskMetadata(client, settings, handle.get()));
  if (metadata->topic_cnt != 1) return std::optional<KafkaTopic>();
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  if (SaysGone(found.err)) return std::optional<KafkaTopic>();
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return KafkaFailure(found.err, "cannot describe topic " + settings.address.topic);
  }
  KafkaTopic topic;
  topic.brokers = static_cast<size_t>(metadata->broker_cnt);
  if (char* id = rd_kafka_clusterid(client.get(), ToMs(settings.request_wait))) {
    topic.cluster_id = id;
    rd_kafka_mem_free(client.get(), id);
  }
  topic.partitions.resize(static_cast<size_t>(found.partition_cnt));
  for (int i = 0; i < found.partition_cnt; ++i) {
    topic.partitions.at(static_cast<size_t>(found.partitions[i].id)) =
        ToPartition(found.partitions[i]);
  }
  for (size_t p = 0; p < topic.partitions.size(); ++p) {
    CONNTRAIL_ASSIGN_OR_RETURN(const KafkaRange range,
                               AskRange(client, settings, PartitionId(static_cast<uint16_t>(p))));
    topic.partitions[p].begin = range.begin;
    topic.partitions[p].end = range.end;
  }
  CONNTRAIL_RETURN_IF_ERROR(ReadTopicSettings(client, settings, topic));
  return std::optional(std::move(topic));
}

namespace {

// How many brokers the cluster has.
Result<size_t> CountBrokers(const KafkaClient& client, const KafkaSettings& settings) {
  CONNTRAIL_ASSIGN_OR_RETURN(const KafkaMetadata metadata, AskMetadata(client, settings, nullptr));
  return static_cast<size_t>(metadata->broker_cnt);
}

// Ok also if somebody else has made it meanwhile.
Status CreateTopic(const KafkaClient& client, const KafkaSettings& settings, size_t partitions,
                   size_t replicas, const std::map<std::string, std::string>& topic_settings) {
  const std::string what = "cannot make topic " + settings.address.topic;
  std::array<char, 512> text{};
  const KafkaNewTopic wanted(
      rd_kafka_NewTopic_new(settings.address.topic.c_str(), static_cast<int>(partitions),
                            static_cast<int>(replicas), text.data(), text.size()));
  if (wanted == nullptr) return Status::InvalidArgument(what + ": " + text.data());
  for (const auto& [name, value] : topic_settings) {
    rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str());
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const KafkaEvent event,
                             Ask(client, settings, RD_KAFKA_ADMIN_OP_CREATETOPICS, what,
                                 [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                                   rd_kafka_NewTopic_t* one = wanted.get();
                                   rd_kafka_CreateTopics(client.get(), &one, 1, options, queue);
                                 }));
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      continue;
    }
    const char* detail = rd_kafka_topic_result_error_string(results[i]);
    return KafkaFailure(error, what, detail == nullptr ? "" : detail);
  }
  return Status::Ok();
}

}  // namespace

// librdkafka 2.0 can only replace all that a topic has for itself, so what stays is named too.
Status ChangeTopic(const KafkaClient& client, const KafkaSettings& settings,
                   const TopicChanges& changes) {
  const std::string what = "cannot change the settings of topic " + settings.address.topic;
  KafkaTopic before;
  CONNTRAIL_RETURN_IF_ERROR(ReadTopicSettings(client, settings, before));
  std::map<std::string, std::string> wanted;
  for (const std::string& name : before.own) wanted[name] = before.settings[name];
  for (const auto& [name, value] : changes) {
    wanted.erase(name);
    if (value) wanted[name] = *value;
  }
  const KafkaResource resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, settings.address.topic.c_str()));
  for (const auto& [name, value] : wanted) {
    rd_kafka_ConfigResource_set_config(resource.get(), name.c_str(), value.c_str());
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const KafkaEvent event,
                             Ask(client, settings, RD_KAFKA_ADMIN_OP_ALTERCONFIGS, what,
                                 [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                                   rd_kafka_ConfigResource_t* one = resource.get();
                                   rd_kafka_AlterConfigs(client.get(), &one, 1, options, queue);
                                 }));
  size_t count = 0;
  const rd_kafka_ConfigResource_t** answers = rd_kafka_AlterConfigs_result_resources(
      rd_kafka_event_AlterConfigs_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t error = rd_kafka_ConfigResource_error(answers[i]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const char* detail = rd_kafka_ConfigResource_error_string(answers[i]);
    return KafkaFailure(error, what, detail == nullptr ? "" : detail);
  }
  // Brokers learn of it one after the other.
  const Deadline deadline = std::chrono::steady_clock::now() + settings.request_wait;
  while (true) {
    KafkaTopic now;
    CONNTRAIL_RETURN_IF_ERROR(ReadTopicSettings(client, settings, now));
    std::map<std::string, std::string> is;
    for (const std::string& name : now.own) is[name] = now.settings[name];
    if (is == wanted) return Status::Ok();
    if (std::chrono::steady_clock::now() >= deadline) {
      return Status::Unavailable(what + ": the brokers took them, and still answer with others");
    }
    std::this_thread::sleep_for(kRetry);
  }
}

namespace {

// Waits until every partition of a topic that has just been made has a leader.
Result<KafkaTopic> AwaitTopic(const KafkaClient& client, const KafkaSettings& settings,
                              size_t partitions) {
  const auto deadline = std::chrono::steady_clock::now() + settings.request_wait;
  while (true) {
    const auto topic = DescribeTopic(client, settings);
    if (topic.ok() && *topic && (*topic)->partitions.size() == partitions) return **topic;
    if (std::chrono::steady_clock::now() >= deadline) {
      if (!topic.ok()) return topic.status();
      return Status::Unavailable("topic " + settings.address.topic +
                                 " was made, but is not served");
    }
    std::this_thread::sleep_for(kRetry);
  }
}

}  // namespace

Result<MadeTopic> MakeTopic(
    const KafkaClient& client, const KafkaSettings& settings, size_t partitions, size_t replicas,
    const std::function<std::map<std::string, std::string>(size_t replicas)>& settings_of) {
  CONNTRAIL_ASSIGN_OR_RETURN(auto found, DescribeTopic(client, settings));
  MadeTopic made;
  made.replicas = replicas;
  if (replicas == 0) {
    CONNTRAIL_ASSIGN_OR_RETURN(const size_t brokers, CountBrokers(client, settings));
    made.replicas = std::min(kReplicasWanted, brokers);
  }
  made.was_made = !found;
  if (!found) {
    CONNTRAIL_RETURN_IF_ERROR(
        CreateTopic(client, settings, partitions, made.replicas, settings_of(made.replicas)));
    CONNTRAIL_ASSIGN_OR_RETURN(found, AwaitTopic(client, settings, partitions));
  }
  made.topic = std::move(*found);
  return made;
}

std::vector<std::string> DifferencesOf(const KafkaTopic& topic, size_t partitions, size_t replicas,
                                       const std::map<std::string, std::string>& settings) {
  std::vector<std::string> differences;
  if (topic.partitions.size() != partitions) {
    differences.push_back(
        fmt::format("partitions: {}, not {}", topic.partitions.size(), partitions));
  }
  for (const KafkaTopic::Partition& partition : topic.partitions) {
    if (partition.replicas == replicas) continue;
    differences.push_back(fmt::format("replicas: {}, not {}", partition.replicas, replicas));
    break;
  }
  for (const auto& [name, value] : settings) {
    const auto is = topic.settings.find(name);
    const std::string text = is == topic.settings.end() ? "" : is->second;
    if (text != value) differences.push_back(fmt::format("{}: {}, not {}", name, text, value));
  }
  return differences;
}

Status ReadValues(const KafkaSettings& settings, std::vector<KafkaValue>& wanted) {
  if (wanted.empty()) return Status::Ok();
  const std::vector<KafkaValue> places = wanted;
  for (int doubt = 1;; ++doubt) {
    Status status = ValueReader(settings).Read(wanted);
    if (status.code() != StatusCode::kCorruption || doubt == kDoubts) return status;
    wanted = places;  // bytes that were damaged on their way come whole the next time
  }
}

}  // namespace conntrail
