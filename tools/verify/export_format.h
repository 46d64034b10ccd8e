#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "projections/merkle/leaf.h"

// What an evidence export consists of. A zip file or a directory whose root is a log of C2SP
// tlog-tiles, so that programs of others open it unchanged:
//
//   checkpoint            the signed head that all else is checked against
//   checkpoint.from       of a part of a trail: the last signed head before it, if there is one
//   tile/L/N[.p/W]        all hashes of the tree
//   tile/entries/N[.p/W]  the leaves, of a part of a trail those bundles that it touches
//   decoded/trail.ndjson  the same records to be read by people and programs, one a line
//   decoded/trail.csv     the same, for spreadsheets
//   decoded/ocsf.ndjson   the same, as events of the Open Cybersecurity Schema Framework
//   README.md             how to check all that
//   manifest.json         manifest.h; it is not signed, and whoever checks it needs the key
//
// A line of trail.ndjson begins with what its leaf says (RowPrefix), byte for byte, then
// `,"type":"…"` and what the record means.
namespace conntrail::verify {

inline constexpr std::string_view kCheckpointFile = "checkpoint";
inline constexpr std::string_view kFromCheckpointFile = "checkpoint.from";
inline constexpr std::string_view kManifestFile = "manifest.json";
inline constexpr std::string_view kReadmeFile = "README.md";
inline constexpr std::string_view kNdjsonFile = "decoded/trail.ndjson";
inline constexpr std::string_view kCsvFile = "decoded/trail.csv";
inline constexpr std::string_view kOcsfFile = "decoded/ocsf.ndjson";

// The beginning of a line of trail.ndjson, without the comma after it.
void AppendRowPrefix(std::string& out, uint64_t index, const merkle::LeafHeader& header,
                     std::string_view outcome, std::string_view reason, const merkle::Hash& leaf);

// What stands between that and the name of the type.
inline constexpr std::string_view kRowType = ",\"type\":\"";

// The names of the numbers in a leaf; nullopt: not known to this build.
std::optional<std::string_view> OutcomeName(uint8_t outcome);
std::optional<std::string_view> ReasonName(uint16_t reason);

}  // namespace conntrail::verify
