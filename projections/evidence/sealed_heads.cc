#include "projections/evidence/sealed_heads.h"

#include <cstring>

#include "projections/evidence/org_tree.h"
#include "projections/evidence/signer.h"
#include "projections/merkle/vector_tree.h"

namespace conntrail {
namespace {

// Sizes that were signed are sizes that were sealed, mostly: then the root stands in a row.
Result<merkle::Hash> RootOf(OrgTree& tree, uint64_t size) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<SealedHead> sealed, tree.SealedUpTo(size));
  if (sealed && sealed->head.size == size) return sealed->head.root;
  return merkle::RootAt(tree, size);
}

}  // namespace

Result<merkle::Hash> HeadsRootAt(const StoreSnapshot& snapshot, PartitionId partition,
                                 uint64_t seal) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OrgState> orgs,
                             OrgView::ListOrgs(snapshot, partition));
  merkle::Hasher hasher;
  merkle::VectorTree heads;
  const auto rows = snapshot.NewIterator(Family::kEvidence);
  for (const OrgState& org : orgs) {
    const keys::OrgAddress address{partition, org.slot};
    rows->Seek(keys::HeadRow(address, seal));
    CONNTRAIL_RETURN_IF_ERROR(rows->status());
    // The first org that was not sealed: none behind it was.
    if (!rows->Valid() || !rows->key().starts_with(keys::HeadPrefix(address))) break;
    heads.Set(heads.size(), hasher.Leaf(AsBytes(rows->value())));
  }
  return heads.Root(hasher);
}

Status CheckSignedHeads(const std::shared_ptr<const StoreSnapshot>& snapshot, PartitionId partition,
                        const SignedHeads* signed_heads,
                        const std::function<bool(const SignedHeadCheck&)>& each) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OrgState> orgs,
                             OrgView::ListOrgs(*snapshot, partition));
  for (const OrgState& state : orgs) {
    const keys::OrgAddress address{partition, state.slot};
    std::vector<SignedHeadCheck> all;
    CONNTRAIL_RETURN_IF_ERROR(ForEachLoggedHead(*snapshot, address, [&](const TreeHead& head) {
      all.push_back({.org = address, .head = head});
      return true;
    }));
    const auto kept = signed_heads == nullptr ? std::nullopt : signed_heads->Last(address);
    if (kept) all.push_back({.org = address, .head = *kept, .is_kept_here = true});
    if (all.empty()) continue;
    CONNTRAIL_ASSIGN_OR_RETURN(const OrgView org, OrgView::OpenAt(snapshot, address));
    OrgTree tree(org);
    for (SignedHeadCheck& one : all) {
      one.records = tree.size();
      if (one.head.size <= one.records) {
        CONNTRAIL_ASSIGN_OR_RETURN(one.root, RootOf(tree, one.head.size));
      }
      if (!each(one)) return Status::Ok();
    }
  }
  return Status::Ok();
}

}  // namespace conntrail
