#include "tests/support/replay.h"

#include <algorithm>

#include "events/base/check.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};

// Entity rows are org (6 bytes), 0x10, kind, id, other.
std::optional<EntityKey> EntityKeyOf(std::string_view key) {
  if (key.size() < 24 || key[6] != 0x10) return std::nullopt;
  EntityKey entity{static_cast<EntityKind>(key[7]), keys::EntityIdOf(key), {}};
  if (key.size() == 40) {
    entity.other = {ReadBigEndian(key.substr(24, 8)), ReadBigEndian(key.substr(32, 8))};
  }
  return entity;
}

}  // namespace

const Entity* Replay::Record::subject() const {
  for (const auto& [key, entity] : changed) {
    if (key == folded.line.subject) return &entity;
  }
  return nullptr;
}

Replay::Replay(EventLog& log) : log_(log), folder_(kPartition, log.log_id(), nullptr, {}) {
  CONNTRAIL_CHECK(folder_.Load().ok());
  CatchUp();
}

void Replay::CatchUp() {
  const Offset end = log_.End(kPartition).value();
  WriteBatch batch;
  while (next_ < end) {
    const ReadBatch read = log_.Read(kPartition, next_, 1 << 20).value();
    for (const LogRecord& record : read.records) {
      batch.Clear();
      FoldedRecord folded = folder_.Fold(record, batch).value();
      batch.Clear();
      folder_.WriteState(batch);
      Trail& trail = trails_[folded.org];
      if (trail.empty() && folded.org != OrgId{}) orgs_.push_back(folded.org);
      Record& kept = trail.emplace_back();
      kept.folded = folded;
      kept.payload = ToBytes(record.payload);
      kept.append_time_ms = record.append_time_ms;
      const RowRun& rows = batch.rows(Family::kState);
      for (size_t i = 0; i < rows.count(); ++i) {
        const auto key = EntityKeyOf(rows.at(i).key);
        if (key) kept.changed.emplace_back(*key, DecodeEntity(rows.at(i).value).value());
      }
      next_ = record.offset.Next();
    }
  }
}

void Replay::Apply(const Record& record, State& state) {
  for (const auto& [key, entity] : record.changed) {
    if (IsVersioned(key.kind)) state.insert_or_assign({key.kind, key.id}, entity);
  }
}

Replay::State Replay::StateAfter(const Trail& trail, size_t records) {
  State state;
  for (size_t i = 0; i < records; ++i) Apply(trail[i], state);
  return state;
}

size_t Replay::CountUpTo(const Trail& trail, UnixMs time_ms) {
  return static_cast<size_t>(std::count_if(trail.begin(), trail.end(), [&](const Record& record) {
    return record.line().place.time_ms <= time_ms;
  }));
}

}  // namespace conntrail
