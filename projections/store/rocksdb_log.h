#pragma once

#include <filesystem>
#include <memory>

namespace rocksdb {
class Logger;
}

namespace conntrail {

// Where RocksDB tells what it does: `dir`/LOG, warnings and errors only, begun anew at each opening
// (the one before stays as LOG.old) and ending silently when it is full.
//
// RocksDB has such a log itself, but when the disk was full and it logs once more, an assertion of
// its WritableFileWriter ends the process (facebook/rocksdb #10489, of 7.6; only where assertions
// are left in, as Debian 12 does). This one ignores failures.
std::shared_ptr<rocksdb::Logger> OpenRocksDbLog(const std::filesystem::path& dir);

}  // namespace conntrail
