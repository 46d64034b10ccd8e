#include "tests/simulation/planted_fault.h"

#include <algorithm>

namespace conntrail {
namespace {

// Passes everything on.
class PassingLog : public EventLog {
 public:
  explicit PassingLog(EventLog& inner) : inner_(inner) {}

  Uuid log_id() const override { return inner_.log_id(); }
  uint16_t partition_count() const override { return inner_.partition_count(); }
  Result<Offset> Append(PartitionId partition, const OrgId& key, ByteSpan payload) override {
    return inner_.Append(partition, key, payload);
  }
  Result<Offset> AppendAll(PartitionId partition, const OrgId& key,
                           const std::vector<ByteSpan>& payloads) override {
    return inner_.AppendAll(partition, key, payloads);
  }
  Result<ReadBatch> Read(PartitionId partition, Offset from, size_t bytes_max) override {
    return inner_.Read(partition, from, bytes_max);
  }
  Result<Offset> End(PartitionId partition) override { return inner_.End(partition); }
  bool WaitFor(PartitionId partition, Offset offset, std::chrono::milliseconds wait_max) override {
    return inner_.WaitFor(partition, offset, wait_max);
  }

 private:
  EventLog& inner_;
};

class EarlyLog final : public PassingLog {
 public:
  explicit EarlyLog(FaultyLog& inner) : PassingLog(inner), faulty_(inner) {}

  Result<Offset> Append(PartitionId partition, const OrgId& key, ByteSpan payload) override {
    const size_t in_doubt = faulty_.in_doubt();
    Result<Offset> appended = faulty_.Append(partition, key, payload);
    if (faulty_.in_doubt() <= in_doubt) return appended;
    return Offset(faulty_.End(partition)->value + in_doubt);
  }

 private:
  FaultyLog& faulty_;
};

// Records from `at` on are `shift` further on in the log than here: 1 leaves one out, -1 has one
// twice.
class ShiftedLog final : public PassingLog {
 public:
  ShiftedLog(EventLog& inner, Offset at, int shift)
      : PassingLog(inner), at_(at.value), shift_(shift) {}

  Result<ReadBatch> Read(PartitionId partition, Offset from, size_t bytes_max) override {
    CONNTRAIL_ASSIGN_OR_RETURN(ReadBatch batch,
                               PassingLog::Read(partition, InLog(from), bytes_max));
    // One at a time across the shift keeps the offsets simple.
    if (from.value < at_ && from.value + batch.records.size() > at_) {
      batch.records.resize(at_ - from.value);
    }
    for (size_t i = 0; i < batch.records.size(); ++i) {
      batch.records[i].offset = Offset(from.value + i);
    }
    return batch;
  }
  Result<Offset> End(PartitionId partition) override {
    CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, PassingLog::End(partition));
    return end.value > at_ ? Offset(end.value - static_cast<uint64_t>(shift_)) : end;
  }

 private:
  Offset InLog(Offset here) const {
    return here.value >= at_ ? Offset(here.value + static_cast<uint64_t>(shift_)) : here;
  }

  const uint64_t at_;
  const int shift_;
};

}  // namespace

std::optional<PlantedFault> ParsePlantedFault(std::string_view name) {
  if (name == "skip") return PlantedFault::kSkipRecord;
  if (name == "twice") return PlantedFault::kApplyTwice;
  if (name == "early") return PlantedFault::kAcknowledgeEarly;
  return std::nullopt;
}

std::unique_ptr<EventLog> LogOfGateways(FaultyLog& log, PlantedFault fault) {
  if (fault == PlantedFault::kAcknowledgeEarly) return std::make_unique<EarlyLog>(log);
  return std::make_unique<PassingLog>(log);
}

std::unique_ptr<EventLog> LogOfProjector(EventLog& log, PlantedFault fault, Offset at) {
  if (fault == PlantedFault::kSkipRecord) return std::make_unique<ShiftedLog>(log, at, 1);
  if (fault == PlantedFault::kApplyTwice) {
    return std::make_unique<ShiftedLog>(log, at.Next(), -1);
  }
  return std::make_unique<PassingLog>(log);
}

}  // namespace conntrail
