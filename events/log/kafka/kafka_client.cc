#include "events/log/kafka/kafka_client.h"

#include <array>

#include <fmt/format.h>
#include <syslog.h>

#include "events/log/kafka/kafka_refusal.h"

namespace conntrail {
namespace {

using ErrorText = std::array<char, 512>;

Status SetProperty(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  ErrorText text{};
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size()) ==
      RD_KAFKA_CONF_OK) {
    return Status::Ok();
  }
  // librdkafka repeats some values. They may be secrets that stand in the wrong line.
  std::string why = text.data();
  if (!value.empty() && why.find(value) != std::string::npos) {
    why = fmt::format("librdkafka {} does not take this value", rd_kafka_version_str());
  }
  return Status::InvalidArgument(fmt::format("Kafka property {}: {}", name, why));
}

// The files that properties name, for an error that tells only the property.
std::string FilesOf(const KafkaProperties& properties) {
  std::string files;
  for (const auto& [name, value] : properties) {
    if (name.ends_with(".location")) files += fmt::format("; {} is {}", name, value);
  }
  return files;
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
    return Status::InvalidArgument(
        fmt::format("Kafka client: {}{}", text.data(), FilesOf(settings.properties)));
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
  const std::string remedy = RemedyFor(error, reason, rd_kafka_version());
  const std::lock_guard lock(mutex_);
  last_trouble_ = reason;
  // Brokers that have answered are known to be the right ones: if they hang up, they go down.
  if (has_answered_ && error == RD_KAFKA_RESP_ERR__TRANSPORT) return;
  if (!remedy.empty()) refusal_ = fmt::format("{}; {}", reason, remedy);
}

std::string KafkaClient::refusal() const {
  const std::lock_guard lock(mutex_);
  return refusal_;
}

void KafkaClient::NoteAnswer() const {
  const std::lock_guard lock(mutex_);
  refusal_.clear();
  has_answered_ = true;
}

std::string KafkaClient::last_trouble() const {
  const std::lock_guard lock(mutex_);
  return last_trouble_;
}

std::string KafkaClient::WhyOf(rd_kafka_resp_err_t error) const {
  ErrorText text{};
  const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(client_, text.data(), text.size());
  if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const std::string refused = refusal();
    return refused.empty() ? KafkaFailure(error, "").message() : refused;
  }
  return KafkaFailure(fatal, text.data()).message();
}

Status KafkaFailure(rd_kafka_resp_err_t error, std::string_view what, std::string_view detail) {
  std::string text(what);
  if (!text.empty()) text += ": ";
  text += rd_kafka_err2str(error);
  if (!detail.empty()) text += fmt::format(" ({})", detail);
  if (const auto rights = RightsMissing(error); !rights.empty())
    text += fmt::format("; {}", rights);
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
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
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

Status Unreachable(const KafkaClient& client, const KafkaSettings& settings,
                   rd_kafka_resp_err_t error) {
  rd_kafka_poll(client.get(), 0);  // what it has to tell
  const std::string refusal = client.refusal();
  if (!refusal.empty()) {
    return Status::Unavailable(
        fmt::format("no connection to Kafka at {}: {}", settings.address.bootstrap, refusal));
  }
  const std::string trouble = client.last_trouble();
  return Status::Unavailable(fmt::format("no answer from Kafka at {} within {} ms: {}",
                                         settings.address.bootstrap, settings.request_wait.count(),
                                         trouble.empty() ? rd_kafka_err2str(error) : trouble));
}

bool SaysGone(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

}  // namespace conntrail
