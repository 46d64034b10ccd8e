#pragma once

#include <span>

#include "events/base/status.h"
#include "events/log/event_log.h"
#include "projections/record_folder.h"

namespace conntrail {

// Who is told of records that are decided, before anybody can see the decision: what a Projector
// writes to its store was taken and flushed here before. So a crash may make it tell again, and
// never leaves a record out. One thread's.
class OutcomeSink {
 public:
  virtual ~OutcomeSink() = default;

  // Takes what became of `records`: one of `folded` for each, in their order. Keeps no view of
  // them.
  virtual void Take(std::span<const LogRecord> records, std::span<const FoldedRecord> folded) = 0;

  // After this returns ok, all that was taken is told for good.
  //
  // kUnavailable: not all of it, yet; nothing is forgotten, and Flush may be called again.
  virtual Status Flush() = 0;
};

// Passes on what stands at `from` or behind it.
class OutcomesFrom final : public OutcomeSink {
 public:
  // `sink` must outlive it.
  OutcomesFrom(OutcomeSink& sink, Offset from) : sink_(sink), from_(from) {}

  void Take(std::span<const LogRecord> records, std::span<const FoldedRecord> folded) override {
    size_t skipped = 0;
    while (skipped < folded.size() && folded[skipped].offset < from_) ++skipped;
    sink_.Take(records.subspan(skipped), folded.subspan(skipped));
  }
  Status Flush() override { return sink_.Flush(); }

 private:
  OutcomeSink& sink_;
  const Offset from_;
};

}  // namespace conntrail
