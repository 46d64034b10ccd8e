#include "events/log/kafka/kafka_partition.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "events/base/sha256.h"
#include "events/log/kafka/kafka_record.h"

namespace conntrail {
namespace {

using std::chrono::milliseconds;

constexpr size_t kIdleMax = 2;  // one that follows, one that somebody else reads with
// So long after a broker's word about the end nobody asks for it again.
constexpr milliseconds kFresh{100};
constexpr milliseconds kSlice{50};
constexpr milliseconds kRetry{200};
constexpr int kDoubts = 3;  // times that something is looked at before it is believed

milliseconds LeftUntil(std::chrono::steady_clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
  return std::max(left, milliseconds(0));
}

}  // namespace

std::unique_ptr<KafkaCursor> KafkaPartition::TakeIdle(Offset next) {
  const std::lock_guard lock(mutex_);
  for (auto it = idle_.begin(); it != idle_.end(); ++it) {
    if ((*it)->next() != next) continue;
    std::unique_ptr<KafkaCursor> cursor = std::move(*it);
    idle_.erase(it);
    return cursor;
  }
  return nullptr;
}

void KafkaPartition::PutBack(std::unique_ptr<KafkaCursor> cursor) {
  NoteHeard(*cursor);
  std::unique_ptr<KafkaCursor> surplus;  // ends outside the lock
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(cursor));
  if (idle_.size() <= kIdleMax) return;
  surplus = std::move(idle_.front());
  idle_.erase(idle_.begin());
}

void KafkaPartition::NoteHeard(const KafkaCursor& cursor) {
  int64_t begin = 0;
  int64_t end = 0;
  const rd_kafka_resp_err_t error = rd_kafka_get_watermark_offsets(
      cursor.client().get(), settings_.address.topic.c_str(), partition_.value, &begin, &end);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR && end >= kOriginRecords) RaiseEnd(FromKafka(end));
  const std::lock_guard lock(mutex_);
  heard_at_ = std::max(heard_at_, cursor.heard_at());
}

void KafkaPartition::RaiseEnd(Offset end) {
  uint64_t known = known_end_;
  while (known < end.value && !known_end_.compare_exchange_weak(known, end.value)) {
  }
}

Result<Offset> KafkaPartition::AskEnd(milliseconds wait_max) {
  for (int doubt = 1;; ++doubt) {
    const Offset known = known_end();  // before the question: the log may grow meanwhile
    CONNTRAIL_ASSIGN_OR_RETURN(const int64_t end,
                               AskEndOffset(client_, settings_, partition_, wait_max));
    if (end >= ToKafka(known)) {
      RaiseEnd(FromKafka(end));
      return FromKafka(end);
    }
    if (doubt == kDoubts) {
      return HaltWith(Status::Corruption(fmt::format(
          "partition {} of {} ends at record {}, but record {} was in it: the log has lost its "
          "tail or was replaced; restore the topic, or salvage what the projection still has",
          partition_.value, settings_.address.topic, std::max<int64_t>(end - kOriginRecords, 0),
          known.value - 1)));
    }
    std::this_thread::sleep_for(kRetry);  // a new leader may not know yet what it has
  }
}

Result<Offset> KafkaPartition::End() {
  CONNTRAIL_RETURN_IF_ERROR(halted());
  {
    const std::lock_guard lock(mutex_);
    if (Clock::now() - heard_at_ < kFresh) return known_end();
  }
  if (is_away_) {
    return Status::Unavailable("Kafka at " + settings_.address.bootstrap + " does not answer");
  }
  return AskEnd(settings_.request_wait);
}

Result<ReadBatch> KafkaPartition::Read(Offset from, size_t bytes_max) {
  CONNTRAIL_RETURN_IF_ERROR(halted());
  std::unique_ptr<KafkaCursor> cursor = TakeIdle(from);
  if (cursor == nullptr || !cursor->has_records()) {
    if (from >= known_end()) {
      CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, AskEnd(settings_.request_wait));
      if (from > end) {
        return Status::InvalidArgument(
            fmt::format("offset {} is beyond the end, {}", from.value, end.value));
      }
      if (from == end) {
        if (cursor != nullptr) PutBack(std::move(cursor));
        return ReadBatch();
      }
    }
    CONNTRAIL_ASSIGN_OR_RETURN(cursor, AwaitRecords(std::move(cursor), from));
  }
  ReadBatch batch = cursor->Take(bytes_max);
  const LogRecord& last = batch.records.back();
  RaiseEnd(last.offset.Next());
  {
    const std::lock_guard lock(mutex_);
    anchor_ = Anchor{last.offset, Sha256(last.payload)};
  }
  PutBack(std::move(cursor));
  return batch;
}

// A cursor with records to take. There are some at `from`; waiting too long for them is a failure.
Result<std::unique_ptr<KafkaCursor>> KafkaPartition::AwaitRecords(
    std::unique_ptr<KafkaCursor> cursor, Offset from) {
  const auto deadline = Clock::now() + settings_.request_wait;
  int bad = 0;
  while (true) {
    if (cursor == nullptr) {
      CONNTRAIL_ASSIGN_OR_RETURN(cursor, KafkaCursor::Open(settings_, partition_, from));
    }
    cursor->Await(LeftUntil(deadline));
    if (cursor->has_records()) return cursor;
    const CursorFault* fault = cursor->fault();
    if (fault == nullptr) {
      return Status::Unavailable(fmt::format(
          "Kafka at {} did not send record {} of partition {} of {} within {} ms: {}",
          settings_.address.bootstrap, from.value, partition_.value, settings_.address.topic,
          settings_.request_wait.count(), cursor->client().last_trouble()));
    }
    // Bytes that were damaged on their way come whole the next time.
    const bool again = fault->kind == CursorFault::Kind::kBadBytes && ++bad < kDoubts;
    if (!again) {
      const Status judged = Judge(*fault, from);
      if (judged.code() != StatusCode::kUnavailable || Clock::now() >= deadline) return judged;
    }
    cursor.reset();
    std::this_thread::sleep_for(kRetry);
  }
}

