#include "tools/verify/archive.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "tools/verify/manifest.h"

namespace conntrail::verify {

namespace fs = std::filesystem;

bool Archive::Has(std::string_view path) const {
  const auto found = std::lower_bound(
      files_.begin(), files_.end(), path,
      [](const File& file, std::string_view sought) { return file.path < sought; });
  return found != files_.end() && found->path == path;
}

Status Archive::Take(std::vector<File> files) {
  files_ = std::move(files);
  std::sort(files_.begin(), files_.end());
  for (size_t i = 0; i < files_.size(); ++i) {
    if (!IsExportPath(files_[i].path)) {
      return Status::Corruption(
          fmt::format("{}: expected files of an export only, found this one", files_[i].path));
    }
    if (i > 0 && files_[i - 1].path == files_[i].path) {
      return Status::Corruption(fmt::format("{}: expected once, found twice", files_[i].path));
    }
  }
  return Status::Ok();
}

Result<std::string> Archive::ReadAll(const std::string& path, size_t bytes_max) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::unique_ptr<Reader> reader, Open(path));
  std::string bytes;
  size_t size = 0;
  while (true) {
    // One byte more than may be there tells that there is more.
    bytes.resize(std::min(bytes_max + 1, std::max<size_t>(64 << 10, 2 * size)));
    CONNTRAIL_ASSIGN_OR_RETURN(const size_t got,
                               reader->Read(std::span(bytes.data() + size, bytes.size() - size)));
    if (got == 0) break;
    size += got;
    if (size > bytes_max) {
      return Status::Corruption(
          fmt::format("{}: expected at most {} bytes, found more", path, bytes_max));
    }
  }
  bytes.resize(size);
  return bytes;
}

Result<std::unique_ptr<Archive>> OpenArchive(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return Status::NotFound(path + ": there is no such file or directory");
  return fs::is_directory(status) ? OpenDirectory(path) : OpenZip(path);
}

}  // namespace conntrail::verify
