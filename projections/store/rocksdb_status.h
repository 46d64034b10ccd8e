#pragma once

#include <string_view>

#include "events/base/status.h"

namespace rocksdb {
class Status;
}

namespace conntrail {

// The one place where RocksDB's codes become ours. `doing` ("opening /var/lib/...") leads the
// message.
Status FromRocksDb(const rocksdb::Status& status, std::string_view doing);

}  // namespace conntrail