// kUnavailable: it may be otherwise in a moment.
Status KafkaPartition::Judge(const CursorFault& fault, Offset at) {
  const auto where = fmt::format("partition {} of {}", partition_.value, settings_.address.topic);
  switch (fault.kind) {
    case CursorFault::Kind::kGap:
      return HaltWith(Status::Corruption(fmt::format(
          "{} has a gap: {}. Records were removed, or a transactional producer writes to this "
          "topic, which must not be; restore the topic",
          where, fault.text)));
    case CursorFault::Kind::kBadBytes:
      return HaltWith(Status::Corruption(
          fmt::format("record {} or one behind it in {} is damaged on the leader's disk: {}; "
                      "restore it from another replica",
                      at.value, where, fault.text)));
    case CursorFault::Kind::kRefused:
      return Status::FailedPrecondition(
          fmt::format("{} must not be read: {}; give this user the right", where, fault.text));
    case CursorFault::Kind::kOutOfRange:
      return JudgeRange(fault, at);
    case CursorFault::Kind::kGone:
      break;
  }
  for (int doubt = 0; doubt < kDoubts; ++doubt) {
    CONNTRAIL_ASSIGN_OR_RETURN(const auto topic, DescribeTopic(client_, settings_));
    if (topic && topic->partitions.size() > partition_.value) {
      return Status::Unavailable(fmt::format("{} is there, but not served: {}", where, fault.text));
    }
    std::this_thread::sleep_for(kRetry);
  }
  return HaltWith(Status::FailedPrecondition(fmt::format(
      "{} is no more at {}: it was deleted; restore it", where, settings_.address.bootstrap)));
}

Status KafkaPartition::JudgeRange(const CursorFault& fault, Offset at) {
  CONNTRAIL_ASSIGN_OR_RETURN(const KafkaRange range, AskRange(client_, settings_, partition_));
  const auto where = fmt::format("partition {} of {}", partition_.value, settings_.address.topic);
  if (ToKafka(at) < range.begin) {
    // Whoever stands behind them reads on; so this does not halt.
    return Status::Corruption(fmt::format(
        "the records before {} of {} were deleted, and {} is needed: switch retention off, and "
        "restore the topic or take a snapshot that covers them",
        FromKafka(range.begin).value, where, at.value));
  }
  if (range.end < ToKafka(known_end())) {
    const Result<Offset> end = AskEnd(settings_.request_wait);
    if (!end.ok()) return end.status();
  }
  return Status::Unavailable(fmt::format("{}: {}", where, fault.text));
}

bool KafkaPartition::WaitFor(Offset offset, milliseconds wait_max) {
  const auto deadline = Clock::now() + wait_max;
  while (true) {
    if (!halted().ok() || known_end() > offset) return true;
    if (WaitOnce(offset, std::min(LeftUntil(deadline), kSlice))) return true;
    if (Clock::now() >= deadline) return known_end() > offset;
  }
}

// Waits with a cursor at that place, so that the record is already there when it is read.
bool KafkaPartition::WaitOnce(Offset offset, milliseconds wait_max) {
  std::unique_ptr<KafkaCursor> cursor = TakeIdle(offset);
  if (cursor == nullptr) {
    if (offset > known_end()) (void)AskEnd(std::max(wait_max, kSlice));
    auto opened = offset > known_end() ? Result<std::unique_ptr<KafkaCursor>>(nullptr)
                                       : KafkaCursor::Open(settings_, partition_, offset);
    if (!opened.ok() || *opened == nullptr) {
      std::this_thread::sleep_for(wait_max);
      return false;
    }
    cursor = std::move(opened).value();
  }
  cursor->Await(wait_max);
  if (cursor->has_records()) {
    RaiseEnd(offset.Next());
    PutBack(std::move(cursor));
    return true;
  }
  if (cursor->fault() != nullptr) {
    return Judge(*cursor->fault(), offset).code() != StatusCode::kUnavailable;
  }
  PutBack(std::move(cursor));
  return false;
}

Status KafkaPartition::NoteAppended(Offset offset, Offset floor) {
  if (offset < floor) {
    return HaltWith(Status::Corruption(fmt::format(
        "a record got offset {} of partition {} of {}, which ended at {} before: the log has lost "
        "its tail or was replaced; restore the topic, or salvage what the projection still has",
        offset.value, partition_.value, settings_.address.topic, floor.value)));
  }
  RaiseEnd(offset.Next());
  return Status::Ok();
}

std::optional<KafkaPartition::Anchor> KafkaPartition::anchor() const {
  const std::lock_guard lock(mutex_);
  return anchor_;
}

void KafkaPartition::Halt(const Status& why) {
  {
    const std::lock_guard lock(mutex_);
    if (!halted_.ok()) return;
    halted_ = why;
  }
  settings_.diagnostics("halted: " + why.message());
}

Status KafkaPartition::HaltWith(Status why) {
  Halt(why);
  return why;
}

Status KafkaPartition::halted() const {
  const std::lock_guard lock(mutex_);
  return halted_;
}

}  // namespace conntrail
