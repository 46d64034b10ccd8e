#include "projections/views/trail_walk.h"

#include <algorithm>
#include <limits>

#include "projections/store/row_codec.h"

namespace conntrail {
namespace {

constexpr uint16_t kAppliedBit = 1u << static_cast<uint8_t>(Verdict::kApplied);

// True if a block with these masks may hold a record that the filter takes.
bool MayHold(const TrailBlock& block, const TrailFilter& filter) {
  const uint64_t types = filter.types == 0 ? ~uint64_t{0} : filter.types;
  const uint16_t verdicts = filter.verdicts == 0 ? uint16_t{0xFFFF} : filter.verdicts;
  if (filter.marks != 0 && (block.marks & filter.marks) == 0) return false;
  if ((verdicts & kAppliedBit) != 0 && (block.applied_types & types) != 0) return true;
  const uint16_t others = static_cast<uint16_t>(verdicts & ~kAppliedBit);
  return (block.verdicts & others) != 0 && (block.other_types & types) != 0;
}

// Goes through the block rows of an org in one direction.
class BlockScan {
 public:
  BlockScan(const OrgView& org, bool backward) : org_(org), backward_(backward) {
    prefix_ = keys::BlockRow(org.address(), 0);
    prefix_.Shorten(prefix_.size() - 6);
  }

  // The first block at or after `number` in the direction that may hold what the filter takes;
  // nullopt if there is none. `number` may be that of the open block.
  Result<std::optional<TrailBlock>> Next(uint64_t number, const TrailFilter& filter) {
    const TrailBlock& open = org_.state().open_block;
    const uint64_t full = (org_.state().next_index.value - open.count) / kBlockRecords;
    if (backward_ && number >= full && open.count > 0 && MayHold(open, filter)) {
      return std::optional<TrailBlock>(open);
    }
    if (rows_ == nullptr) rows_ = org_.snapshot().NewIterator(Family::kState);
    const keys::Key key = keys::BlockRow(org_.address(), number);
    if (backward_) {
      rows_->SeekForPrev(key);
    } else {
      rows_->Seek(key);
    }
    while (rows_->Valid() && rows_->key().starts_with(prefix_)) {
      CONNTRAIL_ASSIGN_OR_RETURN(TrailBlock block, DecodeTrailBlock(rows_->value()));
      if (MayHold(block, filter)) return std::optional<TrailBlock>(std::move(block));
      if (backward_) {
        rows_->Prev();
      } else {
        rows_->Next();
      }
    }
    CONNTRAIL_RETURN_IF_ERROR(rows_->status());
    if (!backward_ && open.count > 0 && MayHold(open, filter)) {
      return std::optional<TrailBlock>(open);
    }
    return std::optional<TrailBlock>();
  }

 private:
  const OrgView& org_;
  const bool backward_;
  keys::Key prefix_;
  std::unique_ptr<StoreIterator> rows_;
};

class Walk {
 public:
  using Each = std::function<Result<bool>(const WalkedRecord&)>;

  Walk(const OrgView& org, const TrailWalk& walk, const Each& each)
      : org_(org),
        walk_(walk),
        filter_(walk.filter),
        each_(each),
        scan_rows_max_(std::max<size_t>(walk.scan_rows_max, 1)) {}

  Result<WalkStop> Run() {
    Choose();
    Start();
    CONNTRAIL_RETURN_IF_ERROR(Go());
    CONNTRAIL_RETURN_IF_ERROR(rows_->status());
    return stop_;
  }

 private:
  // The family with the fewest rows to look at.
  void Choose() {
    if (filter_.subject) {
      family_ = Family::kHistory;
      prefix_ = keys::HistoryPrefix(org_.address(), filter_.subject->kind, filter_.subject->id);
    } else if (filter_.actor) {
      family_ = Family::kActor;
      prefix_ = keys::ActorPrefix(org_.address(), *filter_.actor);
    } else {
      family_ = Family::kTrail;
      prefix_ = keys::TrailPrefix(org_.address());
      skips_blocks_ = filter_.types != 0 || filter_.verdicts != 0 || filter_.marks != 0;
    }
  }

