#include "projections/replay/what_if.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "events/base/check.h"
#include "projections/replay/flip_tally.h"

namespace conntrail {
namespace {

constexpr size_t kReadBytesMax = 1 << 20;

// What all partitions share.
class Course {
 public:
  Course(const WhatIfRun& run, uint64_t end) : run_(run), end_(end) {}

  // `records` more are done. False: stop. Waits where that is too fast.
  bool Pass(uint64_t records) {
    std::chrono::duration<double> early{0};
    {
      const std::lock_guard lock(mutex_);
      done_ += records;
      if (run_.progress && !run_.progress(done_, end_)) stopped_ = true;
      if (run_.records_per_second_max > 0) {
        const std::chrono::duration<double> due{static_cast<double>(done_) /
                                                static_cast<double>(run_.records_per_second_max)};
        early = due - (std::chrono::steady_clock::now() - begin_);
      }
    }
    // In short steps, so that a stop need not wait.
    constexpr std::chrono::duration<double> kStep{0.05};
    while (early.count() > 0 && !stopped_) {
      std::this_thread::sleep_for(std::min(early, kStep));
      early -= kStep;
      const std::lock_guard lock(mutex_);
      if (run_.progress && !run_.progress(done_, end_)) stopped_ = true;
    }
    return !stopped_;
  }

  bool stopped() const { return stopped_; }

 private:
  const WhatIfRun& run_;
  const uint64_t end_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  uint64_t done_ = 0;
  std::atomic<bool> stopped_ = false;
};

uint64_t CountDifferent(const StateInMemory& a, const StateInMemory& b) {
  uint64_t count = 0;
  for (size_t slot = 0; slot < a.orgs().size(); ++slot) {
    const auto& ours = a.orgs()[slot]->entities;
    const auto& theirs = b.orgs()[slot]->entities;
    for (const auto& [key, entity] : ours) {
      if (!IsVersioned(key.kind)) continue;
      const auto found = theirs.find(key);
      if (found == theirs.end() || !(*found->second == *entity)) ++count;
    }
    for (const auto& [key, entity] : theirs) {
      if (IsVersioned(key.kind) && !ours.contains(key)) ++count;
    }
  }
  return count;
}

// Tells the history of one partition.
class PartitionHistory {
 public:
  PartitionHistory(EventLog& log, const WhatIfQuestion& question, PartitionId partition)
      : log_(log),
        question_(question),
        partition_(partition),
        depth_(question.policy.looks_at_context() ? DecodeDepth::kWhole : DecodeDepth::kDecisive),
        tally_(question, partition) {
    candidate_.version = question.rules;
    if (!question.policy.refusals.empty()) candidate_.policy = &question_.policy;
  }

  Status Tell(Offset end, Course& course) {
    for (Offset next; next < end;) {
      CONNTRAIL_ASSIGN_OR_RETURN(const ReadBatch batch, log_.Read(partition_, next, kReadBytesMax));
      CONNTRAIL_CHECK(!batch.records.empty());
      const size_t records = std::min(batch.records.size(), end.value - next.value);
      for (size_t i = 0; i < records; ++i) {
        const LogRecord& record = batch.records[i];
        CONNTRAIL_RETURN_IF_ERROR(Take(record));
      }
      next = Offset(next.value + records);
      if (!course.Pass(records)) return Status::Unavailable("stopped");
    }
    return Status::Ok();
  }

  FlipTally& tally() { return tally_; }
  uint64_t different() const {
    return question_.mode == WhatIfMode::kCascade ? CountDifferent(actual_, other_) : 0;
  }
  uint64_t orgs_named() const {
    return static_cast<uint64_t>(std::count_if(actual_.orgs().begin(), actual_.orgs().end(),
                                               [&](const auto& org) { return IsAsked(*org); }));
  }

 private:
  bool IsAsked(const StateInMemory::Org& org) const {
    return question_.org.empty() || org.state.name == question_.org ||
           (org.state.slot.value != 0 && org.state.id.ToString() == question_.org);
  }

  // Orgs do not meet: what happens in others cannot change an answer about one.
  bool IsAside(const Event& event) {
    if (question_.org.empty() || event.type() == EventType::kOrgOpened) return false;
    const StateInMemory::Org* org = actual_.Find(event.org);
    return org != nullptr && org->state.slot.value != 0 && !IsAsked(*org);
  }

