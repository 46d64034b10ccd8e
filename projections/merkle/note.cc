#include "projections/merkle/note.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "events/base/base64.h"
#include "events/base/sha256.h"

namespace conntrail::merkle {
namespace {

constexpr char kEd25519 = 0x01;
constexpr size_t kIdBytes = 4;
constexpr std::string_view kSignatureMark = "\xe2\x80\x94 ";  // an em dash and a space

// Whether a note may hold `text`; else the place of the first byte that it may not.
bool IsNoteText(std::string_view text, size_t& at) {
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n';
  });
  at = std::min(Utf8PrefixBytes(text), static_cast<size_t>(control - text.begin()));
  return at == text.size();
}

size_t LineOf(std::string_view bytes, size_t at) {
  return 1 + static_cast<size_t>(std::count(bytes.begin(), bytes.begin() + at, '\n'));
}

Status Fault(std::string_view bytes, size_t at, std::string_view expected, std::string found) {
  return Status::Corruption(fmt::format("line {}, byte {}: expected {}, found {}",
                                        LineOf(bytes, at), at, expected, found));
}

std::string Quoted(std::string_view text) {
  const bool is_long = text.size() > 80;
  std::string shown;
  for (const char c : text.substr(0, 80)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      shown.push_back(c);
    }
  }
  return fmt::format("\"{}{}\"", shown, is_long ? "..." : "");
}

// What Unicode calls a white space (property White_Space), outside of ASCII.
bool HasUnicodeSpace(std::string_view text) {
  static constexpr std::string_view kSpaces[] = {"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80",
                                                 "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf",
                                                 "\xe2\x81\x9f", "\xe3\x80\x80"};
  for (const std::string_view space : kSpaces) {
    if (text.find(space) != std::string_view::npos) return true;
  }
  // U+2000 to U+200A.
  for (size_t at = text.find("\xe2\x80"); at != std::string_view::npos;
       at = text.find("\xe2\x80", at + 1)) {
    if (at + 2 < text.size() && static_cast<unsigned char>(text[at + 2]) >= 0x80 &&
        static_cast<unsigned char>(text[at + 2]) <= 0x8a) {
      return true;
    }
  }
  return false;
}

// Reads "name base64" of a signature line, without the mark and the newline.
bool ParseSignature(std::string_view line, NoteSignature& out) {
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return false;
  out.name = line.substr(0, space);
  const std::optional<std::string> bytes = FromBase64(line.substr(space + 1));
  if (!IsKeyName(out.name) || !bytes || bytes->size() <= kIdBytes) return false;
  out.id = static_cast<uint32_t>(ReadBigEndian(std::string_view(*bytes).substr(0, kIdBytes)));
  out.signature = bytes->substr(kIdBytes);
  return true;
}

}  // namespace

bool IsKeyName(std::string_view name) {
  size_t at = 0;
  return !name.empty() && IsNoteText(name, at) &&
         name.find_first_of(" +\n\x7f") == std::string_view::npos && !HasUnicodeSpace(name);
}

uint32_t VerifierKey::Id() const {
  std::string bytes = name;
  bytes.push_back('\n');
  bytes.push_back(kEd25519);
  bytes.append(public_key.begin(), public_key.end());
  const auto hash = Sha256(AsBytes(bytes));
  return static_cast<uint32_t>(hash[0]) << 24 | static_cast<uint32_t>(hash[1]) << 16 |
         static_cast<uint32_t>(hash[2]) << 8 | static_cast<uint32_t>(hash[3]);
}

std::string VerifierKey::ToString() const {
  CONNTRAIL_CHECK(IsKeyName(name));
  std::string key(1, kEd25519);
  key.append(public_key.begin(), public_key.end());
  return fmt::format("{}+{:08x}+{}", name, Id(), ToBase64(key));
}

Result<VerifierKey> VerifierKey::Parse(std::string_view text) {
  const auto fault = [&](std::string_view what) {
    return Status::InvalidArgument(fmt::format("verifier key {}: {}", Quoted(text), what));
  };
  const size_t name_end = text.find('+');
  const size_t id_end =
      name_end == std::string_view::npos ? name_end : text.find('+', name_end + 1);
  if (id_end == std::string_view::npos) return fault("expected NAME+ID+KEY");
  VerifierKey key;
  key.name = text.substr(0, name_end);
  if (!IsKeyName(key.name)) return fault("its name is empty or has a space");
  const std::optional<std::string> bytes = FromBase64(text.substr(id_end + 1));
  if (!bytes || bytes->size() != 1 + key.public_key.size() || bytes->front() != kEd25519) {
    return fault("expected base64 of 0x01 and the 32 bytes of an Ed25519 key at the end");
  }
  std::memcpy(key.public_key.data(), bytes->data() + 1, key.public_key.size());
  const std::string_view id = text.substr(name_end + 1, id_end - name_end - 1);
  const std::string expected = fmt::format("{:08x}", key.Id());
  if (id != expected) {
    return fault(
        fmt::format("expected key id {} for this name and key, found {}", expected, Quoted(id)));
  }
  return key;
}

