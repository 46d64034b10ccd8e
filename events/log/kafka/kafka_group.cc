#include "events/log/kafka/kafka_group.h"

#include <array>
#include <set>

#include <fmt/format.h>

#include "events/log/kafka/kafka_client.h"

namespace conntrail {
namespace {

constexpr int kPollMs = 200;

}  // namespace

// What is assigned, as librdkafka tells it: what comes and what goes. On the group's thread.
class KafkaGroup::Assignment {
 public:
  Assignment(const std::function<void(std::vector<PartitionId>)>& assigned) : assigned_(assigned) {}

  void Change(rd_kafka_t* client, rd_kafka_resp_err_t error,
              rd_kafka_topic_partition_list_t* partitions) {
    const bool comes = error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    for (int i = 0; i < partitions->cnt; ++i) {
      const PartitionId partition(static_cast<uint16_t>(partitions->elems[i].partition));
      if (comes) {
        mine_.insert(partition);
      } else {
        mine_.erase(partition);
      }
      partitions->elems[i].offset = RD_KAFKA_OFFSET_END;
    }
    if (comes) {
      rd_kafka_error_destroy(rd_kafka_incremental_assign(client, partitions));
      (void)rd_kafka_pause_partitions(client, partitions);  // nothing is read through the group
    } else {
      rd_kafka_error_destroy(rd_kafka_incremental_unassign(client, partitions));
    }
    assigned_({mine_.begin(), mine_.end()});
  }

 private:
  const std::function<void(std::vector<PartitionId>)>& assigned_;
  std::set<PartitionId> mine_;
};

KafkaGroup::KafkaGroup(const KafkaSettings& settings, Options options)
    : settings_(settings),
      options_(std::move(options)),
      assignment_(std::make_unique<Assignment>(options_.assigned)) {}

Result<std::unique_ptr<KafkaGroup>> KafkaGroup::Join(const KafkaSettings& settings,
                                                     Options options) {
  std::unique_ptr<KafkaGroup> group(new KafkaGroup(settings, std::move(options)));
  CONNTRAIL_RETURN_IF_ERROR(group->Start());
  return group;
}

Status KafkaGroup::Start() {
  const int64_t session_ms = options_.session_max.count();
  CONNTRAIL_ASSIGN_OR_RETURN(
      client_,
      KafkaClient::Make(
          RD_KAFKA_CONSUMER, settings_,
          {{"group.id", options_.group},
           {"client.id", options_.name},
           {"enable.auto.commit", "false"},
           {"partition.assignment.strategy", "cooperative-sticky"},
           {"session.timeout.ms", std::to_string(session_ms)},
           {"heartbeat.interval.ms", std::to_string(session_ms / 4)}},
          nullptr, [this](rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions) {
            assignment_->Change(client_->get(), error, partitions);
          }));
  rd_kafka_poll_set_consumer(client_->get());
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, settings_.address.topic.c_str(), RD_KAFKA_PARTITION_UA);
  const rd_kafka_resp_err_t error = rd_kafka_subscribe(client_->get(), topics);
  rd_kafka_topic_partition_list_destroy(topics);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return KafkaFailure(error, "cannot join the group " + options_.group);
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  return Status::Ok();
}

void KafkaGroup::Run(const std::stop_token& stop) {
  std::string told;
  while (!stop.stop_requested()) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client_->get(), kPollMs);
    if (message == nullptr) continue;
    // Errors pass by themselves, or stay until somebody mends the cluster: each is told once.
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const std::string trouble = rd_kafka_message_errstr(message);
      if (trouble != told) {
        settings_.diagnostics(fmt::format("group {}: {}", options_.group, trouble));
      }
      told = trouble;
    }
    rd_kafka_message_destroy(message);
  }
  (void)rd_kafka_consumer_close(client_->get());
}

KafkaGroup::~KafkaGroup() {
  thread_ = std::jthread();  // stops and joins
}

Result<std::vector<std::string>> KafkaGroup::Members() const {
  const std::string what = "cannot read the members of the group " + options_.group;
  const KafkaAdminOptions options(
      rd_kafka_AdminOptions_new(client_->get(), RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS));
  const KafkaQueue queue(rd_kafka_queue_new(client_->get()));
  std::array<char, 512> text{};
  const int wait_ms = ToMs(settings_.request_wait);
  rd_kafka_AdminOptions_set_request_timeout(options.get(), wait_ms, text.data(), text.size());
  const char* group = options_.group.c_str();
  rd_kafka_DescribeConsumerGroups(client_->get(), &group, 1, options.get(), queue.get());
  const KafkaEvent event(rd_kafka_queue_poll(queue.get(), wait_ms + 1000));
  if (event == nullptr) return Status::Unavailable(what + ": no answer in time");
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return KafkaFailure(error, what, rd_kafka_event_error_string(event.get()));
  }
  const auto* result = rd_kafka_event_DescribeConsumerGroups_result(event.get());
  size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** groups =
      rd_kafka_DescribeConsumerGroups_result_groups(result, &count);
  std::vector<std::string> names;
  for (size_t g = 0; g < count; ++g) {
    const rd_kafka_error_t* failed = rd_kafka_ConsumerGroupDescription_error(groups[g]);
    if (failed != nullptr) {
      return KafkaFailure(rd_kafka_error_code(failed), what, rd_kafka_error_string(failed));
    }
    for (size_t m = 0; m < rd_kafka_ConsumerGroupDescription_member_count(groups[g]); ++m) {
      const auto* member = rd_kafka_ConsumerGroupDescription_member(groups[g], m);
      names.emplace_back(rd_kafka_MemberDescription_client_id(member));
    }
  }
  return names;
}

}  // namespace conntrail
