#include "projections/store/rocksdb_log.h"

#include <cstdarg>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <system_error>

#include <rocksdb/env.h>

namespace conntrail {
namespace {

constexpr long kLogBytesMax = 1 << 20;

class WarningLog final : public rocksdb::Logger {
 public:
  explicit WarningLog(const std::filesystem::path& path)
      : Logger(rocksdb::WARN_LEVEL), file_(std::fopen(path.c_str(), "we")) {}
  ~WarningLog() override {
    if (file_ != nullptr) std::fclose(file_);
  }

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    const std::scoped_lock lock(mutex_);
    if (file_ == nullptr || std::ftell(file_) > kLogBytesMax) return;
    std::fprintf(file_, "%lld ", static_cast<long long>(std::time(nullptr)));
    std::vfprintf(file_, format, arguments);
    std::fputc('\n', file_);
    std::fflush(file_);
  }

 private:
  std::mutex mutex_;
  std::FILE* const file_;  // null if it could not be opened
};

}  // namespace

std::shared_ptr<rocksdb::Logger> OpenRocksDbLog(const std::filesystem::path& dir) {
  std::error_code ignored;
  std::filesystem::create_directories(dir, ignored);
  std::filesystem::rename(dir / "LOG", dir / "LOG.old", ignored);
  return std::make_shared<WarningLog>(dir / "LOG");
}

}  // namespace conntrail
