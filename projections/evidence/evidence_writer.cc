#include "projections/evidence/evidence_writer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "events/base/check.h"

namespace conntrail {
namespace {

// What is less than this is done at once by who gave it.
constexpr size_t kStepsAtOnce = 256;
constexpr size_t kWaitingMax = 16;
// A node tells of the seal before; others may have sealed meanwhile.
constexpr size_t kSealsKept = 64;

// Of the nodes, only the tops of complete tiles are stored (C2SP tlog-tiles: eight levels each);
// what is between them is computed again from the trail.
constexpr int kLevelsStored = 8;

}  // namespace

EvidenceWriter::EvidenceWriter(PartitionId partition, const Store* store)
    : partition_(partition), store_(store) {}

EvidenceWriter::~EvidenceWriter() = default;

Status EvidenceWriter::Load(const std::vector<uint64_t>& sizes) {
  if (store_ == nullptr) return Status::Ok();
  const auto snapshot = store_->NewSnapshot();
  const auto rows = snapshot->NewIterator(Family::kEvidence);
  const keys::Key prefix = keys::TreePrefix(partition_);
  for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    CONNTRAIL_ASSIGN_OR_RETURN(TreeRow row, DecodeTreeRow(rows->value()));
    const OrgSlot slot = keys::EvidenceSlotOf(rows->key());
    if (slot.value >= sizes.size()) return Status::Corruption("there is a tree of no org");
    Tree& tree = TreeOf(slot);
    tree.frontier = std::move(row.frontier);
    tree.sealed = row.sealed;
    leaves_ += tree.frontier.size();
  }
  CONNTRAIL_RETURN_IF_ERROR(rows->status());
  for (uint32_t slot = 0; slot < sizes.size(); ++slot) {
    Tree& tree = TreeOf(OrgSlot(slot));
    if (tree.frontier.size() != sizes[slot]) {
      return Status::Corruption(fmt::format(
          "the tree of org slot {} has {} leaves, but its trail has {} records; rebuild the "
          "projection",
          slot, tree.frontier.size(), sizes[slot]));
    }
    tree.grown = tree.sealed.size != tree.frontier.size();
    if (tree.grown) grown_.push_back(slot);
    if (tree.sealed.size == 0) continue;
    if (slot != heads_.size()) return Status::Corruption("an org was left out of a seal");
    heads_.Set(slot, hasher_.Leaf(AsBytes(EncodeHeadRow(tree.sealed))));
  }
  return LoadSeals(*snapshot);
}

Status EvidenceWriter::LoadSeals(const StoreSnapshot& snapshot) {
  const auto rows = snapshot.NewIterator(Family::kEvidence);
  const keys::Key prefix = keys::SealPrefix(partition_);
  for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    if (seals_.size() == kSealsKept) break;
    CONNTRAIL_ASSIGN_OR_RETURN(const SealRow seal, DecodeSealRow(rows->value()));
    seals_[keys::CountOf(rows->key())] = seal.heads_root;
  }
  return rows->status();
}

EvidenceWriter::Tree& EvidenceWriter::TreeOf(OrgSlot slot) {
  while (trees_.size() <= slot.value) trees_.push_back(std::make_unique<Tree>());
  return *trees_[slot.value];
}

void EvidenceWriter::Append(OrgSlot slot, const LeafFacts& facts, ByteSpan event) {
  AppendLeaf(open_.bytes, facts, event);
  Step& step = open_.steps.emplace_back();
  step.slot = slot;
  step.bytes_end = open_.bytes.size();
  if (open_.steps.size() >= kStepsAtOnce) HandOver();
}

void EvidenceWriter::Seal(uint64_t number, const SealRow& seal) {
  Step& step = open_.steps.emplace_back();
  step.kind = Kind::kSeal;
  step.number = number;
  step.seal = seal;
}

void EvidenceWriter::Seen(uint64_t seal, const merkle::Hash& heads_root) {
  Step& step = open_.steps.emplace_back();
  step.kind = Kind::kSeen;
  step.number = seal;
  step.seal.heads_root = heads_root;
}

void EvidenceWriter::Signed(uint64_t seal, OrgSlot slot, const TreeHead& head) {
  Step& step = open_.steps.emplace_back();
  step.kind = Kind::kSigned;
  step.slot = slot;
  step.number = seal;
  step.size = head.size;
  step.seal.heads_root = head.root;
}

// Gives what was gathered to the thread; waits while it has too much to do.
void EvidenceWriter::HandOver() {
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](std::stop_token stop) { WorkOn(stop); });
  }
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return waiting_.size() < kWaitingMax; });
  std::unique_ptr<Work> work;
  if (spare_.empty()) {
    work = std::make_unique<Work>();
  } else {
    work = std::move(spare_.back());
    spare_.pop_back();
  }
  std::swap(*work, open_);
  waiting_.push_back(std::move(work));
  to_do_.notify_one();
}

