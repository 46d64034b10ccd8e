#include "projections/replay/replay_place.h"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "events/log/file.h"
#include "projections/fold/fold.h"
#include "projections/store/row_codec.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "replay";

// What was begun there is something else: the first line that says so.
Status Refusal(const fs::path& file, const std::string& expected, const std::string& found) {
  std::istringstream ours(expected), theirs(found);
  std::string our_line, their_line;
  size_t number = 0;
  do {
    ++number;
    our_line.clear();
    their_line.clear();
    std::getline(ours, our_line);
    std::getline(theirs, their_line);
  } while (our_line == their_line && (ours || theirs));
  return Status::FailedPrecondition(
      fmt::format("{} was begun otherwise: line {} must be \"{}\" and is \"{}\"; take another "
                  "directory, or remove this one to begin anew",
                  file.string(), number, our_line, their_line.substr(0, 200)));
}

}  // namespace

Status TakeReplayPlace(const fs::path& directory, const Uuid& log_id, const std::string& build) {
  const std::string expected =
      fmt::format("conntrail replay 1\nlog {}\nbuild {}\nrules {}\nlayout {}\n", log_id.ToString(),
                  build, kRulesVersionMax.value, kProjectionLayout);
  std::error_code error;
  const fs::path file = directory / kName;
  if (fs::exists(file, error)) {
    std::ifstream in(file, std::ios::binary);
    const std::string found{std::istreambuf_iterator<char>(in), {}};
    return found == expected ? Status::Ok() : Refusal(file, expected, found);
  }
  fs::create_directories(directory, error);
  if (error) {
    return Status::Io(fmt::format("cannot make {}: {}", directory.string(), error.message()));
  }
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().filename() == std::string(kName) + kUnpublishedSuffix) continue;
    return Status::FailedPrecondition(directory.string() +
                                      " is not empty, and no replay was begun there; take another");
  }
  fs::permissions(directory, fs::perms::owner_all, error);
  return PublishFile(directory.string(), kName, AsBytes(expected), nullptr).status();
}

}  // namespace conntrail
