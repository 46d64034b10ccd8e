#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/fold/org_state.h"
#include "projections/record_folder.h"
#include "projections/store/store.h"
#include "services/auth/account_index.h"

namespace conntrail {

// A key of some org, as the door sees it.
struct RingKey {
  OrgId org;
  keys::OrgAddress address;
  KeyId id;
  KeyKind kind = KeyKind::kUnspecified;
  std::optional<Principal> owner;
  uint64_t rights = 0;
  std::optional<UnixMs> expires_at_ms;  // from then on the key is worth nothing
  bool revoked = false;
  bool owner_active = true;  // an owner whom the directory does not know is active
};

// All keys and accounts of all orgs of some partitions, in memory: what a door asks for each
// request.
//
// A key is known by the SHA-256 of its text alone. If several keys claim one digest, it opens
// nothing: else whoever can write a digest into the log could take a caller to another org.
//
// Thread-safety: all methods may be called from any thread, but Add, Apply and Remove of one
// partition one after the other. Questions take less than a microsecond.
class KeyRing {
 public:
  KeyRing();
  ~KeyRing();

  // Reads all keys and accounts of `partition`, which `store` projects. `store` must stay until
  // Remove.
  Status Add(const Store& store, PartitionId partition);
  // Forgets them.
  void Remove(PartitionId partition);

  // Takes over what `records`, just written to the store of `partition`, have changed: for a
  // Projector::Listener. REQUIRES: it was added.
  //
  // After a failure the ring is not in step: it knows no key and no account any more, and stays so.
  Status Apply(PartitionId partition, const std::vector<FoldedRecord>& records);

  // False once Apply has failed. Any thread.
  bool in_step() const { return !broken_; }

  // The key whose text has that digest, be it worth something or not.
  std::optional<RingKey> Find(const Digest& digest) const;

  struct RingOrg {
    OrgId org;
    keys::OrgAddress address;
  };
  // `name_or_id`: a name that only one org has, or an id in lower case.
  std::optional<RingOrg> FindOrg(std::string_view name_or_id) const;

  // The account of that org, by its id.
  std::optional<KnownAccount> FindAccount(const OrgId& org, const Uuid& id) const;
  // By the external id that the directory has given it, else by its user name.
  std::optional<KnownAccount> FindSubject(const OrgId& org, std::string_view subject) const;
  // The ids of all accounts of that org that have that user name.
  std::vector<Uuid> AccountsNamed(const OrgId& org, std::string_view user_name) const;

  // Another number whenever an answer to one of the above may have changed.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  struct Rows;
  struct Change;
  Status ReadChanges(PartitionId partition, const std::vector<FoldedRecord>& records,
                     std::vector<OrgState>& opened, std::vector<Change>& changes) const;

  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::map<PartitionId, const Store*> stores_;
  std::unique_ptr<Rows> rows_;
  std::atomic<bool> broken_{false};
  std::atomic<uint64_t> generation_{1};
};

}  // namespace conntrail
