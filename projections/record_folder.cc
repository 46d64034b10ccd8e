#include "projections/record_folder.h"

#include <algorithm>
#include <tuple>

#include "events/base/check.h"
#include "events/base/sha256.h"
#include "projections/remembered_request.h"

namespace conntrail {
namespace {

constexpr std::string_view kSystemOrgName = "_system";
constexpr size_t kRecordsAhead = 16;

TrailLine LineOf(const Event& event, const Outcome& outcome, const Place& place) {
  TrailLine line;
  line.place = place;
  line.verdict = outcome.verdict;
  line.type = event.type();
  line.interface = event.context.interface;
  line.reason = outcome.reason;
  line.marks = outcome.marks;
  line.revision = outcome.revision;
  line.event = event.id;
  line.actor = event.actor.principal;
  line.subject = outcome.subject;
  line.occurred_at_ms = event.occurred_at_ms;
  return line;
}

}  // namespace

RecordFolder::RecordFolder(PartitionId partition, const Uuid& log_id, const Store* store,
                           Options options)
    : partition_(partition),
      store_(store),
      cache_(partition, store, options.cached_entities_max),
      evidence_(partition, store) {
  row_.log_id = log_id;
}

RecordFolder::~RecordFolder() = default;

Status RecordFolder::Load() {
  std::optional<std::string> row;
  if (store_ != nullptr) {
    CONNTRAIL_ASSIGN_OR_RETURN(
        row, store_->NewSnapshot()->Get(Family::kState, keys::PartitionRow(partition_)));
  }
  if (!row) {
    Org& system = *orgs_.emplace_back(std::make_unique<Org>());
    system.state.name = kSystemOrgName;
    orgs_by_id_[system.state.id] = &system;
    return Status::Ok();
  }
  const Uuid log_id = row_.log_id;
  CONNTRAIL_ASSIGN_OR_RETURN(row_, DecodePartitionRow(*row));
  if (row_.log_id != log_id) {
    return Status::FailedPrecondition("this projection was made from log " +
                                      row_.log_id.ToString() + ", but the log here is " +
                                      log_id.ToString() + "; use another data directory");
  }
  if (row_.state.rules > kRulesVersionMax) {
    return Status::FailedPrecondition(
        "rules version " + std::to_string(row_.state.rules.value) +
        " is in force, which this build does not know; use a newer one");
  }
  for (uint32_t slot = 0; slot < row_.state.next_slot.value; ++slot) {
    CONNTRAIL_ASSIGN_OR_RETURN(Org * org, LoadOrg(OrgSlot(slot)));
    orgs_by_id_[org->state.id] = org;
  }
  std::vector<uint64_t> sizes;
  for (const auto& org : orgs_) sizes.push_back(org->state.next_index.value);
  return evidence_.Load(sizes);
}

Result<RecordFolder::Org*> RecordFolder::LoadOrg(OrgSlot slot) {
  CONNTRAIL_ASSIGN_OR_RETURN(
      const std::optional<std::string> row,
      store_->NewSnapshot()->Get(Family::kState, keys::OrgRow({partition_, slot})));
  Org& org = *orgs_.emplace_back(std::make_unique<Org>());
  if (!row && slot.value == 0) {
    org.state.name = kSystemOrgName;  // no record was the system's yet
    return &org;
  }
  if (!row) {
    return Status::Corruption("the row of org slot " + std::to_string(slot.value) +
                              " is missing; rebuild the projection");
  }
  CONNTRAIL_ASSIGN_OR_RETURN(org.state, DecodeOrgState(*row));
  return &org;
}

RecordFolder::Org* RecordFolder::FindOrg(const OrgId& id) {
  const auto found = orgs_by_id_.find(id);
  return found == orgs_by_id_.end() ? nullptr : found->second;
}

RecordFolder::Org& RecordFolder::OpenOrg(const OrgId& id, const std::string& name) {
  Org& org = *orgs_.emplace_back(std::make_unique<Org>());
  org.state.id = id;
  org.state.name = name;
  org.state.slot = row_.state.next_slot;
  org.window_loaded = true;
  row_.state.next_slot = row_.state.next_slot.Next();
  orgs_by_id_[id] = &org;
  return org;
}

// Reads the window back from the end of the trail, which is where it came from.
Status RecordFolder::LoadWindow(Org& org) {
  org.window_loaded = true;
  if (store_ == nullptr || org.state.next_index.value == 0) return Status::Ok();
  struct Remembered {
    Uuid key;
    Place place;
    uint32_t mark;
  };
  std::vector<Remembered> remembered;
  const auto snapshot = store_->NewSnapshot();
  const auto rows = snapshot->NewIterator(Family::kTrail);
  const keys::Key prefix = keys::TrailPrefix(AddressOf(org));
  for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    TrailRow row;
    CONNTRAIL_RETURN_IF_ERROR(ReadTrailRow(rows->key(), rows->value(), row));
    const Place& place = row.line.place;
    if (org.state.next_index.value - place.index.value > kIdempotencyWindowRecords + 1 ||
        org.state.effective_time_ms - place.time_ms > kIdempotencyWindowMs) {
      break;
    }
    if (!IsRemembered(row.line.verdict, row.line.reason)) continue;
    remembered.push_back({row.idempotency_key, place, static_cast<uint32_t>(row.request_mark)});
  }
  CONNTRAIL_RETURN_IF_ERROR(rows->status());
  std::reverse(remembered.begin(), remembered.end());
  for (const Remembered& r : remembered) org.window.Insert(r.key, r.place, r.mark);
  return Status::Ok();
}

