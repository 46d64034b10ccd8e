#include "projections/views/org_view.h"

#include <algorithm>

#include "events/event_codec.h"
#include "projections/store/row_codec.h"

namespace conntrail {
namespace {

constexpr std::string_view kUsesSuffix = "/uses";
constexpr std::string_view kImportPrefix = "import:";

Status NoRecord(const std::string& what) {
  return Status::NotFound(what + "; `log stat` tells how far the trail goes");
}

// The entity that a history row stands for: its own, or that of the row it points to.
Result<std::optional<Entity>> EntityOf(const StoreSnapshot& snapshot, const keys::Key& prefix,
                                       std::string_view key, std::string_view value) {
  HistoryRow row;
  CONNTRAIL_RETURN_IF_ERROR(ReadHistoryRow(key, value, row));
  if (!row.entity.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(Entity entity, DecodeEntity(row.entity));
    return std::optional<Entity>(std::move(entity));
  }
  if (!row.changed) return std::optional<Entity>();
  keys::Key changed_key = prefix;
  keys::AppendPlace(changed_key, *row.changed);
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<std::string> changed,
                             snapshot.Get(Family::kHistory, changed_key));
  if (!changed) return Status::Corruption("a history row is missing; rebuild the projection");
  CONNTRAIL_RETURN_IF_ERROR(ReadHistoryRow(changed_key, *changed, row));
  CONNTRAIL_ASSIGN_OR_RETURN(Entity entity, DecodeEntity(row.entity));
  return std::optional<Entity>(std::move(entity));
}

// The entity as of `at` with an iterator of the history family, which moves.
Result<std::optional<Entity>> EntityFromHistory(const StoreSnapshot& snapshot, StoreIterator& rows,
                                                const keys::OrgAddress& org, EntityKind kind,
                                                const Uuid& id, const Place& at) {
  const keys::Key prefix = keys::HistoryPrefix(org, kind, id);
  rows.Seek(keys::History(org, kind, id, at));
  if (!rows.Valid() || !rows.key().starts_with(prefix)) {
    CONNTRAIL_RETURN_IF_ERROR(rows.status());
    return std::optional<Entity>();
  }
  return EntityOf(snapshot, prefix, rows.key(), rows.value());
}

}  // namespace

Result<std::vector<OrgState>> OrgView::ListOrgs(const StoreSnapshot& snapshot,
                                                PartitionId partition) {
  std::vector<OrgState> orgs;
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                             snapshot.Get(Family::kState, keys::PartitionRow(partition)));
  if (!row) return orgs;
  CONNTRAIL_ASSIGN_OR_RETURN(const PartitionRow state, DecodePartitionRow(*row));
  for (uint32_t slot = 0; slot < state.state.next_slot.value; ++slot) {
    CONNTRAIL_ASSIGN_OR_RETURN(
        const std::optional<std::string> org_row,
        snapshot.Get(Family::kState, keys::OrgRow({partition, OrgSlot(slot)})));
    if (!org_row && slot == 0) {
      orgs.push_back({.name = "_system"});
      continue;
    }
    if (!org_row) return Status::Corruption("an org row is missing; rebuild the projection");
    CONNTRAIL_ASSIGN_OR_RETURN(OrgState org, DecodeOrgState(*org_row));
    orgs.push_back(std::move(org));
  }
  return orgs;
}

Result<size_t> OrgView::Choose(const std::vector<OrgState>& orgs, const std::string& name_or_id) {
  const std::optional<Uuid> id = Uuid::Parse(name_or_id);
  const auto is_meant = [&](const OrgState& org) {
    return org.name == name_or_id || (id && org.id.uuid == *id);
  };
  const auto found = std::find_if(orgs.begin(), orgs.end(), is_meant);
  if (found == orgs.end()) {
    std::string names;
    for (const OrgState& org : orgs) {
      if (org.slot.value != 0) names += (names.empty() ? "" : ", ") + org.name;
    }
    return Status::NotFound("there is no org \"" + name_or_id + "\"; there " +
                            (names.empty() ? "is none yet" : "are: " + names));
  }
  if (std::count_if(found, orgs.end(), is_meant) > 1) {
    return Status::InvalidArgument("several orgs are named \"" + name_or_id + "\"; use the id");
  }
  return static_cast<size_t>(found - orgs.begin());
}

Result<OrgView> OrgView::Open(std::shared_ptr<const StoreSnapshot> snapshot, PartitionId partition,
                              const std::string& name_or_id) {
  CONNTRAIL_ASSIGN_OR_RETURN(std::vector<OrgState> orgs, ListOrgs(*snapshot, partition));
  CONNTRAIL_ASSIGN_OR_RETURN(const size_t chosen, Choose(orgs, name_or_id));
  OrgState& org = orgs[chosen];
  return OrgView(std::move(snapshot), {partition, org.slot}, std::move(org));
}