  void SeekTo(const Place& place) {
    keys::Key key = prefix_;
    keys::AppendPlace(key, place);
    if (walk_.newest_first) {
      rows_->Seek(key);
    } else {
      rows_->SeekForPrev(key);
    }
  }

  void Advance() {
    if (walk_.newest_first) {
      rows_->Next();
    } else {
      rows_->Prev();
    }
  }

  bool InRange() const { return rows_->Valid() && rows_->key().starts_with(prefix_); }

  void Start() {
    rows_ = org_.snapshot().NewIterator(family_);
    stop_.last = walk_.after;
    if (walk_.after) {
      SeekTo(*walk_.after);
      if (InRange() && keys::PlaceOf(rows_->key()) == *walk_.after) Advance();
    } else if (walk_.newest_first) {
      const UnixMs to_ms = std::min(filter_.to_ms.value_or(kTimeMsMax), kTimeMsMax);
      SeekTo({to_ms, keys::kPlaceMax.index});
    } else {
      SeekTo({filter_.from_ms.value_or(0), OrgIndex(0)});
    }
  }

  bool IsBeyond(const Place& place) const {
    return walk_.newest_first ? filter_.from_ms && place.time_ms < *filter_.from_ms
                              : filter_.to_ms && place.time_ms > *filter_.to_ms;
  }

  Status Go() {
    size_t scanned = 0;
    while (InRange()) {
      const Place place = keys::PlaceOf(rows_->key());
      if (IsBeyond(place)) break;
      if (skips_blocks_ && place.index.value / kBlockRecords != block_) {
        CONNTRAIL_ASSIGN_OR_RETURN(const BlockStep step, EnterBlock(place));
        if (step == BlockStep::kNoMore) break;
        if (step == BlockStep::kMoved) continue;
      }
      if (scanned == scan_rows_max_) {
        stop_.end = WalkEnd::kScanned;
        break;
      }
      ++scanned;
      TrailLine line;
      CONNTRAIL_RETURN_IF_ERROR(ReadLine(rows_->key(), rows_->value(), line));
      if (filter_.Takes(line)) {
        const bool is_trail = family_ == Family::kTrail;
        CONNTRAIL_ASSIGN_OR_RETURN(const bool more,
                                   each_({line, is_trail ? rows_->value() : std::string_view()}));
        if (!more) {
          stop_.end = WalkEnd::kStopped;
          break;
        }
      }
      stop_.last = place;
      Advance();
    }
    return Status::Ok();
  }

  enum class BlockStep { kRead, kMoved, kNoMore };

  // Decides whether the block of `place` is worth reading; if not, moves to the next that is.
  Result<BlockStep> EnterBlock(const Place& place) {
    const uint64_t number = place.index.value / kBlockRecords;
    CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<TrailBlock> block,
                               blocks_.Next(number, filter_));
    if (!block) return BlockStep::kNoMore;
    block_ = block->first.index.value / kBlockRecords;
    if (block_ == number) return BlockStep::kRead;
    SeekTo(walk_.newest_first ? block->last : block->first);
    return BlockStep::kMoved;
  }

  const OrgView& org_;
  const TrailWalk& walk_;
  const TrailFilter& filter_;
  const Each& each_;
  const size_t scan_rows_max_;
  Family family_ = Family::kTrail;
  keys::Key prefix_;
  bool skips_blocks_ = false;
  uint64_t block_ = std::numeric_limits<uint64_t>::max();  // the one that is being read
  BlockScan blocks_{org_, walk_.newest_first};
  std::unique_ptr<StoreIterator> rows_;
  WalkStop stop_;
};

}  // namespace

Result<WalkStop> WalkTrail(const OrgView& org, const TrailWalk& walk,
                           const std::function<Result<bool>(const WalkedRecord&)>& each) {
  return Walk(org, walk, each).Run();
}

}  // namespace conntrail
