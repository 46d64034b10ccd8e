#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "events/event.h"
#include "projections/evidence/evidence_key.h"
#include "projections/evidence/org_tree.h"
#include "projections/evidence/signed_heads.h"

namespace conntrail {

// Signs sealed heads, and nothing that does not extend what was signed before: neither by this
// machine (SignedHeads) nor, as far as the log tells, by another one. Thread-safe.
class Signer {
 public:
  // Opens what DATA/keys/evidence.key and DATA/evidence/ hold. Where there is no key one is made,
  // named `name`, if `may_create`. kNotFound: there is none. kFailedPrecondition: the key has
  // another name.
  struct Options {
    std::string name;             // of a key that is made
    bool is_name_chosen = false;  // then a key that is there must have it, too
    bool may_create = true;
  };
  static Result<std::unique_ptr<Signer>> Open(const std::string& data, Options options);

  const EvidenceKey& key() const { return key_; }

  // The checkpoint of `sealed`, one of the tree's sealed heads. Equal heads have equal checkpoints.
  //
  // kFailedPrecondition: what was signed before is not a beginning of it: the log has lost or
  // changed records since. Nothing is signed for that org any more until they are restored.
  Result<std::string> Sign(OrgTree& tree, const OrgView& org, const SealedHead& sealed);

  // What was signed and has not been taken yet, for the next seal of the partition; at most `max`.
  std::vector<SignedHead> TakeUnlogged(PartitionId partition, size_t max);
  // Gives back what did not get into the log.
  void GiveBack(PartitionId partition, const std::vector<SignedHead>& heads);
  bool HasUnlogged(PartitionId partition) const;

 private:
  Signer(EvidenceKey key, std::unique_ptr<SignedHeads> heads)
      : key_(std::move(key)), heads_(std::move(heads)) {}
  Status CheckExtends(OrgTree& tree, const OrgView& org, const TreeHead& head) const;

  struct Signed {
    TreeHead head;
    std::string checkpoint;
  };

  const EvidenceKey key_;
  const std::unique_ptr<SignedHeads> heads_;
  mutable std::mutex mutex_;
  std::map<keys::OrgAddress, Signed> last_;  // as it was given away
  std::map<PartitionId, std::deque<SignedHead>> unlogged_;
};

// The heads of that org which the log says to have been signed, the largest first, until `each`
// returns false.
Status ForEachLoggedHead(const StoreSnapshot& snapshot, const keys::OrgAddress& org,
                         const std::function<bool(const TreeHead&)>& each);

}  // namespace conntrail
