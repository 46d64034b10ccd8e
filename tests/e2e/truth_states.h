#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "projections/views/org_view.h"

// The truth of real history: what was true at sampled transactions, computed from the source's own
// files by other code. Its folder's README describes it; it is not part of this project.
namespace conntrail {

struct TruthState {
  std::string name;
  TextList scopes;
  TextList resolvers;
  bool suspended = false;
  bool operator==(const TruthState&) const = default;
};
using TruthStates = std::map<std::string, TruthState>;  // by id of the connection

// What is true right after the event with number `sequence`.
struct TruthSample {
  uint64_t sequence = 0;
  uint64_t connections = 0;  // that are live
  std::string digest;
  UnixMs recorded_at_ms = 0;
  std::optional<TruthStates> states;
};

// Where the real files are: CONNTRAIL_DATA_DIR, else beside the sources.
std::filesystem::path TruthFolder();

// The lines of a gzipped file, of any length.
std::vector<std::string> LinesOf(const std::filesystem::path& path);

// Fails the running test if the file is not as it should be.
std::vector<TruthSample> ReadTruth(const std::filesystem::path& file);

// The live connections of `org` as of `place`.
TruthStates StatesAt(const OrgView& org, const Place& place);

std::string DigestOf(const TruthStates& states);

// The fields in which two states of a moment differ, one a line.
std::vector<std::string> Differences(const TruthStates& truth, const TruthStates& ours);

}  // namespace conntrail
