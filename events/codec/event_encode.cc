#include "events/codec/action_writer.h"
#include "events/codec/wire_writer.h"
#include "events/event_codec.h"

namespace conntrail {
namespace {

constexpr size_t kBuilderBytes = 4096;

flatbuffers::Offset<wire::Actor> WriteActor(WireWriter& writer, const Actor& actor) {
  if (actor == Actor()) return 0;
  return wire::CreateActor(writer.builder(), MaybePrincipal(actor.principal).get(),
                           static_cast<wire::ActorKind>(actor.kind), MaybeId(actor.api_key).get(),
                           MaybeId(actor.application_key).get());
}

flatbuffers::Offset<wire::Transaction> WriteTransaction(
    WireWriter& writer, const std::optional<Transaction>& transaction) {
  if (!transaction) return 0;
  const auto id = writer.Text(transaction->id);
  return wire::CreateTransaction(writer.builder(), id, transaction->position, transaction->size);
}

flatbuffers::Offset<wire::Event> WriteEvent(WireWriter& writer, const Event& event) {
  const EventContext& context = event.context;
  const auto actor = WriteActor(writer, event.actor);
  const auto via = writer.Principals(context.via);
  const auto source = writer.Text(context.source);
  const auto source_ip = writer.Text(context.source_ip);
  const auto user_agent = writer.Text(context.user_agent);
  const auto request_id = writer.Text(context.request_id);
  const auto session = writer.Text(context.session);
  const auto idempotency_key = writer.Text(event.idempotency_key);
  const auto request_hash = writer.Digest(event.request_hash);
  const auto reason = writer.Text(context.reason);
  const auto ticket = writer.Text(context.ticket);
  const auto producer = writer.Text(event.producer);
  const auto transaction = WriteTransaction(writer, context.transaction);
  const auto refusal = writer.Text(context.refusal);
  const auto subject_name = writer.Text(context.subject_name);
  const auto action = WriteAction(writer, event.action);

  // Widest first, so that little is lost to alignment.
  wire::EventBuilder out(writer.builder());
  const wire::Uuid id = ToWire(event.id.uuid);
  const wire::Uuid org = ToWire(event.org.uuid);
  out.add_event_id(&id);
  out.add_org(&org);
  out.add_on_behalf_of(MaybePrincipal(event.on_behalf_of).get());
  out.add_approver(MaybePrincipal(event.approver).get());
  out.add_log_tag(event.log_tag);
  if (event.occurred_at_ms) out.add_occurred_at_ms(*event.occurred_at_ms);
  if (event.recorded_at_ms) out.add_recorded_at_ms(*event.recorded_at_ms);
  if (event.expected_revision) out.add_expected_revision(event.expected_revision->value);
  if (event.producer_sequence) out.add_producer_sequence(*event.producer_sequence);
  out.add_rights(static_cast<wire::Right>(event.rights));
  out.add_actor(actor);
  out.add_via(via);
  out.add_source(source);
  out.add_source_ip(source_ip);
  out.add_user_agent(user_agent);
  out.add_request_id(request_id);
  out.add_session(session);
  out.add_idempotency_key(idempotency_key);
  out.add_request_hash(request_hash);
  out.add_reason(reason);
  out.add_ticket(ticket);
  out.add_producer(producer);
  out.add_transaction(transaction);
  out.add_refusal(refusal);
  out.add_subject_name(subject_name);
  out.add_action(action);
  out.add_action_type(static_cast<wire::Action>(event.action.index()));
  out.add_authority(static_cast<wire::Authority>(event.authority));
  out.add_interface(static_cast<wire::Interface>(context.interface));
  out.add_refused_by_source(event.refused_by_source);
  return out.Finish();
}

}  // namespace

Bytes EncodeEvent(const Event& event) {
  static thread_local flatbuffers::FlatBufferBuilder builder(kBuilderBytes);
  builder.Clear();
  WireWriter writer(builder);
  wire::FinishEventBuffer(builder, WriteEvent(writer, event));
  const auto* begin = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return Bytes(begin, begin + builder.GetSize());
}

}  // namespace conntrail