Status RecordFolder::LoadRows(OrgSlot slot, const Event& event,
                              std::span<const EntityKey> touched) {
  const auto load = [&](std::span<const EntityKey> keys) -> Status {
    for (const EntityKey& key : keys) {
      if (set_.Has(key)) continue;
      CONNTRAIL_ASSIGN_OR_RETURN(const Entity* entity, cache_.Find(slot, key));
      if (entity != nullptr) set_.Add(key, entity);
    }
    return Status::Ok();
  };
  CONNTRAIL_RETURN_IF_ERROR(load(touched));
  keys_.clear();
  RowsDecidingOn(event, set_, keys_);
  return load(keys_);
}

Result<Outcome> RecordFolder::Decide(const LogRecord& record, const Ahead& ahead, Org* org) {
  const DecodedEvent& decoded = ahead.decoded;
  set_.Clear();
  set_.partition = row_.state;
  set_.org = org == nullptr ? nullptr : &org->state;
  set_.system = &orgs_.front()->state;
  set_.append_time_ms = record.append_time_ms;
  set_.seen.reset();
  if (decoded.fault != DecodeFault::kNone) return FoldFault(set_, decoded);

  if (org != nullptr) {
    if (!org->window_loaded) CONNTRAIL_RETURN_IF_ERROR(LoadWindow(*org));
    CONNTRAIL_RETURN_IF_ERROR(LoadRows(org->state.slot, decoded.event, ahead.touched));
    const auto seen = org->window.Find(IdempotencyKeyOf(decoded.event));
    if (seen) {
      const uint32_t mark = RequestMarkOf(decoded.event);
      const bool differs = mark != 0 && seen->request_mark != 0 && mark != seen->request_mark;
      set_.seen = SeenRequest{seen->place, !differs};
    }
  }
  return conntrail::Fold(set_, decoded.event);
}

void RecordFolder::Decode(const LogRecord& record, Ahead& ahead) {
  ahead.decoded = DecodeEvent(record.payload, DecodeDepth::kDecisive);
  ahead.touched.clear();
  if (ahead.decoded.fault == DecodeFault::kNone) RowsTouchedBy(ahead.decoded.event, ahead.touched);
}

Result<FoldedRecord> RecordFolder::Fold(const LogRecord& record, WriteBatch& batch) {
  ahead_.resize(1);
  Decode(record, ahead_[0]);
  CONNTRAIL_ASSIGN_OR_RETURN(FoldedRecord folded, FoldDecoded(record, ahead_[0], batch));
  last_payload_.assign(record.payload.begin(), record.payload.end());
  return folded;
}

Status RecordFolder::FoldAll(std::span<const LogRecord> records, WriteBatch& batch,
                             std::vector<FoldedRecord>& folded) {
  const LogRecord* last = nullptr;
  Status status;
  while (!records.empty() && status.ok()) {
    const auto chunk = records.first(std::min(records.size(), kRecordsAhead));
    records = records.subspan(chunk.size());
    ahead_.resize(chunk.size());
    for (size_t i = 0; i < chunk.size(); ++i) {
      Decode(chunk[i], ahead_[i]);
      const Org* org = ahead_[i].touched.empty() ? nullptr : FindOrg(ahead_[i].decoded.event.org);
      if (org != nullptr) cache_.FetchAhead(org->state.slot, ahead_[i].touched);
    }
    cache_.FetchParts();
    for (size_t i = 0; i < chunk.size(); ++i) {
      Result<FoldedRecord> one = FoldDecoded(chunk[i], ahead_[i], batch);
      if (!one.ok()) {
        status = one.status();
        break;
      }
      folded.push_back(std::move(*one));
      last = &chunk[i];
    }
  }
  if (last != nullptr) last_payload_.assign(last->payload.begin(), last->payload.end());
  evidence_.TakeRows(batch);
  return status;
}

