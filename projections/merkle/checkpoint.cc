#include "projections/merkle/checkpoint.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "events/base/base64.h"
#include "events/base/number.h"

namespace conntrail::merkle {
namespace {

constexpr size_t kLines = 3;

Status Fault(size_t line, std::string_view expected, std::string_view found) {
  return Status::Corruption(fmt::format("checkpoint, line {}: expected {}, found \"{}\"", line,
                                        expected, found.substr(0, 80)));
}

}  // namespace

std::string HashText(const Hash& hash) { return ToBase64(AsText(std::as_bytes(std::span(hash)))); }

std::optional<Hash> ParseHashText(std::string_view text) {
  const std::optional<std::string> bytes = FromBase64(text);
  Hash hash;
  if (!bytes || bytes->size() != hash.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

std::optional<uint64_t> ParseTreeNumber(std::string_view text) {
  const std::optional<uint64_t> number = ParseNumber<uint64_t>(text);
  if (!number || *number > kTreeSizeMax || (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  return number;
}

std::string CheckpointText(const Checkpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, HashText(checkpoint.root));
}

Result<Checkpoint> ParseCheckpointText(std::string_view text) {
  std::array<std::string_view, kLines> lines;
  for (size_t i = 0; i < kLines; ++i) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return Fault(i + 1, "a line that ends", text);
    lines[i] = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  if (!text.empty()) return Fault(kLines + 1, "the end: no extension lines", text);

  Checkpoint checkpoint;
  checkpoint.origin = lines[0];
  if (!IsKeyName(checkpoint.origin)) return Fault(1, "an origin without spaces", lines[0]);
  const std::optional<uint64_t> size = ParseTreeNumber(lines[1]);
  if (!size) return Fault(2, "a tree size, decimal without zeros in front", lines[1]);
  checkpoint.size = *size;
  const std::optional<Hash> root = ParseHashText(lines[2]);
  if (!root) return Fault(3, "a root hash, base64 of 32 bytes", lines[2]);
  checkpoint.root = *root;
  if (*size == 0 && *root != EmptyRoot()) {
    return Fault(3, "the root of the tree without leaves, " + HashText(EmptyRoot()), lines[2]);
  }
  return checkpoint;
}

std::string SignCheckpoint(const Checkpoint& checkpoint, std::span<const SigningKey* const> keys) {
  return SignNote(CheckpointText(checkpoint), checkpoint.origin, keys);
}

Result<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& key) {
  // The origin first: "of another log" says more than "not signed by this key".
  CONNTRAIL_ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  CONNTRAIL_ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpointText(parsed.text));
  if (checkpoint.origin != key.name) {
    return Fault(1, "origin \"" + key.name + "\"", checkpoint.origin);
  }
  CONNTRAIL_ASSIGN_OR_RETURN([[maybe_unused]] const std::string_view text, OpenNote(note, key));
  return checkpoint;
}

}  // namespace conntrail::merkle
