#include "services/api/audit/wildcard.h"

#include <algorithm>

namespace conntrail::api {
namespace {

constexpr char kOne = '\xFF';

char Small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// The end of the code point that begins at `at`.
size_t EndOfPoint(std::string_view text, size_t at) {
  ++at;
  while (at < text.size() && IsContinuation(text[at])) ++at;
  return at;
}

// Where `part` ends if it fits `text` from `at` on; npos if it does not.
size_t FitsAt(std::string_view text, size_t at, std::string_view part) {
  for (const char c : part) {
    if (at >= text.size()) return std::string_view::npos;
    if (c == kOne) {
      at = EndOfPoint(text, at);
    } else if (text[at++] != c) {
      return std::string_view::npos;
    }
  }
  return at;
}

// Where `part` ends where it first fits `text` at or after `at`.
size_t FirstFit(std::string_view text, size_t at, std::string_view part) {
  if (part.find(kOne) == std::string_view::npos) {
    const size_t found = text.find(part, at);
    return found == std::string_view::npos ? found : found + part.size();
  }
  for (; at <= text.size(); ++at) {
    if (at < text.size() && IsContinuation(text[at])) continue;
    const size_t end = FitsAt(text, at, part);
    if (end != std::string_view::npos) return end;
  }
  return std::string_view::npos;
}

// Where `part` begins so that it ends with `text`, at or after `at`; npos if it does not.
size_t FitsEnd(std::string_view text, size_t at, std::string_view part) {
  size_t begin = text.size();
  for (size_t i = part.size(); i > 0; --i) {
    if (begin <= at) return std::string_view::npos;
    --begin;
    if (part[i - 1] == kOne) {
      while (begin > at && IsContinuation(text[begin])) --begin;
    } else if (text[begin] != part[i - 1]) {
      return std::string_view::npos;
    }
  }
  return begin;
}

}  // namespace

void Wildcard::AddOne() {
  parts_.back().push_back(kOne);
  has_one_ = true;
}

bool Wildcard::is_all() const {
  return parts_.size() > 1 &&
         std::all_of(parts_.begin(), parts_.end(), [](const auto& part) { return part.empty(); });
}

size_t Wildcard::bytes() const {
  size_t bytes = parts_.size() - 1;
  for (const std::string& part : parts_) bytes += part.size();
  return bytes;
}

bool Wildcard::Matches(std::string_view text) const {
  size_t at = FitsAt(text, 0, parts_.front());
  if (at == std::string_view::npos) return false;
  if (parts_.size() == 1) return at == text.size();
  for (size_t i = 1; i + 1 < parts_.size(); ++i) {
    at = FirstFit(text, at, parts_[i]);
    if (at == std::string_view::npos) return false;
  }
  return FitsEnd(text, at, parts_.back()) != std::string_view::npos;
}

void Wildcard::FoldCase() {
  for (std::string& part : parts_) part = FoldedCase(part);
}

std::string FoldedCase(std::string_view text) {
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(), Small);
  return folded;
}

}  // namespace conntrail::api
