#include "services/auth/key_ring.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "events/base/check.h"
#include "projections/store/row_codec.h"
#include "projections/views/org_view.h"
#include "services/auth/key_material.h"
#include "services/auth/siphash.h"

namespace conntrail {
namespace {

// Whoever writes a log may choose digests; they shall not choose where in the table these lie.
struct DigestHash {
  using is_avalanching = void;
  SipHasher hasher;
  size_t operator()(const Digest& digest) const noexcept {
    const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
    return static_cast<size_t>(hasher(bytes).low);
  }
};
struct DigestEqual {
  bool operator()(const Digest& a, const Digest& b) const noexcept { return SameDigest(a, b); }
};

bool IsOfInterest(const TrailLine& line) {
  return line.verdict == Verdict::kApplied &&
         (line.subject.kind == EntityKind::kKey || line.subject.kind == EntityKind::kAccount ||
          line.type == EventType::kOrgOpened);
}

RingKey RingKeyOf(const KeyRing::RingOrg& org, const AccessKey& key) {
  RingKey ring_key;
  ring_key.org = org.org;
  ring_key.address = org.address;
  ring_key.id = key.id;
  ring_key.kind = key.kind;
  ring_key.owner = key.owner;
  ring_key.rights = key.rights;
  ring_key.expires_at_ms = key.expires_at_ms;
  ring_key.revoked = key.life.deleted;
  return ring_key;
}

}  // namespace

// An entity of an org as it is now.
struct KeyRing::Change {
  OrgId org;
  Entity entity;
};

struct KeyRing::Rows {
  struct Org {
    RingOrg where;
    AccountIndex accounts;
  };
  boost::unordered_flat_map<OrgId, std::unique_ptr<Org>, std::hash<OrgId>> orgs;
  boost::unordered_flat_map<std::string, std::vector<OrgId>> orgs_by_name;
  // Of a key that was made once, neither id nor digest ever changes.
  boost::unordered_flat_map<Digest, std::vector<RingKey>, DigestHash, DigestEqual> by_digest;

  const Org* Find(const OrgId& id) const {
    const auto found = orgs.find(id);
    return found == orgs.end() ? nullptr : found->second.get();
  }

  void AddOrg(const OrgState& state, PartitionId partition) {
    std::unique_ptr<Org>& org = orgs[state.id];
    if (org != nullptr) return;
    org = std::make_unique<Org>();
    org->where = {state.id, {partition, state.slot}};
    orgs_by_name[state.name].push_back(state.id);
  }

  void Remove(PartitionId partition) {
    const auto is_there = [&](const keys::OrgAddress& address) {
      return address.partition == partition;
    };
    boost::unordered::erase_if(orgs_by_name, [&](auto& name) {
      std::erase_if(name.second,
                    [&](const OrgId& id) { return is_there(Find(id)->where.address); });
      return name.second.empty();
    });
    boost::unordered::erase_if(
        orgs, [&](const auto& org) { return is_there(org.second->where.address); });
    boost::unordered::erase_if(by_digest, [&](auto& digest) {
      std::erase_if(digest.second, [&](const RingKey& key) { return is_there(key.address); });
      return digest.second.empty();
    });
  }

  void Put(const Change& change) {
    const auto org = orgs.find(change.org);
    if (org == orgs.end()) return;
    if (const Account* account = std::get_if<Account>(&change.entity)) {
      org->second->accounts.Put(*account);
    } else if (const AccessKey* key = std::get_if<AccessKey>(&change.entity)) {
      Put(key->digest, RingKeyOf(org->second->where, *key));
    }
  }

  void Put(const Digest& digest, RingKey key) {
    std::vector<RingKey>& claimants = by_digest[digest];
    const auto known = std::find_if(claimants.begin(), claimants.end(), [&](const RingKey& other) {
      return other.org == key.org && other.id == key.id;
    });
    if (known == claimants.end()) {
      claimants.push_back(std::move(key));
    } else {
      *known = std::move(key);
    }
  }
};

KeyRing::KeyRing() : rows_(std::make_unique<Rows>()) {}

KeyRing::~KeyRing() = default;

Status KeyRing::Add(const Store& store, PartitionId partition) {
  const std::shared_ptr<const StoreSnapshot> snapshot = store.NewSnapshot();
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OrgState> orgs,
                             OrgView::ListOrgs(*snapshot, partition));
  std::vector<Change> changes;
  for (const OrgState& org : orgs) {
    if (org.id.uuid.is_nil()) continue;  // the system's: it has neither keys nor accounts
    CONNTRAIL_ASSIGN_OR_RETURN(const OrgView view,
                               OrgView::OpenAt(snapshot, {partition, org.slot}));
    for (const EntityKind kind : {EntityKind::kAccount, EntityKind::kKey}) {
      CONNTRAIL_RETURN_IF_ERROR(
          view.ForEachEntity(kind, keys::kPlaceMax, [&](const Entity& entity) {
            changes.push_back({org.id, entity});
            return true;
          }));
    }
  }
  const std::lock_guard lock(mutex_);
  stores_[partition] = &store;
  for (const OrgState& org : orgs) {
    if (!org.id.uuid.is_nil()) rows_->AddOrg(org, partition);
  }
  for (const Change& change : changes) rows_->Put(change);
  generation_.fetch_add(1, std::memory_order_release);
  return Status::Ok();
}