Result<Note> ParseNote(std::string_view bytes) {
  if (bytes.size() > kNoteBytesMax) {
    return Fault(bytes.substr(0, kNoteBytesMax), kNoteBytesMax,
                 fmt::format("a note of at most {} bytes", kNoteBytesMax),
                 fmt::format("{} bytes", bytes.size()));
  }
  size_t at = 0;
  if (!IsNoteText(bytes, at)) {
    return Fault(bytes, at, "UTF-8 without control characters", Quoted(bytes.substr(at, 1)));
  }
  const size_t split = bytes.rfind("\n\n");
  if (split == std::string_view::npos) {
    return Fault(bytes, bytes.size(), "an empty line and signatures", "the end");
  }
  Note note;
  note.text = bytes.substr(0, split + 1);
  at = split + 2;
  if (at == bytes.size()) return Fault(bytes, at, "a signature line", "the end");
  while (at < bytes.size()) {
    const size_t end = bytes.find('\n', at);
    const std::string_view line = bytes.substr(at, end - at);
    if (end == std::string_view::npos) {
      return Fault(bytes, bytes.size(), "a newline after the signature line", "the end");
    }
    NoteSignature signature;
    if (!line.starts_with(kSignatureMark) ||
        !ParseSignature(line.substr(kSignatureMark.size()), signature)) {
      return Fault(bytes, at, "a signature line: an em dash, a key name, base64", Quoted(line));
    }
    if (note.signatures.size() == kNoteSignaturesMax) {
      return Fault(bytes, at, fmt::format("at most {} signatures", kNoteSignaturesMax), "more");
    }
    note.signatures.push_back(std::move(signature));
    at = end + 1;
  }
  return note;
}

Result<std::string_view> OpenNote(std::string_view bytes, const VerifierKey& key) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Note note, ParseNote(bytes));
  const uint32_t id = key.Id();
  bool is_signed = false;
  for (const NoteSignature& line : note.signatures) {
    if (line.name != key.name || line.id != id) continue;
    const size_t at = static_cast<size_t>(line.name.data() - bytes.data());
    Ed25519Signature signature;
    if (line.signature.size() != signature.size()) {
      return Fault(bytes, at, fmt::format("a signature of {} bytes", signature.size()),
                   fmt::format("{} bytes", line.signature.size()));
    }
    std::memcpy(signature.data(), line.signature.data(), signature.size());
    if (!VerifyEd25519(key.public_key, AsBytes(note.text), signature)) {
      return Fault(bytes, at, fmt::format("a signature of this text by {}", key.ToString()),
                   "a signature that is not");
    }
    is_signed = true;
  }
  if (is_signed) return note.text;
  std::string found;
  for (const NoteSignature& line : note.signatures) {
    found += fmt::format("{}{}+{:08x}", found.empty() ? "" : ", ", Quoted(line.name), line.id);
  }
  return Fault(bytes, note.text.size() + 1,
               fmt::format("a signature by {}+{:08x}", Quoted(key.name), id), "those by " + found);
}

std::string SignNote(std::string_view text, std::string_view name,
                     std::span<const SigningKey* const> keys) {
  size_t at = 0;
  CONNTRAIL_CHECK(text.ends_with('\n') && IsNoteText(text, at) && IsKeyName(name) && !keys.empty());
  std::string note(text);
  note.push_back('\n');
  for (const SigningKey* const key : keys) {
    std::string bytes;
    AppendBigEndian(bytes, VerifierKey{std::string(name), key->public_key()}.Id(), kIdBytes);
    const Ed25519Signature signature = key->Sign(AsBytes(text));
    bytes.append(signature.begin(), signature.end());
    note += fmt::format("{}{} {}\n", kSignatureMark, name, ToBase64(bytes));
  }
  return note;
}

}  // namespace conntrail::merkle
