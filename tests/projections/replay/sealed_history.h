#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "events/event_codec.h"
#include "events/log/memory_log.h"
#include "projections/projector.h"
#include "projections/store/memory_store.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/manual_clock.h"
#include "tests/support/random_events.h"

namespace conntrail {

// A log in memory with some partitions of random events, seals among them, and what it means.
struct SealedHistory {
  struct Record {
    PartitionId partition;
    UnixMs time_ms = 0;
    OrgId key;
    Bytes payload;
  };

  // `records` in each of `partitions`.
  static std::vector<Record> Records(uint64_t seed, size_t records, uint16_t partitions) {
    std::vector<Record> all;
    ManualClock clock;
    for (uint16_t p = 0; p < partitions; ++p) {
      MemoryLog one(1, clock, IdNamed("source"));
      RandomEvents random(seed + p);
      AppendRandomEvents(random, records, one, clock);
      ReadBatch batch = one.Read(PartitionId(0), Offset(0), size_t{1} << 30).value();
      for (const LogRecord& r : batch.records) {
        all.push_back(
            {PartitionId(p), r.append_time_ms, r.key, Bytes(r.payload.begin(), r.payload.end())});
      }
    }
    return all;
  }

  // `id`: two histories of one id are copies of one log.
  SealedHistory(const std::vector<Record>& records, uint16_t partitions,
                std::string_view id = "log")
      : log(partitions, clock, IdNamed(id)) {
    for (const Record& record : records) {
      clock.Set(record.time_ms);
      EXPECT_TRUE(log.Append(record.partition, record.key, record.payload).ok());
    }
  }

  // A store of all of it, folded `batch` records at a time.
  std::unique_ptr<MemoryStore> Store(PartitionId partition, size_t batch = 100'000) {
    auto store = std::make_unique<MemoryStore>();
    const auto projector = Projector::Open(log, *store, partition, {.batch_records_max = batch});
    EXPECT_TRUE(projector.ok()) << projector.status().ToString();
    EXPECT_EQ((*projector)->CatchUp().ToString(), "ok");
    return store;
  }

  ManualClock clock;
  MemoryLog log;
};

// Changes one row, such as no log gives it. The key's row must be there.
inline void FlipBit(Store& store, PartitionId partition, Family family, const std::string& key,
                    size_t bit) {
  std::string value = store.NewSnapshot()->Get(family, key).value().value();
  value[bit / 8 % value.size()] =
      static_cast<char>(value[bit / 8 % value.size()] ^ (1 << (bit % 8)));
  WriteBatch batch;
  batch.Put(family, key, value);
  EXPECT_TRUE(store.Write(batch, partition, store.Applied(partition).value()).ok());
}

}  // namespace conntrail
