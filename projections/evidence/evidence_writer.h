#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "events/base/bytes.h"
#include "events/base/result.h"
#include "projections/evidence/evidence_rows.h"
#include "projections/evidence/leaf_bytes.h"
#include "projections/merkle/frontier.h"
#include "projections/merkle/vector_tree.h"
#include "projections/store/keys.h"
#include "projections/store/store.h"

namespace conntrail {

// Grows the trees over the trails of one partition's orgs, and turns them into rows of the evidence
// family: nodes as they are completed, heads at each seal, and where each tree stands.
//
// What it is given is copied and hashed in the order in which it came, on a thread of its own once
// there is much of it. The rows depend on that order alone. One thread's, but for its own.
class EvidenceWriter {
 public:
  // `store` may be null: nothing is stored yet. It must outlive this.
  EvidenceWriter(PartitionId partition, const Store* store);
  ~EvidenceWriter();
  EvidenceWriter(const EvidenceWriter&) = delete;
  EvidenceWriter& operator=(const EvidenceWriter&) = delete;

  // Reads where the trees stand. `sizes` has how many records the trail of each slot has;
  // kCorruption: a tree has another number of leaves. Called once, before anything else.
  Status Load(const std::vector<uint64_t>& sizes);

  // The next record of the trail of `slot`. Slots come into being in their order.
  void Append(OrgSlot slot, const LeafFacts& facts, ByteSpan event);

  // Fixes the heads of all trees as they are after what was appended so far. `seal.heads_root` is
  // computed here.
  void Seal(uint64_t number, const SealRow& seal);

  // What a record at or before seal number `seal` says to have been signed.
  void Signed(uint64_t seal, OrgSlot slot, const TreeHead& head);

  // What another node has computed for an earlier seal. If it is not what was computed here, a
  // dissent row says so; seals that lie too far back are not compared.
  void Seen(uint64_t seal, const merkle::Hash& heads_root);

  // Appends rows that are done; there may be more to come of what was given.
  void TakeRows(WriteBatch& batch);

  // Appends all rows of what was given since the last call, and of where the trees stand now.
  void WriteState(WriteBatch& batch);

 private:
  enum class Kind : uint8_t { kLeaf, kSeal, kSigned, kSeen };
  struct Step {
    Kind kind = Kind::kLeaf;
    OrgSlot slot;
    uint64_t number = 0;   // of a seal
    size_t bytes_end = 0;  // of a leaf: where it ends in the work's bytes
    SealRow seal;          // of a seal; of a signed head its root
    uint64_t size = 0;
  };
  // A piece of work, for either thread.
  struct Work {
    std::string bytes;
    std::vector<Step> steps;
  };
  struct Tree {
    merkle::Frontier frontier;
    TreeHead sealed;
    bool grown = false;    // since the last seal
    bool changed = false;  // since WriteState
  };

  Status LoadSeals(const StoreSnapshot& snapshot);
  void HandOver();
  void Drain();
  void WorkOn(std::stop_token stop);
  void Do(const Work& work, WriteBatch& rows);
  void DoLeaf(OrgSlot slot, ByteSpan leaf, WriteBatch& rows);
  void DoSeen(const Step& step, WriteBatch& rows);
  void DoSigned(const Step& step, WriteBatch& rows);
  void DoSeal(const Step& step, WriteBatch& rows);
  Tree& TreeOf(OrgSlot slot);

  const PartitionId partition_;
  const Store* const store_;
  Work open_;  // what is being gathered

  // Whoever does the work, one at a time.
  merkle::Hasher hasher_;
  std::vector<std::unique_ptr<Tree>> trees_;  // by slot
  std::vector<uint32_t> grown_;
  std::vector<uint32_t> changed_;
  merkle::VectorTree heads_;
  uint64_t leaves_ = 0;                     // of all trees
  std::map<uint64_t, merkle::Hash> seals_;  // the heads roots of the last ones

  std::mutex mutex_;
  std::condition_variable_any to_do_;
  std::condition_variable done_;
  std::deque<std::unique_ptr<Work>> waiting_;
  std::vector<std::unique_ptr<Work>> spare_;
  bool is_working_ = false;
  WriteBatch rows_;      // done, and not taken yet
  std::jthread thread_;  // runs once there was much to do
};

}  // namespace conntrail
