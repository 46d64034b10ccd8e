#include "projections/merkle/tlog_proof.h"

#include <fmt/format.h>

#include "events/base/base64.h"
#include "projections/merkle/proof.h"

namespace conntrail::merkle {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

// Takes lines from the front.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  // False: there is no further newline.
  bool Next(std::string_view& line) {
    const size_t end = rest_.find('\n');
    ++number_;
    if (end == std::string_view::npos) return false;
    line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }
  Status Fault(std::string_view expected, std::string_view found) const {
    return Status::Corruption(fmt::format("tlog-proof, line {}: expected {}, found \"{}\"", number_,
                                          expected, found.substr(0, 80)));
  }
  Status End(std::string_view expected) const { return Fault(expected, rest_); }
  std::string_view rest() const { return rest_; }
  size_t number() const { return number_; }

 private:
  std::string_view rest_;
  size_t number_ = 0;
};

Status ReadExtra(const Lines& lines, std::string_view line, std::string& extra) {
  std::optional<std::string> bytes = FromBase64(line.substr(kExtra.size()));
  if (!bytes || bytes->empty() || bytes->size() > kProofExtraBytesMax) {
    return lines.Fault("\"extra \" and base64", line);
  }
  extra = *std::move(bytes);
  return Status::Ok();
}

}  // namespace

std::string FormatTlogProof(const TlogProof& proof) {
  std::string text = fmt::format("{}\n", kFirstLine);
  if (!proof.extra.empty()) text += fmt::format("{}{}\n", kExtra, ToBase64(proof.extra));
  text += fmt::format("{}{}\n", kIndex, proof.index);
  for (const Hash& hash : proof.path) text += HashText(hash) + "\n";
  return text + "\n" + proof.checkpoint;
}

Result<TlogProof> ParseTlogProof(std::string_view text) {
  if (text.size() > kTlogProofBytesMax) {
    return Status::Corruption(fmt::format("tlog-proof: expected at most {} bytes, found {}",
                                          kTlogProofBytesMax, text.size()));
  }
  Lines lines(text);
  std::string_view line;
  TlogProof proof;
  if (!lines.Next(line)) return lines.End("a line");
  if (line != kFirstLine) return lines.Fault(fmt::format("\"{}\"", kFirstLine), line);
  if (!lines.Next(line)) return lines.End("\"index \" and a number");
  if (line.starts_with(kExtra)) {
    CONNTRAIL_RETURN_IF_ERROR(ReadExtra(lines, line, proof.extra));
    if (!lines.Next(line)) return lines.End("\"index \" and a number");
  }
  const std::optional<uint64_t> index =
      line.starts_with(kIndex) ? ParseTreeNumber(line.substr(kIndex.size())) : std::nullopt;
  if (!index) return lines.Fault("\"index \" and a number without zeros in front", line);
  proof.index = *index;
  while (true) {
    if (!lines.Next(line)) return lines.End("a hash or an empty line");
    if (line.empty()) break;
    const std::optional<Hash> hash = ParseHashText(line);
    if (!hash) return lines.Fault("a hash, base64 of 32 bytes", line);
    if (proof.path.size() == kProofHashesMax) {
      return lines.Fault(fmt::format("at most {} hashes", kProofHashesMax), line);
    }
    proof.path.push_back(*hash);
  }
  proof.checkpoint = lines.rest();
  const Result<Note> note = ParseNote(proof.checkpoint);
  if (!note.ok()) {
    return Status::Corruption(fmt::format("tlog-proof, checkpoint after line {}: {}",
                                          lines.number(), note.status().message()));
  }
  return proof;
}

Result<Checkpoint> VerifyTlogProof(const TlogProof& proof, const Hash& leaf,
                                   const VerifierKey& key) {
  CONNTRAIL_ASSIGN_OR_RETURN(Checkpoint checkpoint, OpenCheckpoint(proof.checkpoint, key));
  if (proof.index >= checkpoint.size) {
    return Status::Corruption(
        fmt::format("tlog-proof, index: expected less than the tree's size "
                    "{}, found {}",
                    checkpoint.size, proof.index));
  }
  if (!VerifyInclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root)) {
    return Status::Corruption(
        fmt::format("tlog-proof, path: expected hashes that lead from the leaf {} at index {} to "
                    "the root {} of "
                    "size {}, found {} hashes that do not",
                    HashText(leaf), proof.index, HashText(checkpoint.root), checkpoint.size,
                    proof.path.size()));
  }
  return checkpoint;
}

}  // namespace conntrail::merkle
