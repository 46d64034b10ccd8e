#include "projections/replay/store_scan.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "projections/evidence/org_tree.h"
#include "projections/evidence/sealed_heads.h"
#include "projections/evidence/trail_leaf.h"
#include "projections/merkle/checkpoint.h"
#include "projections/merkle/vector_tree.h"
#include "projections/store/row_codec.h"

namespace conntrail {
namespace {

using merkle::Hash;

std::string TextOf(const TreeHead& head) {
  return fmt::format("{} records, root {}", head.size, merkle::HashText(head.root));
}

std::string TextOf(const SealRow& seal) {
  return fmt::format("{} records, {} orgs, appended {}, heads root {}", seal.records, seal.slots,
                     seal.append_time_ms, merkle::HashText(seal.heads_root));
}

std::string HexOf(std::string_view bytes) { return ToHex(AsBytes(bytes)); }

// What stops a scan: a Status of ours tells it apart from a difference.
Status Found() { return Status::FailedPrecondition("a difference was found"); }

class Scan {
 public:
  Scan(std::shared_ptr<const StoreSnapshot> snapshot, PartitionId partition, const ScanRun& run)
      : snapshot_(std::move(snapshot)), partition_(partition), run_(run) {}

  Result<ScanAnswer> Run() {
    const Status status = ScanAll();
    if (status.ok() || answer_.difference) return answer_;
    if (status.code() == StatusCode::kUnavailable) return status;
    if (status.code() == StatusCode::kIo) return status;
    (void)Differ("a row", "one that can be read", status.message());
    return answer_;
  }

 private:
  Status Differ(std::string what, std::string expected, std::string found,
                std::optional<uint64_t> seal = std::nullopt) {
    if (!answer_.difference) {
      answer_.difference = Difference{
          partition_, seal, org_, std::move(what), std::move(expected), std::move(found)};
    }
    return Found();
  }

  Status ScanAll() {
    CONNTRAIL_ASSIGN_OR_RETURN(const auto bytes,
                               snapshot_->Get(Family::kState, keys::PartitionRow(partition_)));
    if (!bytes) return Status::Ok();  // nothing was applied
    CONNTRAIL_ASSIGN_OR_RETURN(row_, DecodePartitionRow(*bytes));
    CONNTRAIL_ASSIGN_OR_RETURN(const auto orgs, OrgView::ListOrgs(*snapshot_, partition_));
    if (orgs.size() != row_.state.next_slot.value) {
      return Differ("the number of orgs", std::to_string(row_.state.next_slot.value),
                    std::to_string(orgs.size()));
    }
    for (const OrgState& org : orgs) {
      org_ = org.name;
      CONNTRAIL_RETURN_IF_ERROR(ScanOrg(org));
    }
    org_.clear();
    if (answer_.records != row_.state.records) {
      return Differ("the number of records", std::to_string(row_.state.records),
                    std::to_string(answer_.records));
    }
    CONNTRAIL_RETURN_IF_ERROR(ScanSeals());
    return ScanSigned();
  }

  Status ScanOrg(const OrgState& org) {
    address_ = {partition_, org.slot};
    counts_.clear();
    history_ = actors_ = 0;
    CONNTRAIL_RETURN_IF_ERROR(ReadHeads());
    CONNTRAIL_RETURN_IF_ERROR(ScanTrail(org));
    CONNTRAIL_RETURN_IF_ERROR(CompareTreeRow());
    CONNTRAIL_RETURN_IF_ERROR(CompareOrgRow(org));
    CONNTRAIL_RETURN_IF_ERROR(CountRows(Family::kActor, actors_));
    CONNTRAIL_RETURN_IF_ERROR(CountRows(Family::kHistory, history_));
    return ScanEntities();
  }

