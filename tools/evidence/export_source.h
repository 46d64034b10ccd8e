#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "events/base/result.h"

namespace conntrail::evidence {

// A record as people and other programs read it.
struct DecodedRecord {
  std::string_view type;  // of its event; empty: its bytes are none
  std::string members;    // more members of its JSON object: ,"event":{…}
  std::string csv;        // its line, with CR LF
  std::string ocsf;       // a line or more
  uint64_t ocsf_rows = 0;
};

// Reads the trail of one org, as of one moment. One thread's.
class ExportReader {
 public:
  virtual ~ExportReader() = default;

  // Calls `each` with the leaves [begin, end) in their order; `leaf` lives until it returns.
  // REQUIRES: they exist.
  using EachLeaf = std::function<Status(uint64_t index, std::string_view leaf)>;
  virtual Status ForEachLeaf(uint64_t begin, uint64_t end, const EachLeaf& each) = 0;

  // The same, decoded.
  using EachRecord =
      std::function<Status(uint64_t index, std::string_view leaf, const DecodedRecord& record)>;
  virtual Status ForEachRecord(uint64_t begin, uint64_t end, const EachRecord& each) = 0;
};

// Where an export gets its records from. Thread-safe.
class ExportSource {
 public:
  virtual ~ExportSource() = default;

  // All readers read the same. Must not outlive the source.
  virtual Result<std::unique_ptr<ExportReader>> NewReader() = 0;

  // The names of the CSV columns, as a line with CR LF.
  virtual std::string CsvHead() const = 0;
};

}  // namespace conntrail::evidence
