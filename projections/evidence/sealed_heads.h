#pragma once

#include <functional>
#include <string>

#include "events/base/result.h"
#include "projections/evidence/evidence_rows.h"
#include "projections/evidence/signed_heads.h"
#include "projections/store/store.h"

namespace conntrail {

// The root of the heads of all orgs at seal number `seal`, computed from the head rows: what the
// seal's row must say.
Result<merkle::Hash> HeadsRootAt(const StoreSnapshot& snapshot, PartitionId partition,
                                 uint64_t seal);

// A head that was signed, and what the trail makes of it now.
struct SignedHeadCheck {
  keys::OrgAddress org;
  TreeHead head;
  bool is_kept_here = false;  // SignedHeads has it; else the log
  uint64_t records = 0;       // of the trail
  merkle::Hash root{};        // of the first head.size of them; nothing if there are fewer

  bool fits() const { return head.size <= records && head.root == root; }
};

// All heads of the partition that are known to have been signed, by the log's records and, unless
// `signed_heads` is null, by this machine; until `each` returns false.
Status CheckSignedHeads(const std::shared_ptr<const StoreSnapshot>& snapshot, PartitionId partition,
                        const SignedHeads* signed_heads,
                        const std::function<bool(const SignedHeadCheck&)>& each);

}  // namespace conntrail
