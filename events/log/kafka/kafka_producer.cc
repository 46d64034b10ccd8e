#include "events/log/kafka/kafka_producer.h"

#include <atomic>

#include <fmt/format.h>

#include "events/base/check.h"
#include "events/log/kafka/kafka_client.h"
#include "events/log/kafka/kafka_headers.h"
#include "events/log/kafka/kafka_record.h"

namespace conntrail {
namespace {

constexpr int kPollMs = 100;
constexpr std::chrono::milliseconds kCopyWait{60'000};

// The way back from a message to whoever waits for it.
struct Ticket {
  std::shared_ptr<Deliveries> deliveries;
  size_t index = 0;
};

Delivery FateOf(const rd_kafka_message_t& message) {
  Delivery delivery;
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const int64_t time_ms = rd_kafka_message_timestamp(&message, &type);
    delivery.fate = Delivery::Fate::kDurable;
    // A retry that the broker knew already is acknowledged without an offset.
    delivery.offset = message.offset >= 0 ? message.offset : -1;
    if (type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME) delivery.append_time_ms = time_ms;
    return delivery;
  }
  const bool never_sent = rd_kafka_message_status(&message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
  delivery.fate = never_sent ? Delivery::Fate::kNotSent : Delivery::Fate::kUnknown;
  return delivery;
}

KafkaHeaders ToHeaders(ByteSpan payload) {
  const std::vector<KafkaHeader> texts = HeadersOf(payload);
  KafkaHeaders headers(rd_kafka_headers_new(texts.size()));
  for (const KafkaHeader& header : texts) {
    rd_kafka_header_add(headers.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));
  }
  return headers;
}

}  // namespace

std::vector<Delivery> Deliveries::Await(std::chrono::milliseconds wait_max) {
  std::unique_lock lock(mutex_);
  all_told_.wait_for(lock, wait_max, [&] { return left_ == 0; });
  std::vector<Delivery> told = deliveries_;
  for (Delivery& delivery : told) {
    if (delivery.fate != Delivery::Fate::kUnderWay) continue;
    delivery.fate = Delivery::Fate::kUnknown;
    delivery.why = fmt::format("no acknowledgement within {} ms", wait_max.count());
  }
  return told;
}

bool Deliveries::AwaitAll(std::chrono::milliseconds wait_max) {
  std::unique_lock lock(mutex_);
  return all_told_.wait_for(lock, wait_max, [&] { return left_ == 0; });
}

void Deliveries::Tell(size_t index, Delivery delivery) {
  const std::lock_guard lock(mutex_);
  CONNTRAIL_CHECK(deliveries_[index].fate == Delivery::Fate::kUnderWay);
  deliveries_[index] = std::move(delivery);
  if (--left_ == 0) all_told_.notify_all();
}

// One librdkafka producer and the thread that hears its deliveries.
class KafkaProducer::Session {
 public:
  static Result<std::shared_ptr<Session>> Open(const KafkaSettings& settings, Kind kind) {
    auto session = std::make_shared<Session>();
    const bool together = kind == Kind::kTogether;
    const bool copies = kind == Kind::kCopies;
    const auto message_wait = copies ? kCopyWait : settings.append_wait;
    // Long, but librdkafka wants the time of a message to be longer.
    const std::string gathering_ms = std::to_string(settings.append_wait.count() / 2);
    const bool patient = kind == Kind::kPatient;
    const std::string wait_ms = patient ? "0" : std::to_string(message_wait.count());
    CONNTRAIL_ASSIGN_OR_RETURN(
        session->client_,
        KafkaClient::Make(
            RD_KAFKA_PRODUCER, settings,
            {{"enable.idempotence", "true"},
             {"acks", "all"},
             {"compression.codec", "lz4"},
             // While five requests are under way, what comes next gathers by itself.
             {"linger.ms", together ? gathering_ms
                           : copies ? "5"
                                    : "0"},
             {"enable.gapless.guarantee", copies || settings.keeps_order ? "true" : "false"},
             {"queue.buffering.max.kbytes", "524288"},
             {"queue.buffering.max.messages", patient ? "10000000" : "100000"},
             {"message.timeout.ms", wait_ms},
             {"delivery.report.only.error", "false"}},
            [raw = session.get()](const rd_kafka_message_t& message) {
              raw->OnDelivered(message);
            }));
    session->topic_.reset(
        rd_kafka_topic_new(session->client_->get(), settings.address.topic.c_str(), nullptr));
    session->together_ = together;
    session->writes_headers_ = settings.writes_headers;
    session->flush_ms_ = ToMs(settings.append_wait);
    session->poller_ = std::thread([raw = session.get()] { raw->Poll(); });
    return session;
  }

