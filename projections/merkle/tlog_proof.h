#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"
#include "projections/merkle/checkpoint.h"

// That a log has an entry, in one text that needs nothing else but the log's verifier key: C2SP
// tlog-proof, sections "Format" and "Verifying a tlog proof".
//
//   proof := "c2sp.org/tlog-proof@v1\n"
//            ( "extra " base64 "\n" )?                    nobody has signed it
//            "index " decimal "\n"
//            ( base64(hash) "\n" )*                       from the leaf's sibling up
//            "\n"
//            checkpoint                                   a signed note
namespace conntrail::merkle {

inline constexpr size_t kProofHashesMax = 63;
inline constexpr size_t kProofExtraBytesMax = 64 * 1024;
inline constexpr size_t kTlogProofBytesMax = kNoteBytesMax + 2 * kProofExtraBytesMax;

struct TlogProof {
  std::string extra;  // empty: the line is left out
  uint64_t index = 0;
  std::vector<Hash> path;
  std::string checkpoint;  // as it was signed

  bool operator==(const TlogProof&) const = default;
};

std::string FormatTlogProof(const TlogProof& proof);

// What FormatTlogProof writes and nothing else; the checkpoint is a well-formed note. Faults are
// kCorruption with line, expected and found.
Result<TlogProof> ParseTlogProof(std::string_view text);

// The checkpoint, if `key` has signed it, it is of the log that `key` is named after, and its tree
// has the leaf with that hash at the proof's index. kCorruption says what is not so.
Result<Checkpoint> VerifyTlogProof(const TlogProof& proof, const Hash& leaf,
                                   const VerifierKey& key);

}  // namespace conntrail::merkle
