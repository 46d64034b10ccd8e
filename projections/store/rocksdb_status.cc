#include "projections/store/rocksdb_status.h"

#include <string>

#include <rocksdb/status.h>

namespace conntrail {
namespace {

// RocksDB has no code for it: PosixEnv names the file in an IOError.
bool IsLockHeld(const rocksdb::Status& status, std::string_view text) {
  return status.IsIOError() && text.find("/LOCK") != std::string_view::npos &&
         (text.find("lock hold by") != std::string_view::npos ||
          text.find("While lock file") != std::string_view::npos);
}

}  // namespace

Status FromRocksDb(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return Status::Ok();
  const std::string text = status.ToString();
  const std::string message = std::string(doing) + ": " + text;
  if (IsLockHeld(status, text)) {
    return Status::FailedPrecondition(std::string(doing) +
                                      ": the store is in use by another process; stop that first");
  }
  if (status.IsCorruption()) return Status::Corruption(message);
  if (status.IsNoSpace()) return Status::Io(message + " (the disk is full)");
  if (status.IsNotFound()) return Status::NotFound(message);
  if (status.IsInvalidArgument() || status.IsShutdownInProgress() || status.IsNotSupported()) {
    return Status::FailedPrecondition(message);
  }
  return Status::Io(message);
}

}  // namespace conntrail
