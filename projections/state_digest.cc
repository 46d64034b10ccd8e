#include "projections/state_digest.h"

#include <span>

#include <fmt/format.h>

#include "events/base/check.h"
#include "events/base/sha256.h"
#include "projections/entity_json.h"
#include "projections/store/row_codec.h"
#include "projections/store/trail_row.h"
#include "projections/views/org_view.h"

namespace conntrail {
namespace {

std::string Hex(const Digest& digest) { return ToHex(std::as_bytes(std::span(digest))); }

void AddLine(Sha256Stream& digest, const std::string& line) {
  digest.Update(AsBytes(line));
  digest.Update(AsBytes("\n"));
}

Status AddEntities(const StoreSnapshot& snapshot, const keys::OrgAddress& org,
                   Sha256Stream& digest) {
  // All kinds: the prefix of a kind without the kind.
  keys::Key prefix = keys::EntityPrefix(org, EntityKind::kNone);
  prefix.Shorten(prefix.size() - 1);
  const auto rows = snapshot.NewIterator(Family::kState);
  for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Entity entity, DecodeEntity(rows->value()));
    AddLine(digest, EntityToJson(entity));
  }
  return rows->status();
}

Status AddTrail(const StoreSnapshot& snapshot, const keys::OrgAddress& org, const OrgState& state,
                Sha256Stream& digest) {
  const keys::Key prefix = keys::TrailPrefix(org);
  const auto rows = snapshot.NewIterator(Family::kTrail);
  uint64_t left = state.next_index.value;  // rows that are still to come, newest first
  for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    TrailRow row;
    CONNTRAIL_RETURN_IF_ERROR(ReadTrailRow(rows->key(), rows->value(), row));
    if (left == 0 || row.line.place.index.value != left - 1) {
      return Status::Corruption(fmt::format("the trail of {} has index {} where {} should be",
                                            state.name, row.line.place.index.value, left - 1));
    }
    --left;
    row.append_time_ms = 0;
    std::string bytes;
    AppendBigEndian(bytes, org.slot.value, 4);
    bytes.append(rows->key().substr(rows->key().size() - keys::kPlaceBytes));
    AppendTrailRow(bytes, row);
    digest.Update(AsBytes(bytes));
  }
  CONNTRAIL_RETURN_IF_ERROR(rows->status());
  if (left != 0) {
    return Status::Corruption(
        fmt::format("the trail of {} begins with index {} instead of 0", state.name, left));
  }
  return Status::Ok();
}

}  // namespace

Result<StateDigests> ComputeDigests(const StoreSnapshot& snapshot, PartitionId partition) {
  StateDigests digests;
  Sha256Stream state;
  Sha256Stream outcomes;
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OrgState> orgs,
                             OrgView::ListOrgs(snapshot, partition));
  for (const OrgState& org : orgs) {
    const keys::OrgAddress address{partition, org.slot};
    AddLine(state, fmt::format("org {} {} {} {} {} {}", org.slot.value, org.id.ToString(),
                               org.next_index.value, org.effective_time_ms, org.connection_slots,
                               org.name));
    CONNTRAIL_RETURN_IF_ERROR(AddEntities(snapshot, address, state));
    CONNTRAIL_RETURN_IF_ERROR(AddTrail(snapshot, address, org, outcomes));
    digests.records += org.next_index.value;
  }
  digests.state = Hex(state.Finish());
  digests.outcomes = Hex(outcomes.Finish());
  return digests;
}

StateDigests Together(const std::map<PartitionId, StateDigests>& partitions) {
  CONNTRAIL_CHECK(!partitions.empty());
  if (partitions.size() == 1) return partitions.begin()->second;
  StateDigests all;
  std::string state, outcomes;
  for (const auto& [partition, digests] : partitions) {
    state += fmt::format("{} {}\n", partition.value, digests.state);
    outcomes += fmt::format("{} {}\n", partition.value, digests.outcomes);
    all.records += digests.records;
  }
  all.state = Hex(Sha256(AsBytes(state)));
  all.outcomes = Hex(Sha256(AsBytes(outcomes)));
  return all;
}

}  // namespace conntrail
