#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"
#include "projections/merkle/checkpoint.h"

namespace conntrail::verify {

inline constexpr uint64_t kManifestVersion = 1;
inline constexpr size_t kManifestBytesMax = size_t{512} << 20;

struct ManifestFile {
  std::string path;
  uint64_t bytes = 0;
  std::array<uint8_t, 32> sha256{};

  bool operator==(const ManifestFile&) const = default;
};

// What an export says of itself: manifest.json, one line of JSON whose last member, sha256, is that
// of all that stands before it.
struct Manifest {
  std::string vkey;    // its name is the origin
  std::string org_id;  // nothing proves these two: the origin names the org
  std::string org_name;
  merkle::Checkpoint checkpoint;
  uint64_t begin = 0;  // records [begin, end) are decoded
  uint64_t end = 0;
  uint64_t ocsf_rows = 0;  // the other decoded files have a row for each record
  // Control totals of the decoded records, by name.
  std::map<std::string, uint64_t> by_outcome;
  std::map<std::string, uint64_t> by_type;
  std::vector<ManifestFile> files;  // all but manifest.json, in order of their paths

  bool operator==(const Manifest&) const = default;
};

std::string FormatManifest(const Manifest& manifest);

// What FormatManifest writes and nothing else. kCorruption names the place.
Result<Manifest> ParseManifest(std::string_view text);

// Relative, of letters, digits and - _ . in names that are neither "." nor "..".
bool IsExportPath(std::string_view path);

}  // namespace conntrail::verify
