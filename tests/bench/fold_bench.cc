// How fast is the fold alone, in memory, without store or log? The limit: decoding the events at
// all.

#include <boost/unordered/unordered_flat_map.hpp>
#include <fmt/format.h>

#include "events/event_codec.h"
#include "projections/entity_cache.h"
#include "projections/fold/fold.h"
#include "projections/idempotency_window.h"
#include "tests/bench/measure.h"
#include "tests/bench/workload.h"

namespace conntrail::bench {
namespace {

constexpr size_t kAhead = 16;

// State of one org in memory.
struct Org {
  OrgState state;
  IdempotencyWindow window;
};

class MemoryState {
 public:
  MemoryState() { system_.state.name = "_system"; }

  // As RecordFolder does.
  void FetchAhead(const DecodedEvent& decoded, std::vector<EntityKey>& touched) {
    touched.clear();
    RowsTouchedBy(decoded.event, touched);
    const auto org = orgs_.find(decoded.event.org);
    if (org != orgs_.end()) cache_.FetchAhead(org->second->state.slot, touched);
  }
  void FetchParts() { cache_.FetchParts(); }

  Verdict Apply(const DecodedEvent& decoded, std::span<const EntityKey> touched,
                UnixMs append_time_ms) {
    const Event& event = decoded.event;
    const auto found = orgs_.find(event.org);
    Org* org = found == orgs_.end() ? nullptr : found->second.get();
    set_.Clear();
    set_.partition = partition_;
    set_.org = org == nullptr ? nullptr : &org->state;
    set_.system = &system_.state;
    set_.append_time_ms = append_time_ms;
    set_.seen.reset();
    if (org != nullptr) Load(*org, event, touched);
    Outcome outcome = Fold(set_, event);
    if (outcome.opens_org) {
      auto& opened = orgs_[event.org] = std::make_unique<Org>();
      org = opened.get();
      org->state.id = event.org;
      org->state.slot = OrgSlot(static_cast<uint32_t>(orgs_.size()));
    }
    Evolve(org == nullptr ? system_ : *org, event, outcome);
    return outcome.verdict;
  }

 private:
  void Load(Org& org, const Event& event, std::span<const EntityKey> touched) {
    Add(org, touched);
    keys_.clear();
    RowsDecidingOn(event, set_, keys_);
    Add(org, keys_);
    const auto seen = org.window.Find(IdempotencyKeyOf(event));
    if (seen) set_.seen = SeenRequest{seen->place, true};
  }

  void Add(Org& org, std::span<const EntityKey> keys) {
    for (const EntityKey& key : keys) {
      const Entity* entity = *cache_.Find(org.state.slot, key);
      if (entity != nullptr) set_.Add(key, entity);
    }
  }

  void Evolve(Org& org, const Event& event, Outcome& outcome) {
    for (EntityChange& change : outcome.changes) {
      cache_.Put(org.state.slot, change.key, std::move(change.after), {});
    }
    org.window.Insert(IdempotencyKeyOf(event), {outcome.effective_time_ms, org.state.next_index},
                      0);
    if (outcome.takes_slot) ++org.state.connection_slots;
    org.state.effective_time_ms = outcome.effective_time_ms;
    org.state.next_index = org.state.next_index.Next();
  }

  PartitionState partition_;
  Org system_;
  boost::unordered_flat_map<OrgId, std::unique_ptr<Org>, std::hash<OrgId>> orgs_;
  EntityCache cache_{PartitionId(0), nullptr, 0};
  WorkingSet set_;
  std::vector<EntityKey> keys_;
};

void Run() {
  Workload workload({});
  std::vector<Bytes> records;
  size_t bytes = 0;
  for (uint64_t i = 0; i < workload.size(); ++i) {
    records.push_back(EncodeEvent(workload.Next()));
    bytes += records.back().size();
  }
  const double n = static_cast<double>(records.size());
  fmt::print("fold_bench: {} events, {:.0f} bytes each, {} orgs (Zipf), {} connections, one core\n",
             records.size(), static_cast<double>(bytes) / n, workload.options().orgs,
             workload.options().connections);

  const Stopwatch decoding;
  uint64_t faults = 0;
  for (const Bytes& record : records) {
    faults += DecodeEvent(record, DecodeDepth::kDecisive).fault != DecodeFault::kNone;
  }
  const double decode_s = decoding.cpu();

  MemoryState state;
  uint64_t applied = 0;
  std::vector<DecodedEvent> ahead;
  std::vector<std::vector<EntityKey>> touched(kAhead);
  const Stopwatch folding;
  for (size_t i = 0; i < records.size(); i += kAhead) {
    const size_t chunk = std::min(kAhead, records.size() - i);
    ahead.resize(chunk);
    for (size_t k = 0; k < chunk; ++k) {
      ahead[k] = DecodeEvent(records[i + k], DecodeDepth::kDecisive);
      state.FetchAhead(ahead[k], touched[k]);
    }
    state.FetchParts();
    for (size_t k = 0; k < chunk; ++k) {
      applied += state.Apply(ahead[k], touched[k], workload.TimeOf(i + k)) == Verdict::kApplied;
    }
  }
  const double both_s = folding.cpu();
  const double fold_s = both_s - decode_s;
  fmt::print("  decode (verify, check, copy)  {:7.0f} ns/event  {:9.0f} events/s\n",
             decode_s / n * 1e9, n / decode_s);
  fmt::print("  fold on decoded events        {:7.0f} ns/event  {:9.0f} events/s\n",
             fold_s / n * 1e9, n / fold_s);
  fmt::print(
      "  decode and fold               {:7.0f} ns/event  {:9.0f} events/s  {:.2f} x decode\n",
      both_s / n * 1e9, n / both_s, both_s / decode_s);
  fmt::print("  {} applied, {} not, {} undecodable\n", applied, records.size() - applied, faults);
}

}  // namespace
}  // namespace conntrail::bench

int main() { conntrail::bench::Run(); }
