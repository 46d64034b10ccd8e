#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"
#include "projections/merkle/ed25519.h"

// Signed notes: C2SP signed-note, sections "Format", "Signatures" and "Verifier keys". Of the types
// of signatures only 0x01, Ed25519, is written and verified.
//
//   note := text "\n" line+          text ends in "\n"; valid UTF-8, no control character but "\n"
//   line := "— " key name " " base64(u32 key id, big-endian | signature) "\n"
//
// Faults are kCorruption and name line and byte, what was expected and what was found.
namespace conntrail::merkle {

inline constexpr size_t kNoteBytesMax = 256 * 1024;
inline constexpr size_t kNoteSignaturesMax = 64;

// Not empty, UTF-8, without Unicode spaces, control characters and "+".
bool IsKeyName(std::string_view name);

// Who has signed: a name, and the key that belongs to it.
struct VerifierKey {
  std::string name;
  Ed25519PublicKey public_key{};

  // SHA-256(name | 0x0a | 0x01 | public key), the first four bytes.
  uint32_t Id() const;

  // "NAME+ID in 8 hexadecimal digits+base64(0x01 | public key)". REQUIRES: IsKeyName(name).
  std::string ToString() const;
  // kInvalidArgument: it is not that, or its key id does not belong to name and key.
  static Result<VerifierKey> Parse(std::string_view text);

  bool operator==(const VerifierKey&) const = default;
};

struct NoteSignature {
  std::string_view name;
  uint32_t id = 0;
  std::string signature;
};

// A note that is well-formed; nothing is known of its signatures yet. Points into what was parsed.
struct Note {
  std::string_view text;
  std::vector<NoteSignature> signatures;
};

Result<Note> ParseNote(std::string_view bytes);

// The text, if `key` has signed it. Signatures of other keys are ignored; each one that says to be
// of this key must be right.
Result<std::string_view> OpenNote(std::string_view bytes, const VerifierKey& key);

// `text` as a note with one signature by each of `keys`, all under one name.
// REQUIRES: text ends in a newline and is what a note may hold; IsKeyName(name); keys is not empty.
std::string SignNote(std::string_view text, std::string_view name,
                     std::span<const SigningKey* const> keys);

}  // namespace conntrail::merkle
