#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"
#include "events/base/strong_id.h"
#include "events/base/uuid.h"
#include "projections/state_digest.h"

namespace conntrail {

// What a projection copy is, and what each of its files must be:
//
//   manifest := "conntrail projection copy 2" LF
//               "log " uuid LF  "partition " N LF  "next " N LF  "anchor " (sha256 | "none") LF
//               "seal " (N " " hash | "none") LF     the last one before `next`, its heads' root
//               ("file " size " " sha256 " " name LF)+          in ascending order of the names
//               ("records " N LF  "state " sha256 LF  "outcomes " sha256 LF)?
//               "manifest " sha256 LF                           of all bytes before this line
//
// Stored: a change of it is another number in the first line. Hashes are lower-case hexadecimal.
// Number 1 has no line of the seal, and is still read.
struct CopyManifest {
  struct File {
    std::string name;
    uint64_t size = 0;
    std::string sha256;
    bool operator==(const File&) const = default;
  };

  Uuid log_id;
  PartitionId partition;
  Offset next;         // that the copy will apply
  std::string anchor;  // SHA-256 of the record before; "" if there is none
  // nullopt: number 1, which does not say it.
  struct Seal {
    uint64_t number = 0;
    std::string heads_root;
    bool operator==(const Seal&) const = default;
  };
  struct Sealed {
    std::optional<Seal> last;  // nullopt: there was none yet
    bool operator==(const Sealed&) const = default;
  };
  std::optional<Sealed> sealed;
  std::vector<File> files;
  std::optional<StateDigests> digests;

  // Null if there is no such file.
  const File* Find(std::string_view name) const;
  uint64_t bytes() const;  // of all files
};

inline constexpr const char* kCopyManifestName = "copy.manifest";

std::string EncodeCopyManifest(const CopyManifest& manifest);

// kCorruption if one bit is not as EncodeCopyManifest wrote it. No name in it leads out of a
// directory.
Result<CopyManifest> ParseCopyManifest(std::string_view text);

}  // namespace conntrail
