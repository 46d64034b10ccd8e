#include "tools/evidence/export_sink.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/evidence/output_file.h"

namespace conntrail::evidence {
namespace {

namespace fs = std::filesystem;

// Removes the directory of its own, whatever has become of the export.
class WithDirectory final : public ExportSink {
 public:
  WithDirectory(std::unique_ptr<ExportSink> sink, std::string work)
      : sink_(std::move(sink)), work_(std::move(work)) {}
  ~WithDirectory() override {
    sink_.reset();
    std::error_code ignored;
    fs::remove_all(work_, ignored);
  }
  bool deflates() const override { return sink_->deflates(); }
  Status Put(const std::string& path, const Piece& piece) override {
    return sink_->Put(path, piece);
  }
  Status Append(const std::string& path, const Piece& piece) override {
    return sink_->Append(path, piece);
  }
  Status Finish() override { return sink_->Finish(); }

 private:
  std::unique_ptr<ExportSink> sink_;
  const std::string work_;
};

class DirectorySink final : public ExportSink {
 public:
  DirectorySink(std::string work, std::string path)
      : root_(work + "/export"), path_(std::move(path)) {}

  bool deflates() const override { return false; }

  Status Put(const std::string& path, const Piece& piece) override {
    CONNTRAIL_ASSIGN_OR_RETURN(OutputFile file, NewFile(path));
    return file.Write(piece.stored);
  }

  Status Append(const std::string& path, const Piece& piece) override {
    auto found = open_.find(path);
    if (found == open_.end()) {
      CONNTRAIL_ASSIGN_OR_RETURN(OutputFile file, NewFile(path));
      found = open_.emplace(path, std::move(file)).first;
    }
    return found->second.Write(piece.stored);
  }

  Status Finish() override {
    open_.clear();
    // One sync of the file system, not one for each of thousands of files.
    const int fd = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool is_durable = fd >= 0 && ::syncfs(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!is_durable) return WriteFault(root_);
    return RenameToNew(root_, path_);
  }

 private:
  Result<OutputFile> NewFile(const std::string& path) {
    const std::string full = root_ + "/" + path;
    std::error_code error;
    const fs::path parent = fs::path(full).parent_path();
    if (parent != last_parent_) fs::create_directories(parent, error);
    if (error) return Status::Io(fmt::format("cannot write {}: {}", full, error.message()));
    last_parent_ = parent;
    return OutputFile(full);
  }

  const std::string root_;
  const std::string path_;
  fs::path last_parent_;
  std::map<std::string, OutputFile> open_;
};

}  // namespace

Status WriteFault(const std::string& path) {
  return Status::Io(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
}

Status RenameToNew(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    const std::string parent = fs::absolute(to).parent_path();
    const int fd = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return WriteFault(parent);
    const bool is_durable = ::fsync(fd) == 0;
    ::close(fd);
    return is_durable ? Status::Ok() : WriteFault(parent);
  }
  if (errno != EEXIST && errno != ENOTEMPTY) return WriteFault(to);
  return Status::FailedPrecondition(to + " is there already; choose another name or remove it");
}

std::unique_ptr<ExportSink> MakeDirectorySink(std::string work, std::string path) {
  return std::make_unique<DirectorySink>(std::move(work), std::move(path));
}

Result<std::unique_ptr<ExportSink>> MakeExportSink(const std::string& path) {
  std::string target = path;
  while (target.size() > 1 && target.ends_with('/')) target.pop_back();
  struct stat found;
  if (::lstat(target.c_str(), &found) == 0) {
    return Status::FailedPrecondition(target +
                                      " is there already; choose another name or remove it");
  }
  // Beside it, so that a rename is enough at the end.
  std::string work = target + ".partial-XXXXXX";
  if (::mkdtemp(work.data()) == nullptr) return WriteFault(target);
  const bool is_zip = target.ends_with(".zip");
  std::unique_ptr<ExportSink> sink =
      is_zip ? MakeZipSink(work, target) : MakeDirectorySink(work, target);
  return std::unique_ptr<ExportSink>(
      std::make_unique<WithDirectory>(std::move(sink), std::move(work)));
}

}  // namespace conntrail::evidence
