#include "events/producer/outbox.h"

#include <fmt/format.h>

#include "events/event_codec.h"
#include "events/event_json.h"
#include "events/producer/outbox_files.h"
#include "events/producer/outbox_sender.h"
#include "events/reportable.h"
#include "events/secret/token_shapes.h"

namespace conntrail {
namespace {

constexpr size_t kNameBytesMax = 200;
constexpr uint64_t kBytesMin = 1 << 20;

Status Check(const OutboxOptions& options) {
  const std::string& name = options.producer;
  if (name.empty() || name.size() > kNameBytesMax || !IsText(name) ||
      name.find('\n') != std::string::npos) {
    return Status::InvalidArgument(
        fmt::format("the producer's name is one line of 1 to {} bytes of text", kNameBytesMax));
  }
  if (options.bytes_max < kBytesMin || options.part_bytes == 0 || options.batch_bytes == 0 ||
      options.retry_wait.count() <= 0 || options.retry_wait_max < options.retry_wait) {
    return Status::InvalidArgument(fmt::format(
        "an outbox takes at least {} bytes, and parts, batches and waits above 0", kBytesMin));
  }
  return Status::Ok();
}

// That a log would take `event`, with a number of its own.
Status CheckEvent(const Event& event) {
  const Bytes bytes = EncodeEvent(event);
  if (bytes.size() > kRecordBytesMax) {
    return Status::InvalidArgument(
        fmt::format("the event has {} bytes, {} are allowed", bytes.size(), kRecordBytesMax));
  }
  const DecodedEvent decoded = DecodeEvent(bytes);
  if (decoded.fault != DecodeFault::kNone) {
    return Status::InvalidArgument(fmt::format("{} of the event is not valid", decoded.place));
  }
  const std::string_view shape = FindTokenShape(EventToJson(event));
  if (shape.empty()) return Status::Ok();
  return Status::InvalidArgument(
      fmt::format("a text in the event looks like {}; secrets do not belong here", shape));
}

}  // namespace

Result<std::unique_ptr<Outbox>> Outbox::Open(const std::string& directory, OutboxTarget target,
                                             OutboxOptions options) {
  CONNTRAIL_RETURN_IF_ERROR(Check(options));
  CONNTRAIL_ASSIGN_OR_RETURN(auto files, OutboxFiles::Open(directory, options));
  return std::unique_ptr<Outbox>(
      new Outbox(std::move(files), std::move(target), std::move(options)));
}

Outbox::Outbox(std::unique_ptr<OutboxFiles> files, OutboxTarget target, OutboxOptions options)
    : options_(std::move(options)),
      files_(std::move(files)),
      sender_(std::make_unique<OutboxSender>(*files_, std::move(target), options_)) {}

Outbox::~Outbox() = default;

Result<Event> Outbox::Prepare(Event event) const {
  if (event.authority != Authority::kUnspecified && event.authority != Authority::kObservation) {
    return Status::InvalidArgument("a producer reports observations; intents go to the API");
  }
  if (!IsReportable(event.type())) {
    return Status::InvalidArgument(
        fmt::format("{} cannot be reported by a producer", EventTypeName(event.type())));
  }
  event.authority = Authority::kObservation;
  event.rights = options_.backfill ? right::kBackfill : 0;
  event.log_tag = 0;
  event.producer = files_->producer();
  event.producer_sequence = UINT64_MAX;  // given later; as wide as any
  const UnixMs now_ms = options_.clock->Now();
  if (event.id.uuid.is_nil()) event.id = {Uuid::NewTimeOrdered(now_ms)};
  if (!event.recorded_at_ms) event.recorded_at_ms = now_ms;
  CONNTRAIL_RETURN_IF_ERROR(CheckEvent(event));
  if (options_.partition_of) CONNTRAIL_RETURN_IF_ERROR(options_.partition_of(event.org).status());
  return event;
}

Result<OutboxReceipt> Outbox::Record(Event event) {
  std::vector<Event> events;
  events.push_back(std::move(event));
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OutboxReceipt> receipts,
                             RecordAll(std::move(events)));
  return receipts.front();
}

Result<std::vector<OutboxReceipt>> Outbox::RecordAll(std::vector<Event> events) {
  for (Event& event : events) {
    CONNTRAIL_ASSIGN_OR_RETURN(event, Prepare(std::move(event)));
  }
  CONNTRAIL_RETURN_IF_ERROR(sender_->Record(events));
  std::vector<OutboxReceipt> receipts;
  receipts.reserve(events.size());
  for (const Event& event : events) receipts.push_back({event.id, *event.producer_sequence});
  return receipts;
}

bool Outbox::Flush(std::chrono::milliseconds wait_max) { return sender_->Flush(wait_max); }

uint64_t Outbox::Close(std::chrono::milliseconds wait_max) { return sender_->Close(wait_max); }

OutboxStats Outbox::stats() const { return sender_->stats(); }

const std::string& Outbox::producer() const { return files_->producer(); }

}  // namespace conntrail