  ~Session() {
    if (client_ == nullptr) return;
    // Whatever is under way is told as such: nobody waits for more.
    rd_kafka_purge(client_->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    while (rd_kafka_outq_len(client_->get()) > 0) rd_kafka_poll(client_->get(), kPollMs);
    stopping_ = true;
    if (poller_.joinable()) poller_.join();
  }

  bool is_fatal() const { return client_->is_fatal() || is_fatal_; }
  KafkaClient& client() { return *client_; }

  void Produce(PartitionId partition, std::span<const NewRecord> records,
               const std::shared_ptr<Deliveries>& deliveries) {
    // Records of one call stand together in the queue.
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < records.size(); ++i) {
      const ByteSpan value = records[i].payload;
      ProduceOne(partition, KeyBytes(records[i].key), value, 0,
                 writes_headers_ ? ToHeaders(value) : nullptr,
                 std::make_unique<Ticket>(Ticket{deliveries, i}));
    }
    // While it flushes, librdkafka sends all that is queued as one batch at once.
    if (together_) rd_kafka_flush(client_->get(), flush_ms_);
  }

  void ProduceCopies(PartitionId partition, std::span<const LogRecord> records,
                     const std::shared_ptr<Deliveries>& deliveries) {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < records.size(); ++i) {
      if (copies_failed_) {
        deliveries->Tell(i, {.fate = Delivery::Fate::kNotSent, .why = "one before it was not"});
        continue;
      }
      copies_failed_ = !ProduceOne(partition, KeyBytes(records[i].key), records[i].payload,
                                   records[i].append_time_ms, nullptr,
                                   std::make_unique<Ticket>(Ticket{deliveries, i}));
    }
  }