  // Of one org, the first seal first.
  Status ReadHeads() {
    heads_.clear();
    const auto rows = snapshot_->NewIterator(Family::kEvidence);
    const keys::Key prefix = keys::HeadPrefix(address_);
    for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
      CONNTRAIL_ASSIGN_OR_RETURN(const TreeHead head, DecodeHeadRow(rows->value()));
      heads_.push_back({keys::CountOf(rows->key()), head});
      ++answer_.rows;
    }
    std::reverse(heads_.begin(), heads_.end());
    for (const SealedHead& head : heads_) {
      sealed_[head.seal].push_back({address_.slot.value, head.head});
    }
    return rows->status();
  }

  Status ScanTrail(const OrgState& org) {
    frontier_ = {};
    next_head_ = 0;
    CONNTRAIL_RETURN_IF_ERROR(CompareHeads());
    const auto rows = snapshot_->NewIterator(Family::kTrail);
    const keys::Key prefix = keys::TrailPrefix(address_);
    // The oldest stands last.
    rows->SeekForPrev(keys::Trail(address_, Place{0, OrgIndex(0)}));
    for (uint64_t index = 0; rows->Valid() && rows->key().starts_with(prefix); rows->Prev()) {
      TrailRow row;
      CONNTRAIL_RETURN_IF_ERROR(ReadTrailRow(rows->key(), rows->value(), row));
      if (row.line.place.index.value != index) {
        return Differ("the trail's index", std::to_string(index),
                      std::to_string(row.line.place.index.value));
      }
      CONNTRAIL_RETURN_IF_ERROR(TakeLeaf(row));
      CONNTRAIL_RETURN_IF_ERROR(CompareLines(row));
      last_ = row.line.place;
      ++index;
      ++answer_.records;
      ++answer_.rows;
      if ((index & 1023) == 0 && run_.watch && !run_.watch(answer_.records, row_.state.records)) {
        return Status::Unavailable("stopped");
      }
    }
    CONNTRAIL_RETURN_IF_ERROR(rows->status());
    if (frontier_.size() == org.next_index.value) return Status::Ok();
    return Differ("the length of the trail", std::to_string(org.next_index.value),
                  std::to_string(frontier_.size()));
  }

  Status TakeLeaf(const TrailRow& row) {
    append_time_ms_ = row.append_time_ms;
    leaf_.clear();
    AppendLeafOf(leaf_, row);
    Status status;
    frontier_.Append(hasher_, hasher_.Leaf(AsBytes(leaf_)),
                     [&](const merkle::NodeId& node, const Hash& hash) {
                       if (status.ok() && node.level % OrgTree::kTileLevels == 0) {
                         status = CompareNode(node, hash);
                       }
                     });
    CONNTRAIL_RETURN_IF_ERROR(status);
    return CompareHeads();
  }

  Status CompareNode(const merkle::NodeId& node, const Hash& hash) {
    ++answer_.rows;
    CONNTRAIL_ASSIGN_OR_RETURN(
        const auto stored,
        snapshot_->Get(Family::kEvidence, keys::NodeRow(address_, node.level, node.index)));
    if (stored && *stored == AsText(hash)) return Status::Ok();
    return Differ(fmt::format("node {} of level {}", node.index, node.level), HexOf(AsText(hash)),
                  stored ? HexOf(*stored) : "none");
  }

  // Those at as many records as there have been.
  Status CompareHeads() {
    for (; next_head_ < heads_.size() && heads_[next_head_].head.size <= frontier_.size();
         ++next_head_) {
      const SealedHead& sealed = heads_[next_head_];
      const TreeHead now{frontier_.size(), frontier_.Root(hasher_)};
      // A seal's own record is the system's last before it.
      if (address_.slot.value == 0) seal_times_[sealed.seal] = append_time_ms_;
      if (sealed.head != now) {
        return Differ("the head", TextOf(now), TextOf(sealed.head), sealed.seal);
      }
    }
    return Status::Ok();
  }

