#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "events/base/result.h"
#include "projections/merkle/hasher.h"
#include "projections/merkle/note.h"

// Signed tree heads: C2SP tlog-checkpoint, sections "Note text" and "Signatures". Ours have three
// lines and no extension lines, and their key's name is their origin.
//
//   text := origin "\n" decimal size "\n" base64(root) "\n"
namespace conntrail::merkle {

// What others can count to as well.
inline constexpr uint64_t kTreeSizeMax = INT64_MAX;

struct Checkpoint {
  std::string origin;  // which log; IsKeyName
  uint64_t size = 0;   // leaves
  Hash root{};

  bool operator==(const Checkpoint&) const = default;
};

std::string CheckpointText(const Checkpoint& checkpoint);

// What CheckpointText writes and nothing else; faults are kCorruption with line, expected and
// found.
Result<Checkpoint> ParseCheckpointText(std::string_view text);

// The note that `keys` sign under the origin's name. REQUIRES: as SignNote.
std::string SignCheckpoint(const Checkpoint& checkpoint, std::span<const SigningKey* const> keys);

// The checkpoint in `note`, if `key` has signed it and it is of the log that `key` is named after.
// kCorruption: it is not, or it is no checkpoint as we write them.
Result<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& key);

// Base 64.
std::string HashText(const Hash& hash);
std::optional<Hash> ParseHashText(std::string_view text);

// Decimal without zeros in front, at most kTreeSizeMax; nullopt for anything else.
std::optional<uint64_t> ParseTreeNumber(std::string_view text);

}  // namespace conntrail::merkle
