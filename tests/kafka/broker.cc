#include "tests/kafka/broker.h"

#include <array>
#include <atomic>
#include <functional>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "events/base/check.h"
#include "events/log/kafka/kafka_admin.h"
#include "events/log/kafka/kafka_client.h"
#include "tests/support/process.h"

namespace conntrail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  CONNTRAIL_CHECK(value != nullptr);  // run these tests with tests/kafka/with_broker
  return value;
}

std::unique_ptr<KafkaClient> Client(rd_kafka_type_t type,
                                    std::initializer_list<KafkaClient::Property> properties = {}) {
  auto client = KafkaClient::Make(type, SettingsFor("none"), properties);
  CONNTRAIL_CHECK(client.ok());
  return std::move(client).value();
}

// Sends an admin request and waits until `is_so` holds.
template <typename Send>
void Admin(Send send, const std::function<bool(const KafkaClient&)>& is_so) {
  const auto client = Client(RD_KAFKA_CONSUMER);
  const KafkaQueue queue(rd_kafka_queue_new(client->get()));
  send(client->get(), queue.get());
  const KafkaEvent event(rd_kafka_queue_poll(queue.get(), 20'000));
  CONNTRAIL_CHECK(event != nullptr);
  CONNTRAIL_CHECK(rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
  for (int i = 0; i < 200; ++i) {
    if (is_so(*client)) return;
    std::this_thread::sleep_for(milliseconds(50));
  }
  CONNTRAIL_CHECK(false);
}

std::optional<KafkaTopic> Describe(const KafkaClient& client, const std::string& topic) {
  const auto described = DescribeTopic(client, SettingsFor(topic));
  return described.ok() ? *described : std::nullopt;
}

}  // namespace

std::string KafkaBootstrap() { return Variable("KAFKA_BOOTSTRAP"); }

bool KafkaLocal(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {Variable("KAFKA_LOCAL")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const ProcessEnd end = RunProcess(command);
  if (end.exit_code != 0) ADD_FAILURE() << end.err;
  return end.exit_code == 0;
}

std::string NewTopicName(const std::string& prefix) {
  static const unsigned run = std::random_device()();
  static std::atomic<int> number{0};
  return prefix + "-" + std::to_string(run) + "-" + std::to_string(++number);
}

KafkaSettings SettingsFor(const std::string& topic) {
  KafkaSettings settings;
  settings.address = {KafkaBootstrap(), topic};
  settings.accepted = {"replication"};
  settings.append_wait = seconds(5);
  settings.request_wait = seconds(5);
  return settings;
}

Uuid MakeLog(const KafkaSettings& settings, size_t partitions) {
  const auto made = InitKafkaLog(settings, {.partitions = partitions});
  EXPECT_TRUE(made.ok()) << made.status().ToString();
  return made.ok() ? made->log_id.value_or(Uuid()) : Uuid();
}

std::unique_ptr<KafkaLog> MustOpen(const KafkaSettings& settings) {
  auto log = KafkaLog::Open(settings);
  EXPECT_TRUE(log.ok()) << log.status().ToString();
  return log.ok() ? std::move(log).value() : nullptr;
}

namespace {

void Create(const std::string& topic, rd_kafka_NewTopic_t* wanted,
            const std::map<std::string, std::string>& settings) {
  for (const auto& [name, value] : settings) {
    rd_kafka_NewTopic_set_config(wanted, name.c_str(), value.c_str());
  }
  Admin([&](rd_kafka_t* client,
            rd_kafka_queue_t* queue) { rd_kafka_CreateTopics(client, &wanted, 1, nullptr, queue); },
        [&](const KafkaClient& client) { return Describe(client, topic).has_value(); });
}

}  // namespace

void CreateTopicAsIs(const std::string& topic, int partitions,
                     const std::map<std::string, std::string>& settings) {
  const KafkaNewTopic wanted(rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, nullptr, 0));
  Create(topic, wanted.get(), settings);
}

void CreateTopicOn(const std::string& topic, std::vector<int32_t> brokers,
                   const std::map<std::string, std::string>& settings) {
  std::array<char, 512> text{};
  const KafkaNewTopic wanted(rd_kafka_NewTopic_new(topic.c_str(), 1, -1, text.data(), text.size()));
  CONNTRAIL_CHECK(rd_kafka_NewTopic_set_replica_assignment(
                      wanted.get(), 0, brokers.data(), brokers.size(), text.data(), text.size()) ==
                  RD_KAFKA_RESP_ERR_NO_ERROR);
  Create(topic, wanted.get(), settings);
}

void DeleteTopic(const std::string& topic) {
  const KafkaHandle<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy> wanted(
      rd_kafka_DeleteTopic_new(topic.c_str()));
  Admin(
      [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteTopic_t* one = wanted.get();
        rd_kafka_DeleteTopics(client, &one, 1, nullptr, queue);
      },
      [&](const KafkaClient& client) {
        const auto described = DescribeTopic(client, SettingsFor(topic));
        return described.ok() && !described->has_value();
      });
}

void AlterTopic(const std::string& topic, const std::map<std::string, std::string>& settings) {
  // This request replaces all settings, so it names those that stay.
  std::map<std::string, std::string> all = SettingsForLog(1);
  for (const auto& [name, value] : settings) all[name] = value;
  const KafkaResource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  for (const auto& [name, value] : all) {
    rd_kafka_ConfigResource_set_config(resource.get(), name.c_str(), value.c_str());
  }
  Admin(
      [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
        rd_kafka_ConfigResource_t* one = resource.get();
        rd_kafka_AlterConfigs(client, &one, 1, nullptr, queue);
      },
      [&](const KafkaClient& client) {
        const auto described = Describe(client, topic);
        return described && std::all_of(all.begin(), all.end(), [&](const auto& setting) {
                 return described->settings.at(setting.first) == setting.second;
               });
      });
}

void RaisePartitions(const std::string& topic, int partitions) {
  const KafkaHandle<rd_kafka_NewPartitions_t, rd_kafka_NewPartitions_destroy> wanted(
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<size_t>(partitions), nullptr, 0));
  Admin(
      [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
        rd_kafka_NewPartitions_t* one = wanted.get();
        rd_kafka_CreatePartitions(client, &one, 1, nullptr, queue);
      },
      [&](const KafkaClient& client) {
        const auto described = Describe(client, topic);
        return described && described->partitions.size() == static_cast<size_t>(partitions);
      });
}

void DeleteRecordsBefore(const std::string& topic, int64_t kafka_offset) {
  rd_kafka_topic_partition_list_t* offsets = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(offsets, topic.c_str(), 0)->offset = kafka_offset;
  const KafkaHandle<rd_kafka_DeleteRecords_t, rd_kafka_DeleteRecords_destroy> wanted(
      rd_kafka_DeleteRecords_new(offsets));
  rd_kafka_topic_partition_list_destroy(offsets);
  Admin(
      [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteRecords_t* one = wanted.get();
        rd_kafka_DeleteRecords(client, &one, 1, nullptr, queue);
      },
      [&](const KafkaClient& client) {
        const auto described = Describe(client, topic);
        return described && described->partitions[0].begin == kafka_offset;
      });
}

namespace {

void Produce(rd_kafka_t* client, const std::string& topic, const std::vector<std::string>& values,
             const std::string& key) {
  for (const std::string& value : values) {
    CONNTRAIL_CHECK(
        rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                          RD_KAFKA_V_KEY(key.data(), key.size()),
                          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                          RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  CONNTRAIL_CHECK(rd_kafka_flush(client, 20'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void MustSucceed(rd_kafka_error_t* error) {
  if (error == nullptr) return;
  ADD_FAILURE() << rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
}

}  // namespace

void Allow(const std::string& topic, const std::string& user,
           const std::vector<rd_kafka_AclOperation_t>& operations) {
  std::array<char, 512> text{};
  std::vector<rd_kafka_AclBinding_t*> bindings;
  for (const rd_kafka_AclOperation_t operation : operations) {
    bindings.push_back(rd_kafka_AclBinding_new(
        RD_KAFKA_RESOURCE_TOPIC, topic.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL,
        ("User:" + user).c_str(), "*", operation, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, text.data(),
        text.size()));
    CONNTRAIL_CHECK(bindings.back() != nullptr);
  }
  Admin(
      [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
        rd_kafka_CreateAcls(client, bindings.data(), bindings.size(), nullptr, queue);
      },
      [](const KafkaClient&) { return true; });
  rd_kafka_AclBinding_destroy_array(bindings.data(), bindings.size());
}

void ProduceAsIs(const std::string& topic, const std::vector<std::string>& values,
                 const std::string& key) {
  Produce(Client(RD_KAFKA_PRODUCER)->get(), topic, values, key);
}

void ProduceInTransaction(const std::string& topic, const std::vector<std::string>& values) {
  const auto client = Client(RD_KAFKA_PRODUCER, {{"transactional.id", NewTopicName("writer")}});
  MustSucceed(rd_kafka_init_transactions(client->get(), 20'000));
  MustSucceed(rd_kafka_begin_transaction(client->get()));
  Produce(client->get(), topic, values, "");
  const auto end = [&] { return Describe(*client, topic)->partitions[0].end; };
  const int64_t written = end();
  MustSucceed(rd_kafka_commit_transaction(client->get(), 20'000));
  // The marker may come a moment after the commit is confirmed.
  for (int i = 0; i < 200 && end() == written; ++i) std::this_thread::sleep_for(milliseconds(20));
}

}  // namespace conntrail