Result<OrgView> OrgView::OpenAt(std::shared_ptr<const StoreSnapshot> snapshot,
                                const keys::OrgAddress& address) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                             snapshot->Get(Family::kState, keys::OrgRow(address)));
  if (!row) return Status::NotFound("there is no org " + std::to_string(address.slot.value));
  CONNTRAIL_ASSIGN_OR_RETURN(OrgState state, DecodeOrgState(*row));
  return OrgView(std::move(snapshot), address, std::move(state));
}

Result<Place> OrgView::Resolve(const Moment& moment) const {
  switch (moment.kind) {
    case Moment::Kind::kNow:
      return keys::kPlaceMax;
    case Moment::Kind::kTime:
      return Place{moment.time_ms, keys::kPlaceMax.index};
    case Moment::Kind::kIndex:
      return PlaceOf(moment.index);
    case Moment::Kind::kSequence:
      return PlaceOfSequence(moment);
  }
  return Status::InvalidArgument("unknown kind of moment");
}

Result<Place> OrgView::PlaceOf(OrgIndex index) const {
  if (index >= state_.next_index) {
    return NoRecord("the trail of " + state_.name + " has " +
                    std::to_string(state_.next_index.value) + " records, so none has index " +
                    std::to_string(index.value));
  }
  Place last = state_.open_block.last;
  if (index.value < state_.next_index.value - state_.open_block.count) {
    CONNTRAIL_ASSIGN_OR_RETURN(
        const std::optional<std::string> row,
        snapshot_->Get(Family::kState, keys::BlockRow(address_, index.value / kBlockRecords)));
    if (!row) return Status::Corruption("a block row is missing; rebuild the projection");
    CONNTRAIL_ASSIGN_OR_RETURN(const TrailBlock block, DecodeTrailBlock(*row));
    last = block.last;
  }
  const auto rows = snapshot_->NewIterator(Family::kTrail);
  rows->Seek(keys::Trail(address_, last));
  for (uint64_t at = last.index.value; rows->Valid() && at > index.value; --at) rows->Next();
  CONNTRAIL_RETURN_IF_ERROR(rows->status());
  if (!rows->Valid() || keys::PlaceOf(rows->key()).index != index) {
    return Status::Corruption("a trail row is missing; rebuild the projection");
  }
  return keys::PlaceOf(rows->key());
}

Result<EntityKey> OrgView::ProducerFor(const std::string& name) const {
  if (!name.empty()) return ProducerKeyOf(name);
  CONNTRAIL_ASSIGN_OR_RETURN(std::vector<Producer> producers, Producers());
  std::erase_if(producers, [](const Producer& p) { return p.name.ends_with(kUsesSuffix); });
  if (producers.size() > 1) {
    std::erase_if(producers, [](const Producer& p) { return !p.name.starts_with(kImportPrefix); });
  }
  if (producers.size() != 1) {
    return Status::InvalidArgument(
        "which producer's number is meant? This org has several or none: use "
        "seq:<producer>:<number>");
  }
  return ProducerKeyOf(producers.front().name);
}

Result<Place> OrgView::PlaceOfSequence(const Moment& moment) const {
  CONNTRAIL_ASSIGN_OR_RETURN(const EntityKey producer, ProducerFor(moment.producer));
  const auto may_have_it = [&](const TrailBlock& block) {
    return std::any_of(block.producers.begin(), block.producers.end(), [&](const auto& numbers) {
      return numbers.producer == producer && numbers.low <= moment.sequence &&
             moment.sequence <= numbers.high;
    });
  };
  const auto trail = snapshot_->NewIterator(Family::kTrail);
  const auto search = [&](const TrailBlock& block) -> Result<std::optional<Place>> {
    std::optional<Place> first;  // the rows stand newest first
    trail->Seek(keys::Trail(address_, block.last));
    for (uint32_t i = 0; i < block.count && trail->Valid(); ++i, trail->Next()) {
      TrailRow row;
      CONNTRAIL_RETURN_IF_ERROR(ReadTrailRow(trail->key(), trail->value(), row));
      if (row.line.verdict == Verdict::kDuplicate) continue;
      const DecodedEvent decoded = DecodeEvent(AsBytes(row.event), DecodeDepth::kDecisive);
      if (decoded.fault == DecodeFault::kNone &&
          decoded.event.producer_sequence == moment.sequence &&
          ProducerKeyOf(decoded.event.producer) == producer) {
        first = row.line.place;
      }
    }
    CONNTRAIL_RETURN_IF_ERROR(trail->status());
    return first;
  };

  const keys::Key first = keys::BlockRow(address_, 0);
  keys::Key prefix = first;
  prefix.Shorten(first.size() - 6);
  const auto blocks = snapshot_->NewIterator(Family::kState);
  for (blocks->Seek(first); blocks->Valid() && blocks->key().starts_with(prefix); blocks->Next()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const TrailBlock block, DecodeTrailBlock(blocks->value()));
    if (!may_have_it(block)) continue;
    CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Place> place, search(block));
    if (place) return *place;
  }
  CONNTRAIL_RETURN_IF_ERROR(blocks->status());
  if (may_have_it(state_.open_block)) {
    CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Place> place, search(state_.open_block));
    if (place) return *place;
  }
  return NoRecord("no record has producer number " + std::to_string(moment.sequence));
}