void KeyRing::Remove(PartitionId partition) {
  const std::lock_guard lock(mutex_);
  stores_.erase(partition);
  rows_->Remove(partition);
  generation_.fetch_add(1, std::memory_order_release);
}

Status KeyRing::ReadChanges(PartitionId partition, const std::vector<FoldedRecord>& records,
                            std::vector<OrgState>& opened, std::vector<Change>& changes) const {
  const Store* store = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto found = stores_.find(partition);
    CONNTRAIL_CHECK(found != stores_.end());
    store = found->second;
  }
  const std::shared_ptr<const StoreSnapshot> snapshot = store->NewSnapshot();
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OrgState> orgs,
                             OrgView::ListOrgs(*snapshot, partition));
  std::set<std::pair<OrgId, EntityKey>> read;
  for (const FoldedRecord& record : records) {
    if (!IsOfInterest(record.line)) continue;
    const auto org = std::find_if(orgs.begin(), orgs.end(),
                                  [&](const OrgState& state) { return state.id == record.org; });
    if (org == orgs.end()) return Status::Corruption("an org row is missing");
    if (record.line.type == EventType::kOrgOpened) opened.push_back(*org);
    const EntityKey& key = record.line.subject;
    if (key.kind != EntityKind::kKey && key.kind != EntityKind::kAccount) continue;
    if (!read.emplace(record.org, key).second) continue;
    CONNTRAIL_ASSIGN_OR_RETURN(
        const std::optional<std::string> row,
        snapshot->Get(Family::kState, keys::EntityRow({partition, org->slot}, key)));
    if (!row) continue;
    CONNTRAIL_ASSIGN_OR_RETURN(Entity entity, DecodeEntity(*row));
    changes.push_back({record.org, std::move(entity)});
  }
  return Status::Ok();
}

Status KeyRing::Apply(PartitionId partition, const std::vector<FoldedRecord>& records) {
  const bool changes_anything =
      std::any_of(records.begin(), records.end(),
                  [](const FoldedRecord& record) { return IsOfInterest(record.line); });
  if (!changes_anything) return Status::Ok();
  std::vector<OrgState> opened;
  std::vector<Change> changes;
  const Status status = broken_ ? Status::FailedPrecondition("the key ring has lost step before")
                                : ReadChanges(partition, records, opened, changes);
  const std::lock_guard lock(mutex_);
  if (!status.ok()) broken_ = true;
  if (broken_) rows_ = std::make_unique<Rows>();
  for (const OrgState& org : opened) rows_->AddOrg(org, partition);
  for (const Change& change : changes) rows_->Put(change);
  generation_.fetch_add(1, std::memory_order_release);
  return status;
}

std::optional<RingKey> KeyRing::Find(const Digest& digest) const {
  const std::lock_guard lock(mutex_);
  const auto found = rows_->by_digest.find(digest);
  if (found == rows_->by_digest.end() || found->second.size() != 1) return std::nullopt;
  RingKey key = found->second.front();
  const Rows::Org* org = rows_->Find(key.org);
  if (key.owner && org != nullptr) {
    const KnownAccount* owner = org->accounts.Find(key.owner->id);
    key.owner_active = owner == nullptr || owner->active;
  }
  return key;
}

std::optional<KeyRing::RingOrg> KeyRing::FindOrg(std::string_view name_or_id) const {
  const std::optional<Uuid> id = Uuid::Parse(name_or_id);
  const std::lock_guard lock(mutex_);
  const Rows::Org* org = id ? rows_->Find({*id}) : nullptr;
  if (org == nullptr) {
    const auto named = rows_->orgs_by_name.find(std::string(name_or_id));
    if (named == rows_->orgs_by_name.end() || named->second.size() != 1) return std::nullopt;
    org = rows_->Find(named->second.front());
  }
  return org == nullptr ? std::nullopt : std::optional(org->where);
}

std::optional<KnownAccount> KeyRing::FindAccount(const OrgId& org, const Uuid& id) const {
  const std::lock_guard lock(mutex_);
  const Rows::Org* rows = rows_->Find(org);
  const KnownAccount* account = rows == nullptr ? nullptr : rows->accounts.Find(id);
  return account == nullptr ? std::nullopt : std::optional(*account);
}

std::optional<KnownAccount> KeyRing::FindSubject(const OrgId& org, std::string_view subject) const {
  if (subject.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const Rows::Org* rows = rows_->Find(org);
  if (rows == nullptr) return std::nullopt;
  const KnownAccount* account = rows->accounts.FindByExternalId(subject);
  if (account == nullptr) account = rows->accounts.FindByUserName(subject);
  return account == nullptr ? std::nullopt : std::optional(*account);
}

std::vector<Uuid> KeyRing::AccountsNamed(const OrgId& org, std::string_view user_name) const {
  const std::lock_guard lock(mutex_);
  const Rows::Org* rows = rows_->Find(org);
  return rows == nullptr ? std::vector<Uuid>() : rows->accounts.WithUserName(user_name);
}

}  // namespace conntrail
