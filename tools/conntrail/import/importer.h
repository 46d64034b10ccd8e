#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "projections/data_directory.h"
#include "tools/conntrail/import/import_file.h"
#include "tools/conntrail/import/import_target.h"

namespace conntrail {

struct ImportOptions {
  std::string org;                  // its name, or id; opened under this name if there is none
  std::string name;                 // of the producer, "import:<name>"; empty: the org's name
  std::string file;                 // observations, plain or gzip
  std::string uses_file;            // uses; empty: none
  bool dry_run = false;             // read and count only
  bool keep_going = false;          // pass over refused lines
  size_t group_records_max = 1000;  // appended with one sync
  size_t refused_lines_max = 1000;  // kept in the summary; all are counted
};

struct ImportProgress {
  uint64_t lines = 0;
  uint64_t bytes_read = 0;              // of the files as they are stored
  std::optional<uint64_t> bytes_total;  // unknown for pipes
  uint64_t appended = 0;
};

struct ImportSummary {
  std::string producer;
  uint64_t lines = 0;
  uint64_t appended = 0;       // of a dry run: that would be appended
  uint64_t already_there = 0;  // in the trail, or twice in a row in the file
  uint64_t refused = 0;
  std::vector<RefusedLine> refused_lines;  // the first of them
  // At the first refused line, or because too many numbers are missing.
  bool stopped = false;
  std::string stopped_why;  // empty: at the first refused line

  // Of the records appended; all zero for a dry run.
  std::array<uint64_t, kVerdictMax + 1> by_verdict{};
  uint64_t gaps = 0;           // do not fit the state: mark::kGap
  uint64_t late = 0;           // mark::kLate
  uint64_t producer_gaps = 0;  // come after missing numbers: mark::kProducerGap
  double seconds = 0;

  double records_per_second() const { return seconds > 0 ? double(appended) / seconds : 0; }
};

// Brings a file of observations, and one of uses, into the log and applies it.
//
// The two are merged by the time at which their source recorded them (at the same time observations
// come first), so that the org's time axis is the source's. Lines whose number the trail has from
// this producer are passed over: after a crash, or with a longer file, the same import goes on
// where it stopped, and the trail has every line once. A line refused before and good now is taken.
//
// A refused line ends the import, after the lines before it were appended and applied; with
// keep_going it is passed over and its number stays missing until a later import brings it. An
// org of that name is opened with the first event, as of its time.
//
// kNotFound, kIo and kCorruption are about the files or the data directory; kFailedPrecondition:
// the trail has other events under this producer's name. What was appended before stays.
//
// A refusal by a server comes for events that were sent with others: those stay.
//
// `directory` may be null for a dry run: then nothing is there yet. Nothing is written by a dry
// run.
Result<ImportSummary> Import(DataDirectory* directory, const ImportOptions& options,
                             const std::function<void(const ImportProgress&)>& progress = nullptr);

// The same into any target. `options.org` may be empty if the target knows the org.
Result<ImportSummary> Import(ImportTarget& target, const ImportOptions& options,
                             const std::function<void(const ImportProgress&)>& progress = nullptr);

}  // namespace conntrail