  void Produce(PartitionId partition, std::span<const KafkaOutgoing> messages,
               const std::shared_ptr<Deliveries>& deliveries) {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < messages.size(); ++i) {
      const KafkaOutgoing& message = messages[i];
      KafkaHeaders headers(rd_kafka_headers_new(message.headers.size()));
      for (const auto& [name, value] : message.headers) {
        rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()),
                            value.data(), static_cast<ssize_t>(value.size()));
      }
      ProduceOne(partition, message.key, AsBytes(message.value), 0, std::move(headers),
                 std::make_unique<Ticket>(Ticket{deliveries, i}));
    }
  }

 private:
  // False: it was not queued. `time_ms` 0: now.
  bool ProduceOne(PartitionId partition, const std::string& key, ByteSpan value, UnixMs time_ms,
                  KafkaHeaders headers, std::unique_ptr<Ticket> ticket) {
    // librdkafka copies key and value before it returns.
    void* payload = const_cast<std::byte*>(value.data());
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (headers != nullptr) {
      error = rd_kafka_producev(
          client_->get(), RD_KAFKA_V_RKT(topic_.get()), RD_KAFKA_V_PARTITION(partition.value),
          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(payload, value.size()),
          RD_KAFKA_V_KEY(key.data(), key.size()), RD_KAFKA_V_TIMESTAMP(time_ms),
          RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_OPAQUE(ticket.get()), RD_KAFKA_V_END);
    } else {
      error = rd_kafka_producev(
          client_->get(), RD_KAFKA_V_RKT(topic_.get()), RD_KAFKA_V_PARTITION(partition.value),
          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(payload, value.size()),
          RD_KAFKA_V_KEY(key.data(), key.size()), RD_KAFKA_V_TIMESTAMP(time_ms),
          RD_KAFKA_V_OPAQUE(ticket.get()), RD_KAFKA_V_END);
    }
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      (void)headers.release();  // librdkafka's
      (void)ticket.release();   // OnDelivered's
      return true;
    }
    if (error == RD_KAFKA_RESP_ERR__FATAL) is_fatal_ = true;
    ticket->deliveries->Tell(ticket->index,
                             {.fate = Delivery::Fate::kNotSent, .why = client_->WhyOf(error)});
    return false;
  }

  void OnDelivered(const rd_kafka_message_t& message) {
    const std::unique_ptr<Ticket> ticket(static_cast<Ticket*>(message._private));
    Delivery delivery = FateOf(message);
    if (delivery.fate != Delivery::Fate::kDurable) delivery.why = client_->WhyOf(message.err);
    ticket->deliveries->Tell(ticket->index, std::move(delivery));
  }

  void Poll() {
    while (!stopping_) rd_kafka_poll(client_->get(), kPollMs);
  }

  std::unique_ptr<KafkaClient> client_;
  KafkaTopicHandle topic_;
  bool together_ = false;
  bool writes_headers_ = false;
  int flush_ms_ = 0;
  std::mutex mutex_;
  bool copies_failed_ = false;  // guarded by mutex_; what comes after one that was not queued
  std::atomic<bool> stopping_{false};
  std::atomic<bool> is_fatal_{false};
  std::thread poller_;
};

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::Open(const KafkaSettings& settings,
                                                           Kind kind) {
  std::unique_ptr<KafkaProducer> producer(new KafkaProducer(settings, kind));
  CONNTRAIL_ASSIGN_OR_RETURN(producer->session_, Session::Open(settings, kind));
  return producer;
}

KafkaProducer::~KafkaProducer() = default;

std::shared_ptr<KafkaProducer::Session> KafkaProducer::session() {
  const std::lock_guard lock(mutex_);
  return session_;
}

std::shared_ptr<Deliveries> KafkaProducer::Produce(PartitionId partition,
                                                   std::span<const NewRecord> records) {
  auto deliveries = std::make_shared<Deliveries>(records.size());
  session()->Produce(partition, records, deliveries);
  return deliveries;
}

std::shared_ptr<Deliveries> KafkaProducer::ProduceCopies(PartitionId partition,
                                                         std::span<const LogRecord> records) {
  auto deliveries = std::make_shared<Deliveries>(records.size());
  session()->ProduceCopies(partition, records, deliveries);
  return deliveries;
}

std::shared_ptr<Deliveries> KafkaProducer::Produce(PartitionId partition,
                                                   std::span<const KafkaOutgoing> messages) {
  auto deliveries = std::make_shared<Deliveries>(messages.size());
  session()->Produce(partition, messages, deliveries);
  return deliveries;
}

std::string KafkaProducer::last_trouble() { return session()->client().last_trouble(); }

Status KafkaProducer::Mend() {
  std::shared_ptr<Session> broken;  // ends outside the lock: it tells what was under way
  const std::lock_guard lock(mutex_);
  if (!session_->is_fatal()) return Status::Ok();
  settings_.diagnostics("the Kafka producer is replaced: " + session_->client().last_trouble());
  CONNTRAIL_ASSIGN_OR_RETURN(auto fresh, Session::Open(settings_, kind_));
  broken = std::exchange(session_, std::move(fresh));
  return Status::Ok();
}

void KafkaProducer::BreakForTest() {
  rd_kafka_test_fatal_error(session()->client().get(),
                            RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "broken by a test");
}

}  // namespace conntrail