  Status CompareLines(const TrailRow& row) {
    ++counts_[{row.line.type, static_cast<uint8_t>(row.line.verdict)}];
    std::string line;
    AppendLine(line, row.line);
    const auto differ = [&](const char* what, std::string found) {
      return Differ(fmt::format("the {} row of record {}", what, row.line.place.index.value),
                    HexOf(line), std::move(found));
    };
    if (row.line.actor) {
      ++actors_;
      CONNTRAIL_ASSIGN_OR_RETURN(
          const auto stored,
          snapshot_->Get(Family::kActor,
                         keys::Actor(address_, row.line.actor->id, row.line.place)));
      if (!stored || *stored != line) return differ("actor", stored ? HexOf(*stored) : "none");
    }
    if (row.line.subject.kind == EntityKind::kNone) return Status::Ok();
    ++history_;
    CONNTRAIL_ASSIGN_OR_RETURN(
        const auto stored,
        snapshot_->Get(Family::kHistory, keys::History(address_, row.line.subject.kind,
                                                       row.line.subject.id, row.line.place)));
    if (!stored || !stored->starts_with(line)) {
      return differ("history", stored ? HexOf(stored->substr(0, kLineBytes)) : "none");
    }
    return Status::Ok();
  }

  Status CompareTreeRow() {
    ++answer_.rows;
    CONNTRAIL_ASSIGN_OR_RETURN(const auto bytes,
                               snapshot_->Get(Family::kEvidence, keys::TreeRow(address_)));
    if (!bytes && frontier_.size() == 0) return Status::Ok();
    if (!bytes) return Differ("the tree", "its row", "none");
    CONNTRAIL_ASSIGN_OR_RETURN(const TreeRow tree, DecodeTreeRow(*bytes));
    const TreeHead now{frontier_.size(), frontier_.Root(hasher_)};
    if (tree.frontier != frontier_) {
      return Differ("the tree", TextOf(now),
                    TextOf({tree.frontier.size(), tree.frontier.Root(hasher_)}));
    }
    const TreeHead sealed = heads_.empty() ? TreeHead{} : heads_.back().head;
    if (tree.sealed == sealed) return Status::Ok();
    return Differ("the tree's last sealed head", TextOf(sealed), TextOf(tree.sealed));
  }

  Status CompareOrgRow(const OrgState& org) {
    ++answer_.rows;
    if (frontier_.size() > 0 && org.effective_time_ms != last_.time_ms) {
      return Differ("the org's effective time", std::to_string(last_.time_ms),
                    std::to_string(org.effective_time_ms));
    }
    uint64_t found = 0;
    for (const TypeCount& count : org.counts) {
      const auto ours = counts_.find({count.type, count.verdict});
      found += ours != counts_.end() && ours->second == count.count;
    }
    if (found == org.counts.size() && found == counts_.size()) return Status::Ok();
    return Differ("the org's counts by type and outcome", "those of its trail", "others");
  }

  Status CountRows(Family family, uint64_t expected) {
    const auto rows = snapshot_->NewIterator(family);
    const keys::Key prefix = keys::TrailPrefix(address_);  // org, as in both families
    uint64_t count = 0;
    for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
      ++count;
      if (family != Family::kHistory) continue;
      HistoryRow row;
      CONNTRAIL_RETURN_IF_ERROR(ReadHistoryRow(rows->key(), rows->value(), row));
      if (!row.entity.empty()) CONNTRAIL_RETURN_IF_ERROR(DecodeEntity(row.entity).status());
    }
    CONNTRAIL_RETURN_IF_ERROR(rows->status());
    answer_.rows += count;
    if (count == expected) return Status::Ok();
    return Differ(
        family == Family::kActor ? "the number of actor rows" : "the number of history rows",
        std::to_string(expected), std::to_string(count));
  }