  bool IsCounted(const StateInMemory::Org& org, const Place& place) const {
    return IsAsked(org) && place.time_ms >= question_.from_ms.value_or(place.time_ms) &&
           place.time_ms <= question_.to_ms.value_or(place.time_ms);
  }

  Status Take(const LogRecord& record) {
    const DecodedEvent decoded = DecodeEvent(record.payload, depth_);
    if (decoded.fault == DecodeFault::kNone && IsAside(decoded.event)) return Status::Ok();
    StateInMemory& judge = question_.mode == WhatIfMode::kCascade ? other_ : actual_;
    Decided before = actual_.Decide(decoded, record.append_time_ms, {});
    Decided after = judge.Decide(decoded, record.append_time_ms, candidate_);
    if (!before.Agrees(after)) {
      // The tally wants the state as it was. Whatever is judged otherwise has an org: records that
      // open one, and those of none, are the same under any candidate.
      const StateInMemory::Org* org = actual_.Find(decoded.event.org);
      CONNTRAIL_CHECK(org != nullptr);
      const Place place{before.outcome.effective_time_ms, org->state.next_index};
      if (IsCounted(*org, place)) {
        tally_.Judge(*org, place, record.offset, decoded.event, before, after);
      }
      return Apply(decoded, record, std::move(before), std::move(after)).status();
    }
    CONNTRAIL_ASSIGN_OR_RETURN(const StateInMemory::Applied applied,
                               Apply(decoded, record, std::move(before), std::move(after)));
    if (IsCounted(*applied.org, applied.place)) tally_.Judge();
    return Status::Ok();
  }

  Result<StateInMemory::Applied> Apply(const DecodedEvent& decoded, const LogRecord& record,
                                       Decided before, Decided after) {
    if (question_.mode == WhatIfMode::kCascade) {
      CONNTRAIL_RETURN_IF_ERROR(
          other_.Apply(decoded, record.append_time_ms, std::move(after)).status());
    }
    return actual_.Apply(decoded, record.append_time_ms, std::move(before));
  }

  EventLog& log_;
  const WhatIfQuestion& question_;
  const PartitionId partition_;
  const DecodeDepth depth_;
  CandidateRules candidate_;
  StateInMemory actual_;
  StateInMemory other_;  // kCascade: the alternative
  FlipTally tally_;
};

// What is kept of a partition when its state is let go.
struct Told {
  Status status;
  std::optional<FlipTally> tally;
  uint64_t different = 0;
  uint64_t orgs_named = 0;
};

Told TellOne(EventLog& log, const WhatIfQuestion& question, PartitionId partition, Offset end,
             Course& course) {
  PartitionHistory history(log, question, partition);
  Told told;
  told.status = history.Tell(end, course);
  told.different = history.different();
  told.orgs_named = history.orgs_named();
  told.tally.emplace(std::move(history.tally()));
  return told;
}

}  // namespace

Result<WhatIfAnswer> AskWhatIf(EventLog& log, const WhatIfQuestion& question,
                               const WhatIfRun& run) {
  std::vector<Offset> ends;
  uint64_t all = 0;
  for (uint16_t i = 0; i < log.partition_count(); ++i) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log.End(PartitionId(i)));
    ends.push_back(end);
    all += end.value;
  }
  Course course(run, all);
  std::vector<Told> told(ends.size());
  std::atomic<size_t> next_partition = 0;
  const auto work = [&] {
    for (size_t i; (i = next_partition++) < ends.size();) {
      told[i] = TellOne(log, question, PartitionId(static_cast<uint16_t>(i)), ends[i], course);
    }
  };
  {
    std::vector<std::jthread> others;
    const size_t threads = std::clamp<size_t>(run.threads, 1, std::max<size_t>(ends.size(), 1));
    for (size_t i = 1; i < threads; ++i) others.emplace_back(work);
    work();
  }
  FlipTally tally(question, PartitionId(0));
  uint64_t different = 0;
  uint64_t orgs_named = 0;
  for (Told& one : told) {
    CONNTRAIL_RETURN_IF_ERROR(one.status);
    tally.Add(std::move(*one.tally));
    different += one.different;
    orgs_named += one.orgs_named;
  }
  if (!question.org.empty() && orgs_named == 0) {
    return Status::NotFound("the log opens no org \"" + question.org + "\"");
  }
  if (!question.org.empty() && orgs_named > 1) {
    return Status::InvalidArgument("several orgs are named \"" + question.org + "\"; use the id");
  }
  WhatIfAnswer answer = tally.Take();
  answer.different_entities = different;
  return answer;
}

}  // namespace conntrail