Result<std::optional<Entity>> OrgView::CurrentEntity(EntityKind kind, const Uuid& id) const {
  CONNTRAIL_ASSIGN_OR_RETURN(
      const std::optional<std::string> row,
      snapshot_->Get(Family::kState, keys::EntityRow(address_, {kind, id, {}})));
  if (!row) return std::optional<Entity>();
  CONNTRAIL_ASSIGN_OR_RETURN(Entity entity, DecodeEntity(*row));
  return std::optional<Entity>(std::move(entity));
}

Result<std::optional<Entity>> OrgView::EntityAt(EntityKind kind, const Uuid& id,
                                                const Place& at) const {
  if (at == keys::kPlaceMax) return CurrentEntity(kind, id);
  const auto rows = snapshot_->NewIterator(Family::kHistory);
  return EntityFromHistory(*snapshot_, *rows, address_, kind, id, at);
}

Status OrgView::ForEachEntity(EntityKind kind, const Place& at,
                              const std::function<bool(const Entity&)>& each) const {
  const keys::Key prefix = keys::EntityPrefix(address_, kind);
  const auto current = snapshot_->NewIterator(Family::kState);
  std::unique_ptr<StoreIterator> history;
  for (current->Seek(prefix); current->Valid() && current->key().starts_with(prefix);
       current->Next()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Entity entity, DecodeEntity(current->value()));
    const Lifecycle* life = LifecycleOf(entity);
    if (life == nullptr || life->changed <= at) {
      if (!each(entity)) return Status::Ok();
      continue;
    }
    if (at < life->created) continue;
    if (history == nullptr) history = snapshot_->NewIterator(Family::kHistory);
    CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Entity> past,
                               EntityFromHistory(*snapshot_, *history, address_, kind,
                                                 keys::EntityIdOf(current->key()), at));
    if (past && !each(*past)) return Status::Ok();
  }
  return current->status();
}

Result<std::vector<Use>> OrgView::UsesOf(const ConnectionId& connection) const {
  std::vector<Use> uses;
  const keys::Key prefix = keys::UsePrefix(address_, connection);
  const auto rows = snapshot_->NewIterator(Family::kState);
  for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    CONNTRAIL_ASSIGN_OR_RETURN(Entity entity, DecodeEntity(rows->value()));
    if (Use* use = std::get_if<Use>(&entity)) uses.push_back(std::move(*use));
  }
  CONNTRAIL_RETURN_IF_ERROR(rows->status());
  return uses;
}

Result<std::vector<Producer>> OrgView::Producers() const {
  std::vector<Producer> producers;
  CONNTRAIL_RETURN_IF_ERROR(
      ForEachEntity(EntityKind::kProducer, keys::kPlaceMax, [&](const Entity& entity) {
        if (const Producer* producer = std::get_if<Producer>(&entity)) {
          producers.push_back(*producer);
        }
        return true;
      }));
  return producers;
}

Result<TrailRecord> OrgView::RecordAt(const Place& place) const {
  const keys::Key key = keys::Trail(address_, place);
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                             snapshot_->Get(Family::kTrail, key));
  if (!value) {
    return NoRecord("there is no record at index " + std::to_string(place.index.value) + ", " +
                    FormatTime(place.time_ms));
  }
  TrailRow row;
  CONNTRAIL_RETURN_IF_ERROR(ReadTrailRow(key, *value, row));
  TrailRecord record;
  record.line = row.line;
  record.rules = row.rules;
  record.slot = row.slot;
  record.first = row.first;
  record.append_time_ms = row.append_time_ms;
  record.event = ToBytes(AsBytes(row.event));
  return record;
}

}  // namespace conntrail
