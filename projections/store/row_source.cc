#include "projections/store/row_source.h"

#include <algorithm>
#include <utility>

namespace conntrail {
namespace {

// A heap of sources with the current one kept outside. Runs follow each other in time and keys of
// an org ascend with time, so the next row is mostly in the same source: one comparison a row.
class MergedRows final : public RowSource {
 public:
  explicit MergedRows(std::vector<std::unique_ptr<RowSource>> sources)
      : sources_(std::move(sources)) {}

  Result<bool> Next() override {
    if (!started_) {
      started_ = true;
      for (size_t i = 0; i < sources_.size(); ++i) CONNTRAIL_RETURN_IF_ERROR(Advance(i));
      if (!heap_.empty()) PopCurrent();
    } else if (has_current_) {
      CONNTRAIL_RETURN_IF_ERROR(StepPastCurrent());
    }
    if (!has_current_) return false;
    row = sources_[current_]->row;
    return true;
  }

 private:
  // Order of the heap: the least key on top and, of equal keys, the latest source.
  bool IsBehind(size_t a, size_t b) const {
    const int order = sources_[a]->row.key.compare(sources_[b]->row.key);
    return order != 0 ? order > 0 : a < b;
  }
  auto Order() const {
    return [this](size_t a, size_t b) { return IsBehind(a, b); };
  }

  // Moves source `i`, which is not in the heap, and puts it there unless it has ended.
  Status Advance(size_t i) {
    CONNTRAIL_ASSIGN_OR_RETURN(const bool more, sources_[i]->Next());
    if (more) {
      heap_.push_back(i);
      std::push_heap(heap_.begin(), heap_.end(), Order());
    }
    return Status::Ok();
  }

  void PopCurrent() {
    has_current_ = !heap_.empty();
    if (!has_current_) return;
    std::pop_heap(heap_.begin(), heap_.end(), Order());
    current_ = heap_.back();
    heap_.pop_back();
  }

  Status StepPastCurrent() {
    while (!heap_.empty() && sources_[heap_.front()]->row.key == sources_[current_]->row.key) {
      std::pop_heap(heap_.begin(), heap_.end(), Order());
      const size_t superseded = heap_.back();
      heap_.pop_back();
      CONNTRAIL_RETURN_IF_ERROR(Advance(superseded));
    }
    CONNTRAIL_ASSIGN_OR_RETURN(const bool more, sources_[current_]->Next());
    if (more && (heap_.empty() || IsBehind(heap_.front(), current_))) return Status::Ok();
    if (more) {
      heap_.push_back(current_);
      std::push_heap(heap_.begin(), heap_.end(), Order());
    }
    PopCurrent();
    return Status::Ok();
  }

  std::vector<std::unique_ptr<RowSource>> sources_;
  std::vector<size_t> heap_;
  size_t current_ = 0;
  bool has_current_ = false;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<RowSource> MergeRows(std::vector<std::unique_ptr<RowSource>> sources) {
  return std::make_unique<MergedRows>(std::move(sources));
}

}  // namespace conntrail