  Status ScanEntities() {
    keys::Key prefix = keys::EntityPrefix(address_, EntityKind::kNone);
    prefix.Shorten(prefix.size() - 1);
    const auto rows = snapshot_->NewIterator(Family::kState);
    for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
      ++answer_.rows;
      CONNTRAIL_RETURN_IF_ERROR(DecodeEntity(rows->value()).status());
      const auto kind = static_cast<EntityKind>(rows->key()[prefix.size()]);
      if (!IsVersioned(kind)) continue;
      CONNTRAIL_RETURN_IF_ERROR(CompareEntity(kind, keys::EntityIdOf(rows->key()), rows->value()));
    }
    return rows->status();
  }

  Status CompareEntity(EntityKind kind, const Uuid& id, std::string_view now) {
    const auto rows = snapshot_->NewIterator(Family::kHistory);
    const keys::Key prefix = keys::HistoryPrefix(address_, kind, id);
    for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
      HistoryRow row;
      CONNTRAIL_RETURN_IF_ERROR(ReadHistoryRow(rows->key(), rows->value(), row));
      if (row.entity.empty()) continue;
      if (row.entity == now) return Status::Ok();
      return Differ("the state of entity " + id.ToString(), "that of its last history row",
                    "another");
    }
    CONNTRAIL_RETURN_IF_ERROR(rows->status());
    return Differ("the state of entity " + id.ToString(), "a history", "none");
  }

  Status ScanSeals() {
    merkle::VectorTree heads;
    std::vector<uint64_t> sizes;
    uint64_t records = 0;
    for (uint64_t number = 0; number < row_.state.seals; ++number, ++answer_.seals) {
      for (const auto& [slot, head] : sealed_[number]) {
        if (slot > sizes.size())
          return Differ("the seal", "a head of each org", "one less", number);
        if (slot == sizes.size()) sizes.push_back(0);
        records += head.size - sizes[slot];
        sizes[slot] = head.size;
        heads.Set(slot, hasher_.Leaf(AsBytes(EncodeHeadRow(head))));
      }
      CONNTRAIL_ASSIGN_OR_RETURN(const auto seal, ReadSeal(*snapshot_, partition_, number));
      const Hash root = heads.Root(hasher_);
      const std::string expected =
          TextOf(SealRow{seal_times_[number], records, static_cast<uint32_t>(sizes.size()), root});
      const std::string found = seal ? TextOf(*seal) : "none";
      if (expected != found) return Differ("the seal", expected, found, number);
      ++answer_.rows;
    }
    return Status::Ok();
  }

  Status ScanSigned() {
    CONNTRAIL_RETURN_IF_ERROR(CheckSignedHeads(
        snapshot_, partition_, run_.signed_heads, [&](const SignedHeadCheck& check) {
          ++answer_.signed_heads;
          if (check.fits()) return true;
          org_ = fmt::format("slot {}", check.org.slot.value);
          (void)Differ("a head that was signed",
                       check.records < check.head.size
                           ? fmt::format("{} records in all", check.records)
                           : TextOf({check.head.size, check.root}),
                       TextOf(check.head));
          return false;
        }));
    return answer_.difference ? Found() : Status::Ok();
  }

  const std::shared_ptr<const StoreSnapshot> snapshot_;
  const PartitionId partition_;
  const ScanRun& run_;
  ScanAnswer answer_;
  PartitionRow row_;
  std::map<uint64_t, std::vector<std::pair<uint32_t, TreeHead>>> sealed_;  // by seal
  std::map<uint64_t, UnixMs> seal_times_;                                  // likewise
  merkle::Hasher hasher_;

  // Of one org.
  std::string org_;
  keys::OrgAddress address_;
  std::vector<SealedHead> heads_;
  size_t next_head_ = 0;
  merkle::Frontier frontier_;
  Place last_;
  std::map<std::pair<EventType, uint8_t>, uint64_t> counts_;
  uint64_t history_ = 0;
  uint64_t actors_ = 0;
  UnixMs append_time_ms_ = 0;  // of the record that was read last
  std::string leaf_;
};

}  // namespace

Result<ScanAnswer> ScanStore(const std::shared_ptr<const StoreSnapshot>& snapshot,
                             PartitionId partition, const ScanRun& run) {
  return Scan(snapshot, partition, run).Run();
}

}  // namespace conntrail