Result<FoldedRecord> RecordFolder::FoldDecoded(const LogRecord& record, const Ahead& ahead,
                                               WriteBatch& batch) {
  const DecodedEvent& decoded = ahead.decoded;
  Org* org = decoded.fault == DecodeFault::kNotAnEvent ? nullptr : FindOrg(decoded.event.org);
  CONNTRAIL_ASSIGN_OR_RETURN(Outcome outcome, Decide(record, ahead, org));
  if (outcome.activates_rules && *outcome.activates_rules > kRulesVersionMax) {
    return Status::FailedPrecondition(
        "record " + std::to_string(record.offset.value) + " activates rules version " +
        std::to_string(outcome.activates_rules->value) +
        ", which this build does not know (it knows up to " +
        std::to_string(kRulesVersionMax.value) + "); use a newer build");
  }
  Org* trail = org != nullptr ? org : orgs_.front().get();
  if (outcome.opens_org) trail = &OpenOrg(decoded.event.org, *outcome.opens_org);

  FoldedRecord folded;
  folded.offset = record.offset;
  Evolve(record, decoded, outcome, *trail, batch, folded);
  return folded;
}

void RecordFolder::Evolve(const LogRecord& record, const DecodedEvent& decoded, Outcome& outcome,
                          Org& trail, WriteBatch& batch, FoldedRecord& folded) {
  const Event& event = decoded.event;
  const Place place{outcome.effective_time_ms, trail.state.next_index};
  const TrailLine line = LineOf(event, outcome, place);
  const bool readable = decoded.fault == DecodeFault::kNone;
  const Uuid key = readable ? IdempotencyKeyOf(event) : Uuid{};

  TrailRow row;
  row.line = line;
  row.rules = outcome.rules;
  row.slot = outcome.slot;
  row.first = outcome.first;
  row.idempotency_key = key;
  row.request_mark = RequestMarkOf(event);
  row.append_time_ms = record.append_time_ms;
  row.event = AsText(record.payload);
  value_.clear();
  AppendTrailHeader(value_, row);
  batch.Put(Family::kTrail, keys::Trail(AddressOf(trail), place), value_, row.event);
  if (line.actor) {
    value_.resize(kLineBytes);  // a trail row begins with the line
    batch.Put(Family::kActor, keys::Actor(AddressOf(trail), line.actor->id, place), value_);
  }
  AppendHistory(trail, line, outcome, batch);
  if (readable && IsRemembered(outcome.verdict, outcome.reason)) {
    trail.window.Insert(key, place, RequestMarkOf(event));
  }

  trail.state.next_index = trail.state.next_index.Next();
  trail.state.effective_time_ms = outcome.effective_time_ms;
  if (outcome.takes_slot) ++trail.state.connection_slots;
  Describe(trail, event, line, batch);
  if (!trail.changed) changed_orgs_.push_back(&trail);
  trail.changed = true;

  ++row_.state.records;
  if (outcome.activates_rules) row_.state.rules = *outcome.activates_rules;
  evidence_.Append(trail.state.slot,
                   {outcome.verdict, outcome.reason, outcome.rules, outcome.effective_time_ms,
                    outcome.revision, outcome.slot},
                   record.payload);
  const auto* seal = std::get_if<conntrail::Seal>(&event.action);
  if (seal != nullptr && trail.state.slot.value == 0) KeepSigned(*seal);
  if (outcome.seals) Seal(record);
  folded.org = trail.state.id;
  folded.line = line;
  folded.first = outcome.first;
  folded.slot = outcome.slot;
  folded.rules = outcome.rules;
}

// The seal's own record is the last that it seals.
void RecordFolder::Seal(const LogRecord& record) {
  SealRow seal;
  seal.append_time_ms = record.append_time_ms;
  seal.records = row_.state.records;
  seal.slots = row_.state.next_slot.value;
  evidence_.Seal(row_.state.seals, seal);
  ++row_.state.seals;
  row_.state.last_seal_append_ms = record.append_time_ms;
}

