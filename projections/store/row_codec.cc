#include "projections/store/row_codec.h"

#include <cstring>

#include "events/codec/wire_reader.h"
#include "events/codec/wire_writer.h"
#include "schemas/row_generated.h"

namespace conntrail {
namespace {

using flatbuffers::FlatBufferBuilder;

// ---- writing

wire::Place ToWire(const Place& place) { return {place.time_ms, place.index.value}; }

wire::Lifecycle ToWire(const Lifecycle& life) {
  return {life.revision.value, ToWire(life.created), ToWire(life.changed), life.deleted,
          life.incomplete};
}

// The builders take optional times as flatbuffers::Optional.
flatbuffers::Optional<int64_t> ToWire(const std::optional<UnixMs>& time) {
  return time ? flatbuffers::Optional<int64_t>(*time) : flatbuffers::Optional<int64_t>();
}

template <typename Wire, typename Value, typename Convert>
flatbuffers::Offset<flatbuffers::Vector<const Wire*>> Structs(FlatBufferBuilder& builder,
                                                              const std::vector<Value>& values,
                                                              Convert convert) {
  if (values.empty()) return 0;
  Wire* out = nullptr;
  const auto vector = builder.CreateUninitializedVectorOfStructs(values.size(), &out);
  for (const Value& value : values) *out++ = convert(value);
  return vector;
}

flatbuffers::Offset<wire::CredentialRow> Write(WireWriter& writer, const Credential& in) {
  if (in == Credential{}) return 0;
  const auto secrets = writer.Secrets(in.secrets);
  const auto consent = writer.Consent(in.consent);
  const wire::Place issued = in.issued ? ToWire(*in.issued) : wire::Place();
  return wire::CreateCredentialRow(writer.builder(), in.present, in.version, secrets,
                                   in.issued ? &issued : nullptr, ToWire(in.expires_at_ms),
                                   consent);
}

flatbuffers::Offset<void> Write(WireWriter& writer, const Connection& in) {
  const auto grants =
      Structs<wire::HeldGrant>(writer.builder(), in.grants, [](const HeldGrant& held) {
        return wire::HeldGrant(conntrail::ToWire(held.grant), ToWire(held.since));
      });
  const auto fields = writer.Fields(in.fields);
  const auto credential = Write(writer, in.credential);
  const wire::Uuid id = conntrail::ToWire(in.id.uuid);
  const wire::Lifecycle life = ToWire(in.life);
  return wire::CreateConnectionRow(writer.builder(), &id, in.slot, &life,
                                   MaybePrincipal(in.created_by).get(), in.suspended, in.has_policy,
                                   grants, fields, credential)
      .Union();
}

flatbuffers::Offset<void> Write(WireWriter& writer, const Account& in) {
  const auto user_name = writer.Text(in.user_name);
  const auto display_name = writer.Text(in.display_name);
  const auto email = writer.Text(in.email);
  const auto external_id = writer.Text(in.external_id);
  const wire::Principal id = conntrail::ToWire(in.id);
  const wire::Lifecycle life = ToWire(in.life);
  return wire::CreateAccountRow(writer.builder(), &id, &life, in.active,
                                MaybePrincipal(in.manager).get(), user_name, display_name, email,
                                external_id)
      .Union();
}

flatbuffers::Offset<void> Write(WireWriter& writer, const Group& in) {
  const auto name = writer.Text(in.name);
  const auto members =
      Structs<wire::Member>(writer.builder(), in.members, [](const Member& member) {
        return wire::Member(conntrail::ToWire(member.principal), ToWire(member.since));
      });
  const auto external_id = writer.Text(in.external_id);
  const wire::Principal id = conntrail::ToWire(in.id);
  const wire::Lifecycle life = ToWire(in.life);
  return wire::CreateGroupRow(writer.builder(), &id, &life, name, members, external_id).Union();
}

flatbuffers::Offset<wire::WorkflowStep> Write(WireWriter& writer, const WorkflowStep& in) {
  const auto step = writer.Text(in.step);
  const auto action = writer.Text(in.action);
  return wire::CreateWorkflowStep(writer.builder(), step, action, MaybeId(in.connection).get());
}

flatbuffers::Offset<void> Write(WireWriter& writer, const Workflow& in) {
  const auto name = writer.Text(in.name);
  const auto editors = writer.Principals(in.editors);
  std::vector<flatbuffers::Offset<wire::WorkflowStep>> steps;
  for (const WorkflowStep& step : in.steps) steps.push_back(Write(writer, step));
  const auto steps_at = writer.builder().CreateVector(steps);
  const wire::Uuid id = conntrail::ToWire(in.id.uuid);
  const wire::Lifecycle life = ToWire(in.life);
  return wire::CreateWorkflowRow(writer.builder(), &id, &life, name, MaybePrincipal(in.owner).get(),
                                 static_cast<wire::RunAs>(in.run_as),
                                 MaybePrincipal(in.run_as_account).get(), editors, steps_at)
      .Union();
}

flatbuffers::Offset<void> Write(WireWriter& writer, const Integration& in) {
  const auto type = writer.Text(in.type);
  const auto account = writer.Text(in.account);
  const auto secrets = writer.Secrets(in.secrets);
  const auto consent = writer.Consent(in.consent);
  const wire::Uuid id = conntrail::ToWire(in.id);
  const wire::Lifecycle life = ToWire(in.life);
  return wire::CreateIntegrationRow(writer.builder(), &id, &life, type, account, secrets, consent)
      .Union();
}

flatbuffers::Offset<void> Write(WireWriter& writer, const AccessKey& in) {
  const auto name = writer.Text(in.name);
  const auto digest = writer.Digest(in.digest);
  const wire::Uuid id = conntrail::ToWire(in.id.uuid);
  const wire::Lifecycle life = ToWire(in.life);
  return wire::CreateAccessKeyRow(writer.builder(), &id, &life, static_cast<wire::KeyKind>(in.kind),
                                  name, MaybePrincipal(in.owner).get(), digest, in.rights,
                                  ToWire(in.expires_at_ms))
      .Union();
}

flatbuffers::Offset<void> Write(WireWriter& writer, const Producer& in) {
  const auto name = writer.Text(in.name);
  const auto gaps = Structs<wire::SequenceRange>(writer.builder(), in.gaps, [](const auto& gap) {
    return wire::SequenceRange(gap.first, gap.second);
  });
  const wire::Place last = ToWire(in.last);
  return wire::CreateProducerRow(writer.builder(), name, in.high, gaps, &last).Union();
}

flatbuffers::Offset<void> Write(WireWriter& writer, const Use& in) {
  const wire::Uuid connection = conntrail::ToWire(in.connection.uuid);
  const wire::Place last = ToWire(in.last);
  return wire::CreateUseRow(writer.builder(), &connection, MaybePrincipal(in.principal).get(),
                            in.count, in.automatic, in.without_grant, in.first_at_ms, in.last_at_ms,
                            &last)
      .Union();
}

flatbuffers::Offset<wire::BlockRow> Write(WireWriter& writer, const TrailBlock& in) {
  std::vector<flatbuffers::Offset<wire::BlockNumbers>> producers;
  for (const TrailBlock::Numbers& numbers : in.producers) {
    const wire::Uuid id = conntrail::ToWire(numbers.producer.id);
    const wire::Uuid rest = conntrail::ToWire(numbers.producer.other);
    producers.push_back(
        wire::CreateBlockNumbers(writer.builder(), &id, &rest, numbers.low, numbers.high));
  }
  const auto producers_at = writer.builder().CreateVector(producers);
  const wire::Place first = ToWire(in.first);
  const wire::Place last = ToWire(in.last);
  return wire::CreateBlockRow(writer.builder(), in.count, &first, &last, in.applied_types,
                              in.other_types, in.verdicts, producers_at, in.marks);
}

// One row, built in the thread's builder, whose memory is kept from call to call.
template <typename Fill>
std::string BuildRow(Fill fill) {
  thread_local FlatBufferBuilder builder;
  builder.Clear();
  WireWriter writer(builder);
  builder.Finish(fill(writer));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

// ---- reading

// The verifier of FlatBuffers 2.0.8 does not check the alignment of vectors of structs: each is
// copied out.
template <typename Struct, typename Each>
void ForEachStruct(const flatbuffers::Vector<const Struct*>* in, Each each) {
  if (in == nullptr) return;
  for (size_t i = 0; i < in->size(); ++i) {
    uint64_t aligned[(sizeof(Struct) + 7) / 8];
    std::memcpy(aligned, in->Data() + i * sizeof(Struct), sizeof(Struct));
    each(*reinterpret_cast<const Struct*>(aligned));
  }
}

UnixMs ReadTime(WireReader& reader, int64_t in) {
  return *reader.Time(flatbuffers::Optional<int64_t>(in), "time");
}

Place FromWire(WireReader& reader, const wire::Place& in) {
  return {ReadTime(reader, in.time_ms()), OrgIndex(in.index())};
}
Place FromWire(WireReader& reader, const wire::Place* in) {
  return in == nullptr ? Place{} : FromWire(reader, *in);
}

Lifecycle FromWire(WireReader& reader, const wire::Lifecycle* in) {
  if (in == nullptr) return {};
  return {Revision(in->revision()), FromWire(reader, in->created()),
          FromWire(reader, in->changed()), in->deleted(), in->incomplete()};
}

Uuid FromWire(const wire::Uuid* in) { return in == nullptr ? Uuid{} : Uuid{in->hi(), in->lo()}; }

Credential Read(WireReader& reader, const wire::CredentialRow* in) {
  Credential out;
  if (in == nullptr) return out;
  out.present = in->present();
  out.version = in->version();
  out.secrets = reader.Secrets(in->secrets(), "secrets");
  if (in->issued() != nullptr) out.issued = FromWire(reader, *in->issued());
  out.expires_at_ms = reader.Time(in->expires_at_ms(), "expires_at_ms");
  out.consent = reader.Consent(in->consent(), "consent");
  return out;
}

Entity Read(WireReader& reader, const wire::ConnectionRow& in) {
  Connection out;
  out.id = {FromWire(in.id())};
  out.slot = in.slot();
  out.life = FromWire(reader, in.life());
  out.created_by = reader.Principal(in.created_by(), "created_by");
  out.suspended = in.suspended();
  out.has_policy = in.has_policy();
  if (in.grants() != nullptr) out.grants.reserve(in.grants()->size());
  ForEachStruct(in.grants(), [&](const wire::HeldGrant& held) {
    out.grants.push_back({reader.Grant(held.grant(), "grants"), FromWire(reader, held.since())});
  });
  out.fields = reader.Fields(in.fields(), "fields");
  out.credential = Read(reader, in.credential());
  return out;
}

Entity Read(WireReader& reader, const wire::AccountRow& in) {
  Account out;
  out.id = reader.SubjectPrincipal(in.id(), "id");
  out.life = FromWire(reader, in.life());
  out.active = in.active();
  out.manager = reader.Principal(in.manager(), "manager");
  out.user_name = reader.Text(in.user_name(), "user_name");
  out.display_name = reader.Text(in.display_name(), "display_name");
  out.email = reader.Text(in.email(), "email");
  out.external_id = reader.Text(in.external_id(), "external_id");
  return out;
}

Entity Read(WireReader& reader, const wire::GroupRow& in) {
  Group out;
  out.id = reader.SubjectPrincipal(in.id(), "id");
  out.life = FromWire(reader, in.life());
  out.name = reader.Text(in.name(), "name");
  if (in.members() != nullptr) out.members.reserve(in.members()->size());
  ForEachStruct(in.members(), [&](const wire::Member& member) {
    out.members.push_back({reader.SubjectPrincipal(&member.principal(), "members"),
                           FromWire(reader, member.since())});
  });
  out.external_id = reader.Text(in.external_id(), "external_id");
  return out;
}

Entity Read(WireReader& reader, const wire::WorkflowRow& in) {
  Workflow out;
  out.id = {FromWire(in.id())};
  out.life = FromWire(reader, in.life());
  out.name = reader.Text(in.name(), "name");
  out.owner = reader.Principal(in.owner(), "owner");
  out.run_as = reader.Enum<RunAs>(in.run_as(), kRunAsMax, "run_as");
  out.run_as_account = reader.Principal(in.run_as_account(), "run_as_account");
  out.editors = reader.Principals(in.editors(), "editors");
  if (in.steps() != nullptr) {
    for (const wire::WorkflowStep* step : *in.steps()) {
      WorkflowStep& to = out.steps.emplace_back();
      to.step = reader.Text(step->step(), "step");
      to.action = reader.Text(step->action(), "action");
      if (step->connection() != nullptr) to.connection = ConnectionId{FromWire(step->connection())};
    }
  }
  return out;
}

Entity Read(WireReader& reader, const wire::IntegrationRow& in) {
  Integration out;
  out.id = FromWire(in.id());
  out.life = FromWire(reader, in.life());
  out.type = reader.Text(in.type(), "type");
  out.account = reader.Text(in.account(), "account");
  out.secrets = reader.Secrets(in.secrets(), "secrets");
  out.consent = reader.Consent(in.consent(), "consent");
  return out;
}

Entity Read(WireReader& reader, const wire::AccessKeyRow& in) {
  AccessKey out;
  out.id = {FromWire(in.id())};
  out.life = FromWire(reader, in.life());
  out.kind = reader.Enum<KeyKind>(in.kind(), kKeyKindMax, "kind");
  out.name = reader.Text(in.name(), "name");
  out.owner = reader.Principal(in.owner(), "owner");
  out.digest = reader.Digest(in.digest(), "digest");
  out.rights = reader.Rights(static_cast<wire::Right>(in.rights()), "rights");
  out.expires_at_ms = reader.Time(in.expires_at_ms(), "expires_at_ms");
  return out;
}

Entity Read(WireReader& reader, const wire::ProducerRow& in) {
  Producer out;
  out.name = reader.Text(in.name(), "name");
  out.high = in.high();
  ForEachStruct(in.gaps(), [&](const wire::SequenceRange& gap) {
    out.gaps.emplace_back(gap.low(), gap.high());
  });
  out.last = FromWire(reader, in.last());
  return out;
}

Entity Read(WireReader& reader, const wire::UseRow& in) {
  Use out;
  out.connection = {FromWire(in.connection())};
  out.principal = reader.Principal(in.principal(), "principal");
  out.count = in.count();
  out.automatic = in.automatic();
  out.without_grant = in.without_grant();
  out.first_at_ms = ReadTime(reader, in.first_at_ms());
  out.last_at_ms = ReadTime(reader, in.last_at_ms());
  out.last = FromWire(reader, in.last());
  return out;
}

TrailBlock Read(WireReader& reader, const wire::BlockRow& in) {
  TrailBlock out;
  out.count = in.count();
  out.first = FromWire(reader, in.first());
  out.last = FromWire(reader, in.last());
  out.applied_types = in.applied_types();
  out.other_types = in.other_types();
  out.verdicts = in.verdicts();
  out.marks = in.marks();
  if (in.producers() != nullptr) {
    for (const wire::BlockNumbers* numbers : *in.producers()) {
      const EntityKey producer{EntityKind::kProducer, FromWire(numbers->producer()),
                               FromWire(numbers->producer_rest())};
      out.producers.push_back({producer, numbers->low(), numbers->high()});
    }
  }
  return out;
}

Status Damaged(const char* what) {
  return Status::Corruption(std::string(what) +
                            " row is damaged or of another layout; rebuild the projection");
}

// Calls `read(row)` with the verified row, whose memory is good until it returns.
template <typename Value, typename Read>
Result<Value> ReadRow(std::string_view bytes, const char* what, Read read) {
  if (bytes.empty()) return Damaged(what);
  // The verifier checks alignment relative to the buffer, so the buffer itself must be aligned.
  thread_local std::vector<uint64_t> aligned;
  aligned.resize((bytes.size() + 7) / 8);
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  const auto* data = reinterpret_cast<const uint8_t*>(aligned.data());
  flatbuffers::Verifier verifier(data, bytes.size());
  if (!verifier.VerifyBuffer<wire::Row>()) return Damaged(what);
  return read(*flatbuffers::GetRoot<wire::Row>(data));
}

template <typename Wire>
Result<Entity> ReadEntity(const Wire* in) {
  if (in == nullptr) return Damaged("entity");
  WireReader reader;
  reader.LiftLimits();
  Entity entity = Read(reader, *in);
  if (reader.fault() != nullptr) return Damaged(reader.fault());
  return entity;
}

}  // namespace

std::string EncodeEntity(const Entity& entity) {
  return BuildRow([&](WireWriter& writer) {
    const auto type = static_cast<wire::EntityRow>(entity.index() + 1);
    const auto at = std::visit([&](const auto& e) { return Write(writer, e); }, entity);
    return wire::CreateRow(writer.builder(), type, at);
  });
}

Result<Entity> DecodeEntity(std::string_view bytes) {
  return ReadRow<Entity>(bytes, "entity", [](const wire::Row& row) -> Result<Entity> {
    switch (row.entity_type()) {
      case wire::EntityRow::ConnectionRow:
        return ReadEntity(row.entity_as_ConnectionRow());
      case wire::EntityRow::AccountRow:
        return ReadEntity(row.entity_as_AccountRow());
      case wire::EntityRow::GroupRow:
        return ReadEntity(row.entity_as_GroupRow());
      case wire::EntityRow::WorkflowRow:
        return ReadEntity(row.entity_as_WorkflowRow());
      case wire::EntityRow::IntegrationRow:
        return ReadEntity(row.entity_as_IntegrationRow());
      case wire::EntityRow::AccessKeyRow:
        return ReadEntity(row.entity_as_AccessKeyRow());
      case wire::EntityRow::ProducerRow:
        return ReadEntity(row.entity_as_ProducerRow());
      case wire::EntityRow::UseRow:
        return ReadEntity(row.entity_as_UseRow());
      case wire::EntityRow::NONE:
        break;
    }
    return Damaged("entity");
  });
}

std::string EncodeOrgState(const OrgState& org) {
  return BuildRow([&](WireWriter& writer) {
    const auto name = writer.Text(org.name);
    const auto block = Write(writer, org.open_block);
    const auto counts =
        Structs<wire::TypeCount>(writer.builder(), org.counts, [](const TypeCount& c) {
          return wire::TypeCount(static_cast<uint8_t>(c.type), c.verdict, c.count);
        });
    const wire::Uuid id = conntrail::ToWire(org.id.uuid);
    const auto at =
        wire::CreateOrgRow(writer.builder(), &id, org.slot.value, name, org.next_index.value,
                           org.effective_time_ms, org.connection_slots, block, counts);
    return wire::CreateRow(writer.builder(), wire::EntityRow::NONE, 0, at);
  });
}

Result<OrgState> DecodeOrgState(std::string_view bytes) {
  return ReadRow<OrgState>(bytes, "org", [](const wire::Row& row) -> Result<OrgState> {
    const wire::OrgRow* in = row.org();
    if (in == nullptr) return Damaged("org");
    OrgState out;
    out.id = {FromWire(in->id())};
    out.slot = OrgSlot(in->slot());
    if (in->name() != nullptr) out.name = in->name()->str();
    out.next_index = OrgIndex(in->next_index());
    out.connection_slots = in->connection_slots();
    ForEachStruct(in->counts(), [&](const wire::TypeCount& c) {
      out.counts.push_back({static_cast<EventType>(c.type()), c.verdict(), c.count()});
    });
    WireReader reader;
    out.effective_time_ms = ReadTime(reader, in->effective_time_ms());
    if (in->open_block() != nullptr) out.open_block = Read(reader, *in->open_block());
    if (reader.fault() != nullptr) return Damaged(reader.fault());
    return out;
  });
}

std::string EncodeTrailBlock(const TrailBlock& block) {
  return BuildRow([&](WireWriter& writer) {
    const auto at = Write(writer, block);
    return wire::CreateRow(writer.builder(), wire::EntityRow::NONE, 0, 0, 0, at);
  });
}

Result<TrailBlock> DecodeTrailBlock(std::string_view bytes) {
  return ReadRow<TrailBlock>(bytes, "block", [](const wire::Row& row) -> Result<TrailBlock> {
    if (row.block() == nullptr) return Damaged("block");
    WireReader reader;
    TrailBlock block = Read(reader, *row.block());
    if (reader.fault() != nullptr) return Damaged(reader.fault());
    return block;
  });
}

std::string EncodePartitionRow(const PartitionRow& row) {
  return BuildRow([&](WireWriter& writer) {
    const wire::Uuid log_id = conntrail::ToWire(row.log_id);
    const auto anchor = writer.Digest(row.anchor);
    const auto at = wire::CreatePartitionRow(
        writer.builder(), row.state.rules.value, row.state.next_slot.value, row.state.seals,
        row.state.last_seal_append_ms, row.state.records, &log_id, anchor, kProjectionLayout);
    return wire::CreateRow(writer.builder(), wire::EntityRow::NONE, 0, 0, at);
  });
}

Result<PartitionRow> DecodePartitionRow(std::string_view bytes) {
  return ReadRow<PartitionRow>(
      bytes, "partition", [](const wire::Row& row) -> Result<PartitionRow> {
        const wire::PartitionRow* in = row.partition();
        if (in == nullptr) return Damaged("partition");
        if (in->layout() != kProjectionLayout) {
          return Status::Corruption("it has layout " + std::to_string(in->layout()) +
                                    ", this build's is " + std::to_string(kProjectionLayout));
        }
        WireReader reader;
        PartitionRow out;
        out.state.rules = RulesVersion(in->rules());
        out.state.next_slot = OrgSlot(in->next_slot());
        out.state.seals = in->seals();
        out.state.last_seal_append_ms = in->last_seal_append_ms();
        out.state.records = in->records();
        out.log_id = FromWire(in->log_id());
        out.anchor = reader.OptionalDigest(in->anchor(), "anchor");
        if (reader.fault() != nullptr) return Damaged(reader.fault());
        return out;
      });
}

}  // namespace conntrail
