#include "tools/conntrail/import/observation_line.h"

#include <fmt/format.h>

#include "events/event_codec.h"
#include "events/model/enum_names.h"
#include "events/secret/token_shapes.h"
#include "tools/conntrail/import/line_reading.h"
#include "tools/conntrail/import/operation_reading.h"

namespace conntrail {
namespace {

// Of the event ids: uuid5 of "https://conntrail/import" in the URL name space.
constexpr Uuid kImportNameSpace{0xc4565d4a73825381u, 0x972f96ef2b1f80d8u};

void ReadActor(JsonReader& r, const JsonValue& root, Event& event) {
  event.actor.principal = OptionalAccount(r, root, "actor");
  if (event.actor.principal) event.actor.kind = ActorKind::kPerson;
  if (const JsonValue* kind = FindPresent(r, root, "actor_kind")) {
    const auto parsed = ParseEnum<ActorKind>(r.Text(*kind));
    if (!parsed) r.Fail(*kind, "must be person, service or system");
    event.actor.kind = parsed.value_or(ActorKind::kUnspecified);
  }
  event.approver = OptionalAccount(r, root, "approver");
}

void ReadTransaction(JsonReader& r, const JsonValue& root, Event& event) {
  bool any = false;
  for (const char* name : {"txn", "txn_index", "txn_size"}) {
    any = FindPresent(r, root, name) != nullptr || any;
  }
  if (!any) return;
  Transaction transaction;
  transaction.id = RequiredText(r, root, "txn");
  transaction.size = static_cast<uint32_t>(RequiredUint(r, root, "txn_size", UINT32_MAX));
  transaction.position = static_cast<uint32_t>(RequiredUint(r, root, "txn_index", UINT32_MAX));
  if (r.ok() && transaction.position >= transaction.size) {
    r.Fail(*r.Find(root, "txn_index"), "must be less than txn_size");
  }
  event.context.transaction = std::move(transaction);
}

void ReadSource(JsonReader& r, const JsonValue& root, EventContext& context) {
  const JsonValue* source = FindPresent(r, root, "source");
  if (source == nullptr) return;
  context.source = OptionalText(r, *source, "interface");
  context.source_ip = OptionalText(r, *source, "ip");
  context.user_agent = OptionalText(r, *source, "user_agent");
  if (r.ok()) r.RefuseOthers(*source);
}

void ReadEnvelope(JsonReader& r, const JsonValue& root, Event& event) {
  event.producer_sequence = RequiredUint(r, root, "seq", UINT64_MAX);
  if (r.ok() && *event.producer_sequence == 0) r.Fail(*r.Find(root, "seq"), "must not be 0");
  event.recorded_at_ms = RequiredTime(r, root, "recorded_at");
  if (FindPresent(r, root, "occurred_at") != nullptr) {
    event.occurred_at_ms = RequiredTime(r, root, "occurred_at");
  }
  event.context.reason = OptionalText(r, root, "reason");
  event.context.request_id = OptionalText(r, root, "request_id");
  ReadActor(r, root, event);
  ReadTransaction(r, root, event);
  ReadSource(r, root, event.context);
}

void ReadUse(JsonReader& r, const JsonValue& root, Event& event) {
  ConnectionUsed used;
  const UnixMs at_ms = RequiredTime(r, root, "at");
  event.recorded_at_ms = event.occurred_at_ms = at_ms;
  used.first_at_ms = used.last_at_ms = at_ms;
  if (const JsonValue* id = r.Require(root, "connection")) used.connection = {ReadId(r, *id)};
  if (const JsonValue* mode = r.Require(root, "mode")) {
    const auto parsed = ParseEnum<UseMode>(r.Text(*mode));
    if (!parsed) r.Fail(*mode, "must be manual or automatic");
    used.mode = parsed.value_or(UseMode::kUnspecified);
  }
  used.principal = OptionalAccount(r, root, "principal");
  used.detail = OptionalText(r, root, "version");
  event.actor.principal = used.principal;
  const bool by_service =
      used.mode == UseMode::kAutomatic ||
      (used.principal && used.principal->kind == PrincipalKind::kServiceAccount);
  if (by_service) {
    event.actor.kind = ActorKind::kService;
  } else if (used.principal) {
    event.actor.kind = ActorKind::kPerson;
  }
  event.action = std::move(used);
}

Event NewObservation(const ImportSource& source) {
  Event event;
  event.org = source.org;
  event.authority = Authority::kObservation;
  event.rights = right::kBackfill | right::kEventIntake;
  event.producer = source.producer;
  event.context.interface = Interface::kImport;
  return event;
}

// Messages of a parser may repeat what stands in the line.
Status WithoutSecrets(const Status& status) {
  std::string_view message = status.message();
  constexpr std::string_view kFirstLine = "line 1, ";  // there is only one
  if (message.starts_with(kFirstLine)) message.remove_prefix(kFirstLine.size());
  const std::string_view shape = FindTokenShape(message);
  if (shape.empty()) return Status::InvalidArgument(std::string(message));
  return Status::InvalidArgument(
      fmt::format("a member's name looks like {}; a secret must not enter the log", shape));
}

Result<JsonValue> ParseLine(std::string_view line) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
    return Status::InvalidArgument("is empty");
  }
  Result<JsonValue> root = ParseJson(line);
  if (!root.ok()) return WithoutSecrets(root.status());
  if (root->kind != JsonKind::kObject) return Status::InvalidArgument("must be an object");
  return root;
}

// One place decides what a valid event is: what gets through here can be decoded again.
Result<Event> Finish(const JsonReader& reader, Event event) {
  if (!reader.ok()) return WithoutSecrets(reader.status());
  const std::string name =
      fmt::format("{} {} {}", event.org.ToString(), event.producer, *event.producer_sequence);
  event.id = {Uuid::FromTime(*event.recorded_at_ms, Uuid::FromName(kImportNameSpace, name))};
  DecodedEvent decoded = DecodeEvent(EncodeEvent(event));
  if (decoded.fault == DecodeFault::kNotAnEvent) {
    return Status::InvalidArgument("is larger than a record may be");
  }
  if (decoded.fault != DecodeFault::kNone) {
    return Status::InvalidArgument(fmt::format("{}: breaks a rule of events", decoded.place));
  }
  return std::move(decoded.event);
}

}  // namespace

Result<Event> ReadObservationLine(std::string_view line, const ImportSource& source) {
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue root, ParseLine(line));
  JsonReader reader(root);
  Event event = NewObservation(source);
  RefuseSecrets(reader, root);
  if (reader.ok()) {
    ReadEnvelope(reader, root, event);
    ReadOperation(reader, root, event);
    if (reader.ok()) reader.RefuseOthers(root);
  }
  return Finish(reader, std::move(event));
}

Result<Event> ReadUseLine(std::string_view line, uint64_t number, const ImportSource& source) {
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue root, ParseLine(line));
  JsonReader reader(root);
  Event event = NewObservation(source);
  event.producer_sequence = number;
  RefuseSecrets(reader, root);
  if (reader.ok()) {
    ReadUse(reader, root, event);
    if (reader.ok()) reader.RefuseOthers(root);
  }
  return Finish(reader, std::move(event));
}

}  // namespace conntrail
