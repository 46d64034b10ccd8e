#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>

#include "events/base/bytes.h"
#include "events/base/result.h"

namespace conntrail {

// Makes what was written to a descriptor durable; like fdatasync(2): 0, or -1 and errno.
using SyncCall = std::function<int(int fd)>;

// An open file or directory. Every failure is kIo and names the path and the system's reason.
//
// Thread-safety: the const methods may be called from any thread.
class File {
 public:
  File() = default;
  File(File&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept;
  ~File();

  // `flags` as for open(2); O_CLOEXEC is added. A file that is made gets mode 0600.
  static Result<File> Open(const std::string& path, int flags);

  const std::string& path() const { return path_; }
  int fd() const { return fd_; }

  Result<uint64_t> Size() const;

  // Reads until `into` is full or the file ends; returns how many bytes were read.
  Result<size_t> ReadAt(uint64_t position, std::span<std::byte> into) const;

  // Writes all of `bytes`. After a failure some of them may stand in the file.
  Status WriteAt(uint64_t position, ByteSpan bytes) const;

  Status Truncate(uint64_t size) const;

  // fsync(2), or `sync` if given.
  Status Sync(const SyncCall& sync = nullptr) const;

  // kIo from errno: "<path>: cannot <what>: <reason>".
  Status Error(const char* what) const;

 private:
  File(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_ = -1;
};

// Makes a whole file of `bytes` appear under `path` durably, or not at all: it is written beside,
// synced, renamed, and the directory synced. Returns it, open for reading and writing.
Result<File> PublishFile(const std::string& directory, const std::string& name, ByteSpan bytes,
                         const SyncCall& sync);

inline constexpr const char* kUnpublishedSuffix = ".unpublished";

}  // namespace conntrail
