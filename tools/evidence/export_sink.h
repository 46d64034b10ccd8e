#pragma once

#include <memory>
#include <string>

#include "events/base/result.h"
#include "tools/evidence/piece.h"

namespace conntrail::evidence {

// Where an export is written: under another name beside its own until Finish, so that nobody finds
// half of one. Whatever was written is removed if it is destroyed before. One thread's.
class ExportSink {
 public:
  virtual ~ExportSink() = default;

  // Whether pieces of text should come deflated.
  virtual bool deflates() const = 0;

  // A whole file.
  virtual Status Put(const std::string& path, const Piece& piece) = 0;

  // The next piece of a file that is written beside others.
  virtual Status Append(const std::string& path, const Piece& piece) = 0;

  // Makes all of it durable and gives it its name. kFailedPrecondition: somebody has made
  // something of that name meanwhile. REQUIRES: called once, last.
  virtual Status Finish() = 0;
};

// A zip file if `path` ends in .zip, else a directory. kFailedPrecondition: there is something of
// that name.
Result<std::unique_ptr<ExportSink>> MakeExportSink(const std::string& path);

// For MakeExportSink: `work` is an empty directory of its own, which is removed by the caller.
std::unique_ptr<ExportSink> MakeDirectorySink(std::string work, std::string path);
std::unique_ptr<ExportSink> MakeZipSink(std::string work, std::string path);

// Renames within a file system; kFailedPrecondition if there is something at `to`.
Status RenameToNew(const std::string& from, const std::string& to);
Status WriteFault(const std::string& path);

}  // namespace conntrail::evidence
