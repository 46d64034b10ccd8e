#include "events/log/kafka/kafka_client.h"

#include <array>

#include <fmt/format.h>
#include <syslog.h>

namespace conntrail {
namespace {

using ErrorText = std::array<char, 512>;

Status SetProperty(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  ErrorText text{};
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size()) ==
      RD_KAFKA_CONF_OK) {
    return Status::Ok();
  }
  return Status::InvalidArgument(fmt::format("Kafka property {}: {}", name, text.data()));
}

}  // namespace

Result<std::unique_ptr<KafkaClient>> KafkaClient::Make(rd_kafka_type_t type,
                                                       const KafkaSettings& settings,
                                                       std::initializer_list<Property> properties,
                                                       Delivered delivered, Rebalanced rebalanced) {
  std::unique_ptr<KafkaClient> client(
      new KafkaClient(settings, std::move(delivered), std::move(rebalanced)));
  KafkaConf conf(rd_kafka_conf_new());
  // A broker that comes back is found within a second; a metadata answer is no older than 30 s.
  const std::initializer_list<Property> ours = {{"client.id", "conntrail"},
                                                {"reconnect.backoff.max.ms", "1000"},
                                                {"topic.metadata.refresh.interval.ms", "30000"},
                                                {"socket.nagle.disable", "true"},
                                                {"socket.keepalive.enable", "true"}};
  for (const auto& [name, value] : ours) {
    CONNTRAIL_RETURN_IF_ERROR(SetProperty(conf.get(), name, value));
  }
  for (const auto& [name, value] : settings.properties) {
    CONNTRAIL_RETURN_IF_ERROR(SetProperty(conf.get(), name, value));
  }
  CONNTRAIL_RETURN_IF_ERROR(
      SetProperty(conf.get(), "bootstrap.servers", settings.address.bootstrap));
  for (const auto& [name, value] : properties) {
    CONNTRAIL_RETURN_IF_ERROR(SetProperty(conf.get(), name, value));
  }
  client->SetCallbacks(conf.get());
  ErrorText text{};
  client->client_ = rd_kafka_new(type, conf.get(), text.data(), text.size());
  if (client->client_ == nullptr) {
    return Status::InvalidArgument(fmt::format("Kafka client: {}", text.data()));
  }
  (void)conf.release();  // the client's now
  return client;
}

KafkaClient::~KafkaClient() {
  // Whoever is in a group has left it; nothing is to be waited for: deliveries were awaited before.
  if (client_ != nullptr) rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void KafkaClient::SetCallbacks(rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_error_cb(conf, [](rd_kafka_t*, int error, const char* reason, void* self) {
    static_cast<KafkaClient*>(self)->NoteError(static_cast<rd_kafka_resp_err_t>(error), reason);
  });
  rd_kafka_conf_set_log_cb(
      conf, [](const rd_kafka_t* client, int level, const char* facility, const char* text) {
        // Lost connections come back by themselves, and are told once by whoever needs one.
        if (level > LOG_CRIT) return;
        const auto* self = static_cast<const KafkaClient*>(rd_kafka_opaque(client));
        self->settings_.diagnostics(fmt::format("kafka {}: {}", facility, text));
      });
  if (rebalanced_ != nullptr) {
    rd_kafka_conf_set_rebalance_cb(
        conf,
        [](rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* partitions,
           void* self) { static_cast<KafkaClient*>(self)->rebalanced_(error, partitions); });
  }
  if (delivered_ == nullptr) return;
  rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    static_cast<KafkaClient*>(self)->delivered_(*message);
  });
}

void KafkaClient::NoteError(rd_kafka_resp_err_t error, const char* reason) {
  if (error == RD_KAFKA_RESP_ERR__FATAL) is_fatal_ = true;
  const std::lock_guard lock(mutex_);
  last_trouble_ = reason;
}

std::string KafkaClient::last_trouble() const {
  const std::lock_guard lock(mutex_);
  return last_trouble_;
}

Status KafkaFailure(rd_kafka_resp_err_t error, std::string_view what, std::string_view detail) {
  std::string text = fmt::format("{}: {}", what, rd_kafka_err2str(error));
  if (!detail.empty()) text += fmt::format(" ({})", detail);
  switch (error) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return Status::NotFound(std::move(text));
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
      return Status::Corruption(std::move(text));
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return Status::FailedPrecondition(std::move(text));
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return Status::InvalidArgument(std::move(text));
    default:
      return Status::Unavailable(std::move(text));
  }
}

bool SaysGone(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

}  // namespace conntrail
