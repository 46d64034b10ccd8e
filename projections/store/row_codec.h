#pragma once

#include <string>
#include <string_view>

#include "events/base/result.h"
#include "projections/fold/entity.h"
#include "projections/fold/org_state.h"

// Values of the state family and entities of the history, as schemas/row.fbs lays them out. The
// same value gives the same bytes. Decoders verify before they read; kCorruption means damage or
// another layout.
namespace conntrail {

std::string EncodeEntity(const Entity& entity);
Result<Entity> DecodeEntity(std::string_view bytes);

std::string EncodeOrgState(const OrgState& org);
Result<OrgState> DecodeOrgState(std::string_view bytes);

std::string EncodeTrailBlock(const TrailBlock& block);
Result<TrailBlock> DecodeTrailBlock(std::string_view bytes);

// The layout of keys and rows that this build writes. One that another build wrote is not read: it
// is thrown away and made again from the log. Raise it with every change of keys.h, trail_row.h or
// of what a row means.
inline constexpr uint32_t kProjectionLayout = 3;

// The partition's row also tells which log it was made from, and how its last record was.
struct PartitionRow {
  PartitionState state;
  Uuid log_id;
  std::optional<Digest>
      anchor;  // SHA-256 of the last applied record's bytes; none before the first
  bool operator==(const PartitionRow&) const = default;
};
// DecodePartitionRow: kCorruption as well if the row is of another layout.
std::string EncodePartitionRow(const PartitionRow& row);
Result<PartitionRow> DecodePartitionRow(std::string_view bytes);

}  // namespace conntrail
