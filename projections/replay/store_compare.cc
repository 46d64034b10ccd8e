#include "projections/replay/store_compare.h"

#include <algorithm>

#include <fmt/format.h>

#include "projections/merkle/checkpoint.h"

namespace conntrail {
namespace {

Result<std::optional<std::string>> HeadsRoot(const StoreSnapshot& snapshot, PartitionId partition,
                                             uint64_t seal) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<SealRow> row, ReadSeal(snapshot, partition, seal));
  if (!row) return std::optional<std::string>();
  return std::optional(merkle::HashText(row->heads_root));
}

Status CompareSeals(const StoreSnapshot& found, const StoreSnapshot& expected,
                    PartitionId partition, StoreComparison& comparison) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto theirs, LastSeal(found, partition));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto ours, LastSeal(expected, partition));
  if (!theirs || !ours) return Status::Ok();
  const uint64_t last = std::min(theirs->number, ours->number);
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<SealRow> row, ReadSeal(expected, partition, last));
  if (!row) return Status::Corruption(fmt::format("the row of seal {} is missing", last));
  comparison.common = NumberedSeal{last, *row};
  CONNTRAIL_ASSIGN_OR_RETURN(const auto first,
                             FirstDifferentSeal(found, expected, partition, last + 1));
  if (!first) return Status::Ok();
  CONNTRAIL_ASSIGN_OR_RETURN(const auto our_root, HeadsRoot(expected, partition, *first));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto their_root, HeadsRoot(found, partition, *first));
  comparison.difference = Difference{partition,
                                     first,
                                     "",
                                     "the heads root",
                                     our_root.value_or("none"),
                                     their_root.value_or("none")};
  return Status::Ok();
}

}  // namespace

Result<std::optional<uint64_t>> FirstDifferentSeal(const StoreSnapshot& a, const StoreSnapshot& b,
                                                   PartitionId partition, uint64_t end) {
  uint64_t low = 0, high = end;  // all below `low` are equal; `high` is not, or the end
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    CONNTRAIL_ASSIGN_OR_RETURN(const auto of_a, ReadSeal(a, partition, middle));
    CONNTRAIL_ASSIGN_OR_RETURN(const auto of_b, ReadSeal(b, partition, middle));
    if (of_a && of_b && of_a->heads_root == of_b->heads_root) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == end ? std::nullopt : std::optional(low);
}

Result<StoreComparison> CompareStores(const StoreSnapshot& found, const StoreSnapshot& expected,
                                      PartitionId partition, bool is_same_offset) {
  StoreComparison comparison;
  CONNTRAIL_RETURN_IF_ERROR(CompareSeals(found, expected, partition, comparison));
  comparison.has_digests = is_same_offset;
  if (!is_same_offset) return comparison;
  CONNTRAIL_ASSIGN_OR_RETURN(comparison.digests, ComputeDigests(expected, partition));
  if (comparison.difference) return comparison;
  // A row that cannot be read is a difference like any other.
  const auto theirs = ComputeDigests(found, partition);
  const auto differ = [&](std::string what, std::string ours, std::string other) {
    comparison.difference =
        Difference{partition, std::nullopt, "", std::move(what), std::move(ours), std::move(other)};
  };
  if (!theirs.ok()) {
    differ("the rows", "such as can be read", theirs.status().message());
  } else if (theirs->outcomes != comparison.digests.outcomes) {
    differ("the digest of the outcomes", comparison.digests.outcomes, theirs->outcomes);
  } else if (*theirs != comparison.digests) {
    differ("the digest of the state", comparison.digests.state, theirs->state);
  }
  return comparison;
}

}  // namespace conntrail
