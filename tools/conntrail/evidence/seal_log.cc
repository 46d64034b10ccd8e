#include "tools/conntrail/evidence/seal_log.h"

#include "events/event_codec.h"
#include "projections/evidence/seal_event.h"

namespace conntrail::evidence {
namespace {

// How many seals of the partition count.
Result<uint64_t> SealsOf(DataDirectory& directory, PartitionId partition) {
  const auto snapshot = directory.projection(partition).store().NewSnapshot();
  CONNTRAIL_ASSIGN_OR_RETURN(const auto last, LastSeal(*snapshot, partition));
  return last ? last->number + 1 : 0;
}

}  // namespace

Status SealLog(DataDirectory& directory, PartitionId partition, Signer* signer) {
  CONNTRAIL_RETURN_IF_ERROR(directory.CatchUp());
  CONNTRAIL_ASSIGN_OR_RETURN(const uint64_t before, SealsOf(directory, partition));
  Seal seal;
  if (signer != nullptr) seal.signed_heads = signer->TakeUnlogged(partition, kSealHeadsMax);
  const Event event = SealEvent(seal, Interface::kCli);
  const auto appended = directory.log().Append(partition, event.org, EncodeEvent(event));
  if (!appended.ok()) {
    if (signer != nullptr) signer->GiveBack(partition, seal.signed_heads);
    return appended.status();
  }
  CONNTRAIL_RETURN_IF_ERROR(directory.CatchUp());
  CONNTRAIL_ASSIGN_OR_RETURN(const uint64_t after, SealsOf(directory, partition));
  if (after > before) return Status::Ok();
  return Status::Unavailable("the log was sealed less than a second ago; try again");
}

}  // namespace conntrail::evidence
