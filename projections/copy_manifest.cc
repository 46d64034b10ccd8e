#include "projections/copy_manifest.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <span>

#include <fmt/format.h>

#include "events/base/bytes.h"
#include "events/base/number.h"
#include "events/base/sha256.h"

namespace conntrail {
namespace {

constexpr std::string_view kFormatWithoutSeal = "conntrail projection copy 1\n";
constexpr std::string_view kFormat = "conntrail projection copy 2\n";
constexpr std::string_view kNone = "none";

std::string HashOf(std::string_view text) {
  const auto hash = Sha256(AsBytes(text));
  return ToHex(std::as_bytes(std::span(hash)));
}

bool IsHash(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsFileName(std::string_view name) {
  const auto is_allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= 255 && name.front() != '.' && name != kCopyManifestName &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

Status Wrong(std::string_view what) {
  return Status::Corruption(fmt::format("{} {}", kCopyManifestName, what));
}

// Takes lines off the front of a text.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  // The rest of the next line if it begins with `word` and a space; else nullopt, and it stays.
  std::optional<std::string_view> Take(std::string_view word) {
    if (!text_.starts_with(word) || text_.substr(word.size(), 1) != " ") return std::nullopt;
    const size_t end = text_.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text_.substr(word.size() + 1, end - word.size() - 1);
    text_.remove_prefix(end + 1);
    return rest;
  }

  template <typename Number>
  std::optional<Number> TakeNumber(std::string_view word) {
    const auto text = Take(word);
    return text ? ParseNumber<Number>(*text) : std::nullopt;
  }

 private:
  std::string_view text_;
};

std::optional<CopyManifest::File> ParseFile(std::string_view line) {
  const size_t first = line.find(' ');
  const size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto size = ParseNumber<uint64_t>(line.substr(0, first));
  const std::string_view hash = line.substr(first + 1, second - first - 1);
  const std::string_view name = line.substr(second + 1);
  if (!size || !IsHash(hash) || !IsFileName(name)) return std::nullopt;
  return CopyManifest::File{std::string(name), *size, std::string(hash)};
}

// Of the rest of its line. nullopt: not understood.
std::optional<CopyManifest::Sealed> ParseSealed(std::string_view text) {
  if (text == kNone) return CopyManifest::Sealed{};
  const size_t space = text.find(' ');
  const auto number = ParseNumber<uint64_t>(text.substr(0, space));
  if (!number || space == std::string_view::npos || !IsHash(text.substr(space + 1))) {
    return std::nullopt;
  }
  return CopyManifest::Sealed{CopyManifest::Seal{*number, std::string(text.substr(space + 1))}};
}

// nullopt: not understood. What was skipped or spelled differently is found by encoding it again.
std::optional<CopyManifest> ParseLines(Lines lines) {
  CopyManifest manifest;
  const auto log_id = Uuid::Parse(lines.Take("log").value_or(""));
  const auto partition = lines.TakeNumber<uint16_t>("partition");
  const auto next = lines.TakeNumber<uint64_t>("next");
  const auto anchor = lines.Take("anchor");
  if (!log_id || !partition || !next || !anchor) return std::nullopt;
  if (*anchor != kNone && !IsHash(*anchor)) return std::nullopt;
  manifest.log_id = *log_id;
  manifest.partition = PartitionId(*partition);
  manifest.next = Offset(*next);
  if (*anchor != kNone) manifest.anchor = *anchor;
  if (const auto seal = lines.Take("seal")) {
    manifest.sealed = ParseSealed(*seal);
    if (!manifest.sealed) return std::nullopt;
  }
  while (const auto line = lines.Take("file")) {
    auto file = ParseFile(*line);
    const bool is_in_order =
        file && (manifest.files.empty() || manifest.files.back().name < file->name);
    if (!is_in_order) return std::nullopt;
    manifest.files.push_back(std::move(*file));
  }
  if (manifest.files.empty()) return std::nullopt;
  const auto records = lines.TakeNumber<uint64_t>("records");
  if (!records) return manifest;
  const auto state = lines.Take("state");
  const auto outcomes = lines.Take("outcomes");
  if (!state || !outcomes || !IsHash(*state) || !IsHash(*outcomes)) return std::nullopt;
  manifest.digests = StateDigests{std::string(*state), std::string(*outcomes), *records};
  return manifest;
}

}  // namespace

const CopyManifest::File* CopyManifest::Find(std::string_view name) const {
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const File& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

uint64_t CopyManifest::bytes() const {
  return std::accumulate(files.begin(), files.end(), uint64_t{0},
                         [](uint64_t sum, const File& file) { return sum + file.size; });
}

std::string EncodeCopyManifest(const CopyManifest& manifest) {
  std::string text(manifest.sealed ? kFormat : kFormatWithoutSeal);
  text += fmt::format("log {}\npartition {}\nnext {}\nanchor {}\n", manifest.log_id.ToString(),
                      manifest.partition.value, manifest.next.value,
                      manifest.anchor.empty() ? kNone : std::string_view(manifest.anchor));
  if (manifest.sealed) {
    const auto& last = manifest.sealed->last;
    text += last ? fmt::format("seal {} {}\n", last->number, last->heads_root) : "seal none\n";
  }
  for (const CopyManifest::File& file : manifest.files) {
    text += fmt::format("file {} {} {}\n", file.size, file.sha256, file.name);
  }
  if (manifest.digests) {
    text += fmt::format("records {}\nstate {}\noutcomes {}\n", manifest.digests->records,
                        manifest.digests->state, manifest.digests->outcomes);
  }
  return text + fmt::format("manifest {}\n", HashOf(text));
}

Result<CopyManifest> ParseCopyManifest(std::string_view text) {
  if (!text.starts_with(kFormat) && !text.starts_with(kFormatWithoutSeal)) {
    return Wrong("does not begin as the manifest of a projection copy that this build knows");
  }
  const size_t last = text.rfind("manifest ");
  if (last == std::string_view::npos ||
      text.substr(last) != fmt::format("manifest {}\n", HashOf(text.substr(0, last)))) {
    return Wrong("is not as it was written: its own hash does not fit");
  }
  const auto manifest = ParseLines(Lines(text.substr(kFormat.size())));
  if (!manifest || EncodeCopyManifest(*manifest) != text) return Wrong("is not understood");
  return *manifest;
}

}  // namespace conntrail
