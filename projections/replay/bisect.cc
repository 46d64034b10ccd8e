#include "projections/replay/bisect.h"

#include <algorithm>

#include "projections/evidence/org_tree.h"
#include "projections/replay/store_compare.h"

namespace conntrail {
namespace {

constexpr uint64_t kLeavesAtOnce = 256;

using Snapshot = std::shared_ptr<const StoreSnapshot>;

// One org of one store.
struct Trail {
  std::optional<OrgView> org;  // nullopt: the store has none in that slot
  uint64_t end = 0;            // of what is compared

  static Result<Trail> Open(const Snapshot& snapshot, const keys::OrgAddress& address) {
    Trail trail;
    Result<OrgView> org = OrgView::OpenAt(snapshot, address);
    if (org.status().code() == StatusCode::kNotFound) return trail;
    CONNTRAIL_RETURN_IF_ERROR(org.status());
    trail.org = std::move(org).value();
    trail.end = trail.org->state().next_index.value;
    return trail;
  }

  // Hashes of leaves [begin, end); fewer if one cannot be read.
  std::vector<merkle::Hash> Leaves(uint64_t begin, uint64_t to, std::string& fault) const {
    std::vector<merkle::Hash> hashes;
    const Status status = OrgTree(*org).ForEachLeaf(begin, to, [&](const OrgTree::Leaf& leaf) {
      hashes.push_back(merkle::LeafHash(AsBytes(leaf.bytes)));
      return Status::Ok();
    });
    if (!status.ok()) fault = status.message();
    return hashes;
  }

  BisectSide SideAt(uint64_t index) const {
    BisectSide side;
    if (index >= end) return side;
    const auto leaf = Leaves(index, index + 1, side.fault);
    if (!leaf.empty()) side.leaf = leaf.front();
    const auto place = org->PlaceOf(OrgIndex(index));
    auto record = place.ok() ? org->RecordAt(*place) : Result<TrailRecord>(place.status());
    if (record.ok()) side.record = std::move(record).value();
    if (!record.ok() && side.fault.empty()) side.fault = record.status().message();
    return side;
  }
};

class Bisection {
 public:
  Bisection(const Snapshot& a, const Snapshot& b, PartitionId partition,
            const std::function<bool(uint64_t)>& watch)
      : a_(a), b_(b), partition_(partition), watch_(watch) {}

  Result<BisectAnswer> Run() {
    CONNTRAIL_ASSIGN_OR_RETURN(const auto last_a, LastSeal(*a_, partition_));
    CONNTRAIL_ASSIGN_OR_RETURN(const auto last_b, LastSeal(*b_, partition_));
    if (last_a && last_b) answer_.seals = std::min(last_a->number, last_b->number) + 1;
    CONNTRAIL_ASSIGN_OR_RETURN(answer_.different,
                               FirstDifferentSeal(*a_, *b_, partition_, answer_.seals));
    const uint64_t equal_seals = answer_.different.value_or(answer_.seals);
    if (equal_seals > 0) answer_.equal = equal_seals - 1;

    CONNTRAIL_ASSIGN_OR_RETURN(const auto orgs_a, OrgView::ListOrgs(*a_, partition_));
    CONNTRAIL_ASSIGN_OR_RETURN(const auto orgs_b, OrgView::ListOrgs(*b_, partition_));
    for (const OrgState& org : orgs_a) answer_.records_a += org.next_index.value;
    for (const OrgState& org : orgs_b) answer_.records_b += org.next_index.value;
    for (uint32_t slot = 0; slot < std::max(orgs_a.size(), orgs_b.size()); ++slot) {
      CONNTRAIL_RETURN_IF_ERROR(CompareOrg({partition_, OrgSlot(slot)}));
    }
    answer_.only_evidence_differs = answer_.different && !answer_.found;
    return answer_;
  }

 private:
  // How many of its records are sealed by then.
  static Result<uint64_t> SizeAt(const Snapshot& snapshot, const keys::OrgAddress& org,
                                 uint64_t seal) {
    CONNTRAIL_ASSIGN_OR_RETURN(const auto head, ReadHeadBy(*snapshot, org, seal));
    return head ? head->head.size : 0;
  }

  Status CompareOrg(const keys::OrgAddress& address) {
    CONNTRAIL_ASSIGN_OR_RETURN(Trail a, Trail::Open(a_, address));
    CONNTRAIL_ASSIGN_OR_RETURN(Trail b, Trail::Open(b_, address));
    uint64_t begin = 0;
    if (answer_.equal) {
      CONNTRAIL_ASSIGN_OR_RETURN(begin, SizeAt(a_, address, *answer_.equal));
    }
    if (answer_.different) {
      // Beyond this seal nothing needs to be equal any more. Its heads may be what is wrong.
      CONNTRAIL_ASSIGN_OR_RETURN(const uint64_t of_a, SizeAt(a_, address, *answer_.different));
      CONNTRAIL_ASSIGN_OR_RETURN(const uint64_t of_b, SizeAt(b_, address, *answer_.different));
      a.end = std::min(a.end, of_a);
      b.end = std::min(b.end, of_b);
    }
    const uint64_t end = std::min(a.end, b.end);
    for (uint64_t at = begin; at < end; at += kLeavesAtOnce) {
      const uint64_t to = std::min(end, at + kLeavesAtOnce);
      std::string fault;
      const auto leaves_a = a.Leaves(at, to, fault);
      const auto leaves_b = b.Leaves(at, to, fault);
      answer_.records_compared += to - at;
      if (watch_ && !watch_(answer_.records_compared)) return Status::Unavailable("stopped");
      const auto [first, other] =
          std::mismatch(leaves_a.begin(), leaves_a.end(), leaves_b.begin(), leaves_b.end());
      const auto equal = static_cast<uint64_t>(first - leaves_a.begin());
      if (equal == to - at) continue;
      Take(address, at + equal, a, b);
      return Status::Ok();
    }
    // At a seal both must have as many.
    if (answer_.different && a.end != b.end) Take(address, end, a, b);
    return Status::Ok();
  }

  // Of several orgs the one whose record came first counts.
  void Take(const keys::OrgAddress& address, uint64_t index, const Trail& a, const Trail& b) {
    BisectFound found{address, (a.org ? a : b).org->state().name, OrgIndex(index), a.SideAt(index),
                      b.SideAt(index)};
    const auto time_of = [](const BisectFound& f) {
      if (f.a.record) return f.a.record->append_time_ms;
      return f.b.record ? f.b.record->append_time_ms : UnixMs{0};
    };
    if (!answer_.found || time_of(found) < time_of(*answer_.found)) {
      answer_.found = std::move(found);
    }
  }

  const Snapshot& a_;
  const Snapshot& b_;
  const PartitionId partition_;
  const std::function<bool(uint64_t)>& watch_;
  BisectAnswer answer_;
};

}  // namespace

Result<BisectAnswer> Bisect(const Snapshot& a, const Snapshot& b, PartitionId partition,
                            const std::function<bool(uint64_t records)>& watch) {
  return Bisection(a, b, partition, watch).Run();
}

}  // namespace conntrail
