#include "events/log/closed_mark.h"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>

#include "events/log/file.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHead = "conntrail closed log 1";
constexpr std::string_view kMoved = "moved";
constexpr std::string_view kUnfinished = "unfinished";
constexpr const char* kName = "closed";

fs::path PathIn(const std::string& directory) { return fs::path(directory) / kName; }

}  // namespace

Result<std::optional<ClosedMark>> ReadClosedMark(const std::string& directory) {
  const fs::path path = PathIn(directory);
  if (std::error_code error; !fs::exists(path, error)) {
    if (error) return Status::Io(fmt::format("{}: {}", path.string(), error.message()));
    return std::optional<ClosedMark>();
  }
  std::ifstream file(path);
  std::string head, why;
  ClosedMark mark;
  std::getline(file, head);
  std::getline(file, why);
  std::getline(file, mark.place);
  if (head != kHead || (why != kMoved && why != kUnfinished) || mark.place.empty()) {
    return Status::Corruption(path.string() +
                              " does not say why the log is closed; restore it from a backup");
  }
  mark.why = why == kMoved ? ClosedMark::Why::kMoved : ClosedMark::Why::kUnfinished;
  return std::optional(std::move(mark));
}

Status WriteClosedMark(const std::string& directory, const ClosedMark& mark) {
  const std::string text =
      fmt::format("{}\n{}\n{}\n", kHead, mark.why == ClosedMark::Why::kMoved ? kMoved : kUnfinished,
                  mark.place);
  return PublishFile(directory, kName, AsBytes(text), nullptr).status();
}

Status RemoveClosedMark(const std::string& directory) {
  std::error_code error;
  if (!fs::remove(PathIn(directory), error)) {
    if (!error) return Status::Ok();
    return Status::Io(
        fmt::format("{}: cannot remove: {}", PathIn(directory).string(), error.message()));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const File parent, File::Open(directory, O_RDONLY | O_DIRECTORY));
  return parent.Sync();
}

Status RefusalOf(const std::string& directory, const ClosedMark& mark) {
  if (mark.why == ClosedMark::Why::kUnfinished) {
    return Status::FailedPrecondition(
        fmt::format("the log in {} is an unfinished copy of {}; the conntrail log copy that made "
                    "it, run again, finishes it",
                    directory, mark.place));
  }
  return Status::FailedPrecondition(fmt::format(
      "the log in {0} is closed: it moved to {1} and goes on there; use it there ({2} {1}), or "
      "bring it back with conntrail log copy. Only if nothing was ever written there, remove "
      "{0}/{3} to go on here",
      directory, mark.place, mark.place.starts_with("kafka:") ? "--log" : "--data", kName));
}

}  // namespace conntrail
