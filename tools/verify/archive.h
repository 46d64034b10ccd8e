#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"

namespace conntrail::verify {

// The files of an export, in a directory or a zip file. Errors begin with the path of the file.
// One thread's; open it once for each thread.
class Archive {
 public:
  struct File {
    std::string path;
    uint64_t bytes = 0;

    auto operator<=>(const File&) const = default;
  };

  // One file from its beginning to its end. Must not outlive the archive.
  class Reader {
   public:
    virtual ~Reader() = default;
    // How many bytes were read into `into`; 0: that was all.
    virtual Result<size_t> Read(std::span<char> into) = 0;
  };

  virtual ~Archive() = default;

  // Sorted by path. Each path is there once and stays inside (IsExportPath).
  const std::vector<File>& files() const { return files_; }
  bool Has(std::string_view path) const;

  // kCorruption: there is none.
  virtual Result<std::unique_ptr<Reader>> Open(const std::string& path) = 0;

  // The whole file. kCorruption: it has more than `bytes_max` bytes.
  Result<std::string> ReadAll(const std::string& path, size_t bytes_max);

 protected:
  // Sorts what was found. kCorruption: a path is there twice or is none of an export.
  Status Take(std::vector<File> files);

 private:
  std::vector<File> files_;
};

// kNotFound: there is nothing at `path`; kCorruption: it is neither a directory nor a zip file that
// is whole.
Result<std::unique_ptr<Archive>> OpenArchive(const std::string& path);

// For OpenArchive.
Result<std::unique_ptr<Archive>> OpenDirectory(const std::string& path);
Result<std::unique_ptr<Archive>> OpenZip(const std::string& path);

}  // namespace conntrail::verify
