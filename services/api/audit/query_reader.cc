#include "services/api/audit/query_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "services/api/audit/query_language.h"

namespace conntrail::api {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Has a meaning elsewhere in a query, so that it is no part of a word as it stands.
bool IsReserved(char c) { return std::string_view("[]{}<>").find(c) != std::string_view::npos; }

}  // namespace

void QueryReader::SkipSpaces() {
  while (!is_end() && IsSpace(front())) ++at_;
}

bool QueryReader::Take(char c) {
  if (is_end() || front() != c) return false;
  ++at_;
  return true;
}

bool QueryReader::IsWord(std::string_view word) const {
  if (!text_.substr(at_).starts_with(word)) return false;
  const size_t end = at_ + word.size();
  return end == text_.size() || IsSpace(text_[end]) || text_[end] == '(' || text_[end] == ')' ||
         text_[end] == '"';
}

bool QueryReader::TakeWord(std::string_view word) {
  if (!IsWord(word)) return false;
  at_ += word.size();
  return true;
}

bool QueryReader::IsWordEnd(bool is_key) const {
  const char c = front();
  return is_end() || IsSpace(c) || c == '(' || c == ')' || c == '"' || (is_key && c == ':');
}

bool QueryReader::TakeEscaped(Wildcard& word) {
  if (!Take('\\')) return false;
  if (is_end()) {
    Fail(at_ - 1, "expected a character behind the backslash");
    return true;
  }
  word.AddLiteral(text_[at_++]);
  return true;
}

Wildcard QueryReader::ReadWord(bool is_key) {
  Wildcard word;
  const size_t begin = at_;
  bool has_wildcard = false;
  while (!IsWordEnd(is_key)) {
    const char c = front();
    if (TakeEscaped(word)) continue;
    if (IsReserved(c) || ((c == '&' || c == '|') && second() == c)) {
      Fail(at_, fmt::format("\"{}\" must be written \"\\{}\" here, or be in quotes", c, c));
      return {};
    }
    ++at_;
    if (c == '*') word.AddStar();
    if (c == '?') word.AddOne();
    if (c != '*' && c != '?') word.AddLiteral(c);
    has_wildcard = has_wildcard || c == '*' || c == '?';
  }
  if (has_wildcard && word.bytes() > kWildcardBytesMax) {
    Fail(begin, fmt::format("a value with wildcards may have {} bytes", kWildcardBytesMax));
  }
  return word;
}

std::string QueryReader::ReadPath() {
  const size_t begin = at_;
  const Wildcard path = ReadWord(true);
  if (!ok()) return {};
  if (!path.is_literal()) Fail(begin, "the name of an attribute has no wildcards");
  if (path.literal().empty()) Fail(begin, "expected the name of an attribute behind \"@\"");
  return path.literal();
}

Wildcard QueryReader::ReadQuoted() {
  const size_t begin = at_++;
  Wildcard text;
  while (!is_end() && front() != '"') {
    if (!TakeEscaped(text)) text.AddLiteral(text_[at_++]);
  }
  if (ok() && !Take('"')) Fail(begin, "this quote is not closed");
  return text;
}

std::string_view QueryReader::ReadPlain(std::string_view ends) {
  const size_t begin = at_;
  while (!is_end() && !IsSpace(front()) && ends.find(front()) == std::string_view::npos) ++at_;
  return text_.substr(begin, at_ - begin);
}

void QueryReader::Fail(size_t at, std::string_view what) {
  if (!ok()) return;
  const auto column = std::count_if(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(at),
                                    [](char c) { return (c & 0xC0) != 0x80; });
  status_ = Status::InvalidArgument(fmt::format("column {}: {}", column + 1, what));
  at_ = text_.size();
}

}  // namespace conntrail::api
