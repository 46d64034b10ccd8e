#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "projections/store/row_source.h"

namespace conntrail {

// Rows of one family in memory, in the order of their arrival until Sort. Not thread-safe.
class RowRun {
 public:
  void Add(std::string_view key, std::string_view value);

  // Orders the rows by key; of equal keys only the last added stays.
  void Sort();

  bool empty() const { return rows_.empty(); }
  size_t bytes() const { return bytes_; }  // memory in use
  void Clear();                            // keeps the memory

  // REQUIRES: sorted, and not changed while the source lives.
  std::unique_ptr<RowSource> Rows() const;

  // Writes the rows to a new file, for ReadRunFile. REQUIRES: sorted.
  Status WriteFile(const std::filesystem::path& path) const;

  struct Entry {
    uint64_t high;  // 16 bytes of the key, as numbers that compare as the bytes do
    uint64_t low;
    const char* record;
  };

 private:
  char* Allocate(size_t bytes);

  std::vector<Entry> rows_;
  bool one_partition_ = true;  // the first two bytes of all keys are the same
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::vector<std::unique_ptr<char[]>> large_;  // records that fit in no chunk
  size_t chunks_used_ = 0;
  size_t chunk_bytes_used_ = 0;
  size_t bytes_ = 0;
};

// The rows of a file of RowRun::WriteFile, read through a buffer of `buffer_bytes` (or of the
// largest row). The file is removed as soon as it is open: it goes when the source goes.
Result<std::unique_ptr<RowSource>> ReadRunFile(const std::filesystem::path& path,
                                               size_t buffer_bytes);

}  // namespace conntrail
