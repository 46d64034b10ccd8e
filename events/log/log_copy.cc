#include "events/log/log_copy.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

namespace conntrail {
namespace {

// A topic's End does not know what others appended just now (kafka/kafka_log.h).
constexpr std::chrono::milliseconds kEndMayMiss{200};
constexpr size_t kReadBytes = 4 << 20;  // one sync of an embedded log for so many

// What tells two copies of a record apart; "" if nothing does.
std::string DifferenceOf(const LogRecord& ours, const LogRecord& theirs) {
  if (ours.append_time_ms != theirs.append_time_ms) {
    return fmt::format("the append time is {} ms, not {} ms", theirs.append_time_ms,
                       ours.append_time_ms);
  }
  if (ours.key != theirs.key) {
    return fmt::format("the key is {}, not {}", theirs.key.ToString(), ours.key.ToString());
  }
  if (!std::equal(ours.payload.begin(), ours.payload.end(), theirs.payload.begin(),
                  theirs.payload.end())) {
    return fmt::format("its {} bytes are not the {} bytes of the source", theirs.payload.size(),
                       ours.payload.size());
  }
  return "";
}

// One partition of a log from an offset on, record by record.
class Reader {
 public:
  Reader(EventLog& log, PartitionId partition, Offset from)
      : log_(log), partition_(partition), next_(from) {}

  // The next record; its bytes stay until the next call. REQUIRES: there is one.
  Result<const LogRecord*> Next() {
    if (taken_ == batch_.records.size()) {
      CONNTRAIL_ASSIGN_OR_RETURN(batch_, log_.Read(partition_, next_, kReadBytes));
      taken_ = 0;
      if (batch_.records.empty()) {
        return Status::Corruption(fmt::format("partition {} ends at record {}, before its end",
                                              partition_.value, next_.value));
      }
    }
    const LogRecord* record = &batch_.records[taken_++];
    next_ = record->offset.Next();
    return record;
  }

 private:
  EventLog& log_;
  const PartitionId partition_;
  Offset next_;
  ReadBatch batch_;
  size_t taken_ = 0;
};

class Copier {
 public:
  Copier(EventLog& source, CopyTarget& target, const CopyProgress& progress)
      : source_(source), target_(target), progress_(progress) {}

  Result<CopySummary> Run() {
    CONNTRAIL_RETURN_IF_ERROR(Measure());
    CONNTRAIL_RETURN_IF_ERROR(Compare(CopyStep::kComparing, Zeros(), there_));
    if (summary_.copied > 0) {
      CONNTRAIL_RETURN_IF_ERROR(AppendMissing());
      CONNTRAIL_RETURN_IF_ERROR(Compare(CopyStep::kChecking, there_, summary_.ends));
    }
    CONNTRAIL_RETURN_IF_ERROR(CheckSourceStands());
    return std::move(summary_);
  }

 private:
  std::vector<Offset> Zeros() const { return std::vector<Offset>(there_.size()); }

  Status Measure() {
    const uint16_t partitions = source_.partition_count();
    if (partitions != target_.log().partition_count() ||
        source_.log_id() != target_.log().log_id()) {
      return Status::FailedPrecondition(
          fmt::format("the source is the log {} with {} partitions, and the target is {} with {}",
                      source_.log_id().ToString(), partitions, target_.log().log_id().ToString(),
                      target_.log().partition_count()));
    }
    for (uint16_t p = 0; p < partitions; ++p) {
      CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, source_.End(PartitionId(p)));
      CONNTRAIL_ASSIGN_OR_RETURN(const Offset there, target_.log().End(PartitionId(p)));
      CONNTRAIL_RETURN_IF_ERROR(CheckEnds(PartitionId(p), end, there));
      summary_.ends.push_back(end);
      there_.push_back(there);
      summary_.records += end.value;
      summary_.copied += end.value - there.value;
    }
    return Status::Ok();
  }