void EvidenceWriter::WorkOn(std::stop_token stop) {
  WriteBatch rows;
  while (true) {
    std::unique_ptr<Work> work;
    {
      std::unique_lock lock(mutex_);
      if (!to_do_.wait(lock, stop, [&] { return !waiting_.empty(); })) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
      is_working_ = true;
    }
    Do(*work, rows);
    work->bytes.clear();
    work->steps.clear();
    const std::lock_guard lock(mutex_);
    if (!rows.empty()) rows_.Append(rows);
    rows.Clear();
    is_working_ = false;
    spare_.push_back(std::move(work));
    done_.notify_all();
  }
}

// Waits until the thread has nothing to do, and does the rest here.
void EvidenceWriter::Drain() {
  {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return waiting_.empty() && !is_working_; });
  }
  Do(open_, rows_);  // nobody else is at work
  open_.bytes.clear();
  open_.steps.clear();
}

void EvidenceWriter::Do(const Work& work, WriteBatch& rows) {
  size_t at = 0;
  const ByteSpan bytes = AsBytes(work.bytes);
  for (const Step& step : work.steps) {
    switch (step.kind) {
      case Kind::kLeaf:
        DoLeaf(step.slot, bytes.subspan(at, step.bytes_end - at), rows);
        at = step.bytes_end;
        break;
      case Kind::kSeal:
        DoSeal(step, rows);
        break;
      case Kind::kSigned:
        DoSigned(step, rows);
        break;
      case Kind::kSeen:
        DoSeen(step, rows);
        break;
    }
  }
}

void EvidenceWriter::DoLeaf(OrgSlot slot, ByteSpan leaf, WriteBatch& rows) {
  Tree& tree = TreeOf(slot);
  tree.frontier.Append(
      hasher_, hasher_.Leaf(leaf), [&](const merkle::NodeId& node, const merkle::Hash& hash) {
        if (node.level % kLevelsStored != 0) return;
        rows.Put(Family::kEvidence, keys::NodeRow({partition_, slot}, node.level, node.index),
                 AsText(hash));
      });
  ++leaves_;
  if (!tree.grown) grown_.push_back(slot.value);
  tree.grown = true;
  if (!tree.changed) changed_.push_back(slot.value);
  tree.changed = true;
}

void EvidenceWriter::DoSeen(const Step& step, WriteBatch& rows) {
  const auto own = seals_.find(step.number);
  if (own == seals_.end() || own->second == step.seal.heads_root) return;
  rows.Put(Family::kEvidence, keys::DissentRow(partition_, step.number),
           AsText(step.seal.heads_root));
}

void EvidenceWriter::DoSigned(const Step& step, WriteBatch& rows) {
  std::string seal;
  AppendBigEndian(seal, step.number, 8);
  rows.Put(Family::kEvidence,
           keys::SignedRow({partition_, step.slot}, step.size, AsText(step.seal.heads_root)), seal);
}

void EvidenceWriter::DoSeal(const Step& step, WriteBatch& rows) {
  std::sort(grown_.begin(), grown_.end());
  for (const uint32_t slot : grown_) {
    Tree& tree = *trees_[slot];
    tree.sealed = {tree.frontier.size(), tree.frontier.Root(hasher_)};
    tree.grown = false;
    if (!tree.changed) changed_.push_back(slot);
    tree.changed = true;
    const std::string head = EncodeHeadRow(tree.sealed);
    rows.Put(Family::kEvidence, keys::HeadRow({partition_, OrgSlot(slot)}, step.number), head);
    heads_.Set(slot, hasher_.Leaf(AsBytes(head)));
  }
  grown_.clear();
  SealRow seal = step.seal;
  // Every record of the partition is a leaf of one tree.
  CONNTRAIL_CHECK(heads_.size() == seal.slots && leaves_ == seal.records);
  seal.heads_root = heads_.Root(hasher_);
  rows.Put(Family::kEvidence, keys::SealRow(partition_, step.number), EncodeSealRow(seal));
  seals_[step.number] = seal.heads_root;
  if (seals_.size() > kSealsKept) seals_.erase(seals_.begin());
}

void EvidenceWriter::TakeRows(WriteBatch& batch) {
  const std::lock_guard lock(mutex_);
  if (rows_.empty()) return;
  batch.Append(rows_);
  rows_.Clear();
}

void EvidenceWriter::WriteState(WriteBatch& batch) {
  Drain();
  TakeRows(batch);
  for (const uint32_t slot : changed_) {
    Tree& tree = *trees_[slot];
    tree.changed = false;
    batch.Put(Family::kEvidence, keys::TreeRow({partition_, OrgSlot(slot)}),
              EncodeTreeRow({tree.frontier, tree.sealed}));
  }
  changed_.clear();
}

}  // namespace conntrail
