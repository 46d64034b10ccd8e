#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "projections/store/row_source.h"

namespace conntrail {

// Rows of one family in memory, in the order of their arrival. Not thread-safe.
class RowRun {
 public:
  // The value is `value` and then `rest`.
  void Add(std::string_view key, std::string_view value, std::string_view rest = {});
  // A row that says that there is none.
  void AddDelete(std::string_view key);

  size_t count() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  size_t bytes() const { return bytes_; }  // memory in use
  void Clear();                            // keeps the memory

  // Row `i`; its bytes are valid until the run changes.
  StoreRow at(size_t i) const { return RowOf(entries_[i].record); }

  struct Entry {
    uint64_t high;  // 16 bytes of the key, as numbers that compare as the bytes do
    uint64_t low;
    const char* record;
  };

 private:
  friend class SortedRows;
  struct Chunk {
    std::unique_ptr<char[]> memory;
    size_t size = 0;
  };
  static StoreRow RowOf(const char* record);
  char* Append(std::string_view key, size_t value_bytes, uint32_t value_mark);
  char* Allocate(size_t bytes);

  std::vector<Entry> entries_;
  bool one_partition_ = true;  // the first two bytes of all keys are the same
  std::vector<Chunk> chunks_;
  size_t chunks_used_ = 0;
  size_t chunk_bytes_used_ = 0;  // of the last one in use
  size_t bytes_ = 0;
};

// The rows of a run by key; of equal keys only the last added. Keeps its memory from run to run.
class SortedRows {
 public:
  // REQUIRES: `run` does not change as long as its rows are asked for.
  void Assign(const RowRun& run);

  size_t count() const { return entries_.size(); }
  // Quickest in ascending order: rows ahead are fetched from memory, where they lie far apart.
  StoreRow at(size_t i) const { return RowRun::RowOf(RecordAt(i)); }

  // Valid until the next Assign.
  std::unique_ptr<RowSource> Rows() const;

  // Writes the rows to a new file, for ReadRunFile. REQUIRES: no deletes.
  Status WriteFile(const std::filesystem::path& path) const;

 private:
  const char* RecordAt(size_t i) const {
    constexpr size_t kAhead = 12;
    if (i + kAhead < entries_.size()) {
      const char* ahead = entries_[i + kAhead].record;
      __builtin_prefetch(ahead);
      __builtin_prefetch(ahead + 64);
    }
    return entries_[i].record;
  }

  std::vector<RowRun::Entry> entries_;
  std::vector<RowRun::Entry> spare_;
};

// The rows of a file of SortedRows::WriteFile, read through a buffer of `buffer_bytes` (or of the
// largest row). The file is removed as soon as it is open: it goes when the source goes.
Result<std::unique_ptr<RowSource>> ReadRunFile(const std::filesystem::path& path,
                                               size_t buffer_bytes);

}  // namespace conntrail