  Status CheckEnds(PartitionId partition, Offset end, Offset there) const {
    if (there > end) {
      return Status::FailedPrecondition(fmt::format(
          "partition {} of the target has {} records more than the source: it was written on; "
          "nothing was copied",
          partition.value, there.value - end.value));
    }
    if (there < end && target_.is_open()) {
      return Status::FailedPrecondition(fmt::format(
          "partition {} of the source has {} records more than the target, which an earlier copy "
          "has opened up: the source was written on. If nobody wrote to the target, delete it and "
          "copy again; else one of the two must be given up",
          partition.value, end.value - there.value));
    }
    return Status::Ok();
  }

  Status Compare(CopyStep step, const std::vector<Offset>& from, const std::vector<Offset>& to) {
    Begin(step, from, to);
    for (uint16_t p = 0; p < to.size(); ++p) {
      Reader ours(source_, PartitionId(p), from[p]);
      Reader theirs(target_.log(), PartitionId(p), from[p]);
      for (Offset at = from[p]; at < to[p]; at = at.Next()) {
        CONNTRAIL_ASSIGN_OR_RETURN(const LogRecord* one, ours.Next());
        CONNTRAIL_ASSIGN_OR_RETURN(const LogRecord* other, theirs.Next());
        const std::string difference = DifferenceOf(*one, *other);
        if (!difference.empty()) {
          return Status::FailedPrecondition(fmt::format(
              "record {} of partition {} of the target is not the source's: {}; it stays as it "
              "is, closed. Choose another target, or delete it and copy again",
              at.value, p, difference));
        }
        Step(step, 1);
      }
    }
    return Status::Ok();
  }

  Status AppendMissing() {
    Begin(CopyStep::kCopying, there_, summary_.ends);
    for (uint16_t p = 0; p < there_.size(); ++p) {
      for (Offset at = there_[p]; at < summary_.ends[p];) {
        CONNTRAIL_ASSIGN_OR_RETURN(const ReadBatch batch,
                                   source_.Read(PartitionId(p), at, kReadBytes));
        const size_t count =
            std::min<uint64_t>(batch.records.size(), summary_.ends[p].value - at.value);
        CONNTRAIL_RETURN_IF_ERROR(
            target_.Append(PartitionId(p), std::span(batch.records).first(count)));
        at.value += count;
        Step(CopyStep::kCopying, count);
      }
    }
    return target_.Flush();
  }

  Status CheckSourceStands() {
    std::this_thread::sleep_for(kEndMayMiss);
    for (uint16_t p = 0; p < there_.size(); ++p) {
      CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, source_.End(PartitionId(p)));
      if (end == summary_.ends[p]) continue;
      return Status::FailedPrecondition(fmt::format(
          "partition {} of the source has {} records more than when the copy began: stop all who "
          "write to it, and run this again; it copies what is missing",
          p, end.value - summary_.ends[p].value));
    }
    return Status::Ok();
  }

  void Begin(CopyStep step, const std::vector<Offset>& from, const std::vector<Offset>& to) {
    done_ = 0;
    of_ = 0;
    for (size_t p = 0; p < to.size(); ++p) of_ += to[p].value - from[p].value;
    told_ = 0;
    if (of_ > 0) progress_(step, 0, of_);
  }
  void Step(CopyStep step, uint64_t count) {
    done_ += count;
    if (done_ - told_ < kTellEvery && done_ < of_) return;
    told_ = done_;
    progress_(step, done_, of_);
  }

  static constexpr uint64_t kTellEvery = 1000;
  EventLog& source_;
  CopyTarget& target_;
  const CopyProgress& progress_;
  CopySummary summary_;
  std::vector<Offset> there_;  // ends of the target as it was found
  uint64_t done_ = 0;
  uint64_t of_ = 0;
  uint64_t told_ = 0;
};

}  // namespace

Result<CopySummary> CopyLog(EventLog& source, CopyTarget& target, const CopyProgress& progress) {
  return Copier(source, target, progress).Run();
}

}  // namespace conntrail
