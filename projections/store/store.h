#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "events/base/result.h"
#include "events/base/strong_id.h"
#include "projections/store/write_batch.h"

namespace conntrail {

// A position in the sorted rows of one family as of the moment it was made. Keys compare as
// unsigned bytes. Not thread-safe. Must not outlive its snapshot.
class StoreIterator {
 public:
  virtual ~StoreIterator() = default;

  virtual void Seek(std::string_view key) = 0;         // to the first key >= `key`
  virtual void SeekForPrev(std::string_view key) = 0;  // to the last key <= `key`
  virtual void Next() = 0;                             // REQUIRES: Valid()
  virtual void Prev() = 0;                             // REQUIRES: Valid()
  // False at either end and after a failure: look at status() before you believe in an end.
  virtual bool Valid() const = 0;
  virtual std::string_view key() const = 0;    // REQUIRES: Valid(); valid until the iterator moves
  virtual std::string_view value() const = 0;  // REQUIRES: Valid(); valid until the iterator moves
  virtual Status status() const = 0;
};

// All rows as they were when it was made, whatever is written meanwhile.
//
// Thread-safety: all methods may be called from any thread. Must not outlive its store.
class StoreSnapshot {
 public:
  virtual ~StoreSnapshot() = default;

  // The value at `key`, or nullopt if there is none.
  virtual Result<std::optional<std::string>> Get(Family family, std::string_view key) const = 0;

  virtual std::unique_ptr<StoreIterator> NewIterator(Family family) const = 0;
};

// Sorted rows in a few families, written in atomic batches.
//
// A store need not be durable by itself: after a crash it holds the state after some earlier Write,
// never a mixture, and Applied tells which. What came after is replayed from the event log.
//
// Thread-safety: one thread writes; everything else may be called from any thread.
// Every implementation passes tests/conformance/store_conformance.h.
class Store {
 public:
  virtual ~Store() = default;

  // Makes all of `batch` visible at once and, with it, `next` as the next offset of `partition` to
  // be applied.
  virtual Status Write(const WriteBatch& batch, PartitionId partition, Offset next) = 0;

  // The next offset of `partition` to be applied, 0 for a new store.
  //
  // kCorruption: the families do not agree. (RocksDB before 8.1 can lose one family of an atomic
  // flush, facebook/rocksdb #11148.) Then this projection must be thrown away and rebuilt from the
  // log.
  virtual Result<Offset> Applied(PartitionId partition) const = 0;

  virtual std::unique_ptr<StoreSnapshot> NewSnapshot() const = 0;

  // After this returns ok, what was written survives a crash of the machine.
  virtual Status Flush() = 0;
};

}  // namespace conntrail
