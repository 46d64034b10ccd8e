#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tools/evidence/export_sink.h"
#include "tools/evidence/export_source.h"

namespace conntrail::evidence {

struct ExportRequest {
  std::string vkey;
  std::string org_id;
  std::string org_name;
  std::string checkpoint;       // as it was signed
  std::string from_checkpoint;  // the last one before `begin`; empty: there is none
  uint64_t begin = 0;           // records [begin, end) are exported; the tree is there as a whole
  uint64_t end = 0;
  unsigned threads = 0;  // 0: as many as the machine has, up to 8
};

struct ExportTold {
  uint64_t records = 0;  // exported
  uint64_t size = 0;     // of the tree
  uint64_t bytes = 0;    // of all files, before they were deflated
};

// Writes an export (tools/verify/export_format.h) of what `source` has, as far as the checkpoint
// goes, and finishes `sink`. Equal requests give equal files. Holds some blocks of records for each
// thread at a time, and what the manifest says of each file.
//
// kCorruption: the records do not lead to the root that was signed; nothing is left then.
// kUnavailable: `progress`, which is called with the records that are done and those there are, has
// returned false.
Result<ExportTold> WriteExport(ExportSource& source, const ExportRequest& request, ExportSink& sink,
                               const std::function<bool(uint64_t, uint64_t)>& progress = nullptr);

}  // namespace conntrail::evidence