// Of a seal that does not count, too: what was signed was signed.
void RecordFolder::KeepSigned(const conntrail::Seal& seal) {
  if (seal.seen) evidence_.Seen(seal.seen->number, seal.seen->heads_root);
  for (const SignedHead& head : seal.signed_heads) {
    if (head.slot >= row_.state.next_slot.value) continue;  // nobody of ours signed that
    evidence_.Signed(row_.state.seals, OrgSlot(static_cast<uint32_t>(head.slot)),
                     {head.size, head.root});
  }
}

// One history row for the subject, if there is one, and the changed entities into the cache.
void RecordFolder::AppendHistory(const Org& trail, const TrailLine& line, Outcome& outcome,
                                 WriteBatch& batch) {
  HistoryRow row;
  row.line = line;
  std::string subject_row;
  if (outcome.subject.kind != EntityKind::kNone) {
    for (const EntityChange& change : outcome.changes) {
      if (change.key == outcome.subject) subject_row = EncodeEntity(change.after);
    }
    row.entity = subject_row;
    if (subject_row.empty() && outcome.revision.value > 0) {
      const Result<const Entity*> entity = cache_.Find(trail.state.slot, outcome.subject);
      CONNTRAIL_CHECK(entity.ok() && *entity != nullptr);  // it was in the working set
      row.changed = LifecycleOf(**entity)->changed;
    }
    value_.clear();
    AppendHistoryRow(value_, row);
    batch.Put(Family::kHistory,
              keys::History(AddressOf(trail), outcome.subject.kind, outcome.subject.id, line.place),
              value_);
  }
  for (EntityChange& change : outcome.changes) {
    const bool is_subject = change.key == outcome.subject;
    CONNTRAIL_CHECK(is_subject || !IsVersioned(change.key.kind));
    cache_.Put(trail.state.slot, change.key, std::move(change.after),
               is_subject ? std::move(subject_row) : std::string());
  }
}

namespace {

void Count(std::vector<TypeCount>& counts, EventType type, Verdict verdict) {
  const TypeCount one{type, static_cast<uint8_t>(verdict), 1};
  const auto less = [](const TypeCount& a, const TypeCount& b) {
    return std::tie(a.type, a.verdict) < std::tie(b.type, b.verdict);
  };
  const auto at = std::lower_bound(counts.begin(), counts.end(), one, less);
  if (at != counts.end() && at->type == one.type && at->verdict == one.verdict) {
    ++at->count;
  } else {
    counts.insert(at, one);
  }
}

}  // namespace

void RecordFolder::Describe(Org& trail, const Event& event, const TrailLine& line,
                            WriteBatch& batch) {
  Count(trail.state.counts, line.type, line.verdict);
  TrailBlock& block = trail.state.open_block;
  if (block.count == 0) block.first = line.place;
  block.last = line.place;
  ++block.count;
  const uint64_t type = uint64_t{1} << static_cast<uint8_t>(line.type);
  (line.verdict == Verdict::kApplied ? block.applied_types : block.other_types) |= type;
  block.marks |= line.marks;
  block.verdicts |= static_cast<uint16_t>(1u << static_cast<uint8_t>(line.verdict));
  if (!event.producer.empty() && event.producer_sequence) {
    const EntityKey producer = ProducerKeyOf(event.producer);
    const auto known =
        std::find_if(block.producers.begin(), block.producers.end(),
                     [&](const TrailBlock::Numbers& n) { return n.producer == producer; });
    const uint64_t number = *event.producer_sequence;
    if (known == block.producers.end()) {
      block.producers.push_back({producer, number, number});
    } else {
      known->low = std::min(known->low, number);
      known->high = std::max(known->high, number);
    }
  }
  if (block.count < kBlockRecords) return;
  const uint64_t number = line.place.index.value / kBlockRecords;
  batch.Put(Family::kState, keys::BlockRow(AddressOf(trail), number), EncodeTrailBlock(block));
  block = {};
}

void RecordFolder::WriteState(WriteBatch& batch) {
  cache_.WriteChanges(batch);
  for (Org* org : changed_orgs_) {
    batch.Put(Family::kState, keys::OrgRow(AddressOf(*org)), EncodeOrgState(org->state));
    org->changed = false;
  }
  changed_orgs_.clear();
  evidence_.WriteState(batch);
  if (row_.state.records > 0) row_.anchor = Sha256(last_payload_);
  batch.Put(Family::kState, keys::PartitionRow(partition_), EncodePartitionRow(row_));
}

}  // namespace conntrail
