#include <cstring>

#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)0)
#endif

#include "events/codec/action_reader.h"
#include "events/codec/wire_reader.h"
#include "events/event_codec.h"
#include "events/log/event_log.h"

namespace conntrail {
namespace {

// Event → action → change → value is four deep; the widest, of changes, has three tables each.
constexpr flatbuffers::uoffset_t kDepthMax = 8;
constexpr flatbuffers::uoffset_t kTablesMax = 4096;

static_assert(static_cast<uint8_t>(wire::Action::MAX) == kEventTypeMax);
static_assert(static_cast<uint64_t>(wire::Right::ANY) == right::kAll);

// A copy of `bytes` at an address that suits every scalar: FlatBuffers checks alignment relative to
// the buffer only. Valid until the next call in this thread.
const uint8_t* Aligned(ByteSpan bytes) {
  alignas(16) static thread_local uint8_t copy[kRecordBytesMax];
  ASAN_UNPOISON_MEMORY_REGION(copy, sizeof(copy));
  std::memcpy(copy, bytes.data(), bytes.size());
  ASAN_POISON_MEMORY_REGION(copy + bytes.size(), sizeof(copy) - bytes.size());
  return copy;
}

// Null unless `bytes` is a whole and sound buffer with our identifier.
const wire::Event* Verified(ByteSpan bytes) {
  if (bytes.size() > kRecordBytesMax || bytes.empty()) return nullptr;
  const uint8_t* buffer = Aligned(bytes);
  flatbuffers::Verifier verifier(buffer, bytes.size(), kDepthMax, kTablesMax);
  if (!wire::VerifyEventBuffer(verifier)) return nullptr;
  return wire::GetEvent(buffer);
}

template <typename Id>
std::optional<Id> OptionalIdOf(WireReader& reader, const wire::Uuid* id) {
  if (const std::optional<Uuid> uuid = reader.OptionalId(id)) return Id{*uuid};
  return std::nullopt;
}

Actor ReadActor(WireReader& reader, const wire::Actor* in) {
  if (in == nullptr) return {};
  return {.principal = reader.Principal(in->principal(), "actor.principal"),
          .kind = reader.Enum<ActorKind>(in->kind(), kActorKindMax, "actor.kind"),
          .api_key = OptionalIdOf<KeyId>(reader, in->api_key()),
          .application_key = OptionalIdOf<KeyId>(reader, in->application_key())};
}

// What is given also where the rest is at fault.
void ReadIdentity(WireReader& reader, const wire::Event& in, Event& out) {
  out.id = {reader.Id(in.event_id())};
  if (out.id.uuid.is_nil()) reader.Fail("id");
  out.org = {reader.Id(in.org())};
  // The log's own records belong to no org.
  const bool org_optional = in.authority() == wire::Authority::log;
  if (in.org() == nullptr || (out.org.uuid.is_nil() && !org_optional)) reader.Fail("org");
  out.actor = ReadActor(reader, in.actor());
}

void ReadEnvelope(WireReader& reader, const wire::Event& in, Event& out) {
  out.log_tag = in.log_tag();
  out.authority = reader.Enum<Authority>(in.authority(), kAuthorityMax, "authority");
  out.occurred_at_ms = reader.Time(in.occurred_at_ms(), "occurred_at");
  out.recorded_at_ms = reader.Time(in.recorded_at_ms(), "recorded_at");
  out.on_behalf_of = reader.Principal(in.on_behalf_of(), "on_behalf_of");
  out.approver = reader.Principal(in.approver(), "approver");
  out.idempotency_key = reader.Text(in.idempotency_key(), "idempotency_key");
  out.request_hash = reader.OptionalDigest(in.request_hash(), "request_hash");
  if (in.expected_revision()) out.expected_revision = Revision(*in.expected_revision());
  out.producer = reader.Text(in.producer(), "producer");
  if (in.producer_sequence()) out.producer_sequence = *in.producer_sequence();
  out.rights = reader.Rights(in.rights(), "rights");
  out.refused_by_source = in.refused_by_source();
}

struct ContextText {
  std::string EventContext::*out;
  const flatbuffers::String* (wire::Event::*in)() const;
  const char* place;
};
constexpr ContextText kContextTexts[] = {
    {&EventContext::source, &wire::Event::source, "source"},
    {&EventContext::source_ip, &wire::Event::source_ip, "source_ip"},
    {&EventContext::user_agent, &wire::Event::user_agent, "user_agent"},
    {&EventContext::request_id, &wire::Event::request_id, "request_id"},
    {&EventContext::session, &wire::Event::session, "session"},
    {&EventContext::reason, &wire::Event::reason, "reason"},
    {&EventContext::ticket, &wire::Event::ticket, "ticket"},
    {&EventContext::refusal, &wire::Event::refusal, "refusal"},
    {&EventContext::subject_name, &wire::Event::subject_name, "subject_name"},
};

std::optional<Transaction> ReadTransaction(WireReader& reader, const wire::Transaction* in) {
  if (in == nullptr) return std::nullopt;
  if (in->position() >= in->size()) reader.Fail("transaction.position");
  return Transaction{.id = reader.Text(in->id(), "transaction.id"),
                     .position = in->position(),
                     .size = in->size()};
}

void ReadContext(WireReader& reader, const wire::Event& in, EventContext& out) {
  out.via = reader.Principals(in.via(), "via");
  out.interface = reader.Enum<Interface>(in.interface(), kInterfaceMax, "interface");
  for (const ContextText& text : kContextTexts) {
    out.*text.out = reader.Text((in.*text.in)(), text.place);
  }
  out.transaction = ReadTransaction(reader, in.transaction());
}

// The same without copying the texts: only the interface is kept.
void CheckContext(WireReader& reader, const wire::Event& in, EventContext& out) {
  (void)reader.Principals(in.via(), "via");
  out.interface = reader.Enum<Interface>(in.interface(), kInterfaceMax, "interface");
  for (const ContextText& text : kContextTexts) reader.Check((in.*text.in)(), text.place);
  (void)ReadTransaction(reader, in.transaction());
}

// Keeps what ReadIdentity has read.
void ClearRest(Event& event) {
  Event kept;
  kept.id = event.id;
  kept.org = event.org;
  kept.actor = event.actor;
  event = std::move(kept);
}

}  // namespace

DecodedEvent DecodeEvent(ByteSpan bytes, DecodeDepth depth) {
  DecodedEvent decoded;
  const wire::Event* in = Verified(bytes);
  if (in == nullptr) {
    decoded.fault = DecodeFault::kNotAnEvent;
    return decoded;
  }
  WireReader reader;
  reader.set_subjects_optional(in->refused_by_source());
  ReadIdentity(reader, *in, decoded.event);
  const auto type = static_cast<uint8_t>(in->action_type());
  if (type == 0 || type > kEventTypeMax) {
    decoded.fault = DecodeFault::kUnknownType;
    decoded.place = "type";
    return decoded;
  }
  ReadEnvelope(reader, *in, decoded.event);
  if (depth == DecodeDepth::kWhole) {
    ReadContext(reader, *in, decoded.event.context);
  } else {
    CheckContext(reader, *in, decoded.event.context);
  }
  decoded.event.action = ReadAction(reader, *in);
  if (reader.fault() != nullptr) {
    decoded.fault = DecodeFault::kInvalid;
    decoded.place = reader.fault();
    ClearRest(decoded.event);
  }
  return decoded;
}

}  // namespace conntrail
