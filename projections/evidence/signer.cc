#include "projections/evidence/signer.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "projections/merkle/checkpoint.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;
using merkle::Hash;

// Checkpoints of so many orgs are kept as they were signed.
constexpr size_t kKeptMax = 10'000;

Result<EvidenceKey> OpenKey(const fs::path& path, const Signer::Options& options) {
  Result<EvidenceKey> key = EvidenceKey::Open(path.string());
  if (key.status().code() != StatusCode::kNotFound) {
    if (key.ok() && options.is_name_chosen && key->name() != options.name) {
      return Status::FailedPrecondition(
          fmt::format("{} signs for {}, not for {}: the name in what was signed cannot change",
                      path.string(), key->name(), options.name));
    }
    return key;
  }
  if (!options.may_create) {
    return Status::NotFound(fmt::format(
        "{} is missing, and the log has records: copy it from another node of this log. If there "
        "never was one, make it: conntrail evidence init --data DIR",
        path.string()));
  }
  return EvidenceKey::Create(path.string(), options.name);
}

Status Diverged(const OrgView& org, const TreeHead& before, const TreeHead& now,
                std::string_view what) {
  return Status::FailedPrecondition(fmt::format(
      "nothing is signed for {}: a head of {} records was signed ({}), and the tree of {} records "
      "that is here {}. The log has lost or changed records since; restore it from another node or "
      "a backup",
      org.state().name, before.size, merkle::HashText(before.root), now.size, what));
}

}  // namespace

Result<std::unique_ptr<Signer>> Signer::Open(const std::string& data, Options options) {
  CONNTRAIL_ASSIGN_OR_RETURN(EvidenceKey key,
                             OpenKey(fs::path(data) / "keys" / "evidence.key", options));
  const fs::path folder = fs::path(data) / "evidence";
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return Status::Io(fmt::format("cannot make {}: {}", folder.string(), error.message()));
  CONNTRAIL_ASSIGN_OR_RETURN(auto heads, SignedHeads::Open((folder / "signed-heads").string()));
  return std::unique_ptr<Signer>(new Signer(std::move(key), std::move(heads)));
}

Status ForEachLoggedHead(const StoreSnapshot& snapshot, const keys::OrgAddress& org,
                         const std::function<bool(const TreeHead&)>& each) {
  const auto rows = snapshot.NewIterator(Family::kEvidence);
  const keys::Key prefix = keys::SignedPrefix(org);
  for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    TreeHead head;
    head.size = keys::SignedSizeOf(rows->key());
    CONNTRAIL_ASSIGN_OR_RETURN(head.root, DecodeHash(keys::SignedRootOf(rows->key())));
    if (!each(head)) break;
  }
  return rows->status();
}

Status Signer::CheckExtends(OrgTree& tree, const OrgView& org, const TreeHead& head) const {
  const auto check = [&](const TreeHead& before) -> Status {
    if (before.size > tree.size()) return Diverged(org, before, head, "is shorter");
    CONNTRAIL_ASSIGN_OR_RETURN(const Hash root, merkle::RootAt(tree, before.size));
    if (root != before.root) return Diverged(org, before, head, "does not begin with it");
    return Status::Ok();
  };
  const std::optional<TreeHead> own = heads_->Last(org.address());
  if (own) CONNTRAIL_RETURN_IF_ERROR(check(*own));
  // All that were signed at the largest size, should they differ.
  Status status;
  std::optional<uint64_t> largest;
  CONNTRAIL_RETURN_IF_ERROR(
      ForEachLoggedHead(org.snapshot(), org.address(), [&](const TreeHead& logged) {
        if (largest && logged.size != *largest) return false;
        largest = logged.size;
        status = check(logged);
        return status.ok();
      }));
  return status;
}

Result<std::string> Signer::Sign(OrgTree& tree, const OrgView& org, const SealedHead& sealed) {
  const keys::OrgAddress address = org.address();
  const std::lock_guard lock(mutex_);
  const auto kept = last_.find(address);
  if (kept != last_.end() && kept->second.head == sealed.head) return kept->second.checkpoint;
  CONNTRAIL_RETURN_IF_ERROR(CheckExtends(tree, org, sealed.head));
  const std::optional<TreeHead> own = heads_->Last(address);
  // An older head, of a part of the trail: what is signed of it is checked to be its beginning.
  if (!own || own->size < sealed.head.size) {
    CONNTRAIL_RETURN_IF_ERROR(heads_->Remember(address, sealed.head));
    SignedHead& head = unlogged_[address.partition].emplace_back();
    head.slot = address.slot.value;
    head.size = sealed.head.size;
    head.root = sealed.head.root;
  } else {
    CONNTRAIL_ASSIGN_OR_RETURN(const Hash root, merkle::RootAt(tree, sealed.head.size));
    if (root != sealed.head.root) {
      return Diverged(org, *own, sealed.head, "has another root at a seal");
    }
  }
  const merkle::SigningKey* const signing_keys[] = {&key_.key()};
  std::string checkpoint = merkle::SignCheckpoint(
      {key_.OriginOf(address), sealed.head.size, sealed.head.root}, signing_keys);
  if (last_.size() >= kKeptMax) last_.clear();
  last_[address] = {sealed.head, checkpoint};
  return checkpoint;
}

std::vector<SignedHead> Signer::TakeUnlogged(PartitionId partition, size_t max) {
  const std::lock_guard lock(mutex_);
  std::deque<SignedHead>& waiting = unlogged_[partition];
  std::vector<SignedHead> taken;
  while (!waiting.empty() && taken.size() < max) {
    taken.push_back(waiting.front());
    waiting.pop_front();
  }
  return taken;
}

void Signer::GiveBack(PartitionId partition, const std::vector<SignedHead>& heads) {
  const std::lock_guard lock(mutex_);
  std::deque<SignedHead>& waiting = unlogged_[partition];
  waiting.insert(waiting.begin(), heads.begin(), heads.end());
}

bool Signer::HasUnlogged(PartitionId partition) const {
  const std::lock_guard lock(mutex_);
  const auto found = unlogged_.find(partition);
  return found != unlogged_.end() && !found->second.empty();
}

}  // namespace conntrail
