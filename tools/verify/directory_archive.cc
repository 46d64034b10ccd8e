#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "tools/verify/archive.h"

namespace conntrail::verify {
namespace {

namespace fs = std::filesystem;

Status IoFault(const std::string& path) {
  return Status::Io(fmt::format("{}: {}", path, std::strerror(errno)));
}

class FileReader final : public Archive::Reader {
 public:
  FileReader(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  ~FileReader() override { ::close(fd_); }

  Result<size_t> Read(std::span<char> into) override {
    while (true) {
      const ssize_t got = ::read(fd_, into.data(), into.size());
      if (got >= 0) return static_cast<size_t>(got);
      if (errno != EINTR) return IoFault(path_);
    }
  }

 private:
  const std::string path_;
  const int fd_;
};

class DirectoryArchive final : public Archive {
 public:
  explicit DirectoryArchive(std::string root) : root_(std::move(root)) {}

  Status List() {
    std::vector<File> files;
    std::error_code error;
    fs::recursive_directory_iterator at(root_, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
      const fs::file_status status = at->symlink_status(error);
      if (error) break;
      if (fs::is_directory(status)) continue;
      const std::string path = at->path().lexically_relative(root_).generic_string();
      if (!fs::is_regular_file(status)) {
        return Status::Corruption(path + ": expected a file, found something else");
      }
      files.push_back({path, at->file_size(error)});
      if (error) break;
    }
    if (error) return Status::Io(fmt::format("{}: {}", root_, error.message()));
    return Take(std::move(files));
  }

  Result<std::unique_ptr<Reader>> Open(const std::string& path) override {
    if (!Has(path)) return Status::Corruption(path + ": expected this file, found none");
    const int fd = ::open((root_ + "/" + path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return IoFault(path);
    return std::unique_ptr<Reader>(std::make_unique<FileReader>(path, fd));
  }

 private:
  const std::string root_;
};

}  // namespace

Result<std::unique_ptr<Archive>> OpenDirectory(const std::string& path) {
  auto archive = std::make_unique<DirectoryArchive>(path);
  CONNTRAIL_RETURN_IF_ERROR(archive->List());
  return std::unique_ptr<Archive>(std::move(archive));
}

}  // namespace conntrail::verify
