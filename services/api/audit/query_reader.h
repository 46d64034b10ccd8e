#pragma once

#include <string>
#include <string_view>

#include "events/base/status.h"
#include "services/api/audit/wildcard.h"

namespace conntrail::api {

// Goes through the text of a query, character by character. The first fault is kept; from then on
// the reader stands at the end.
//
// Not thread-safe. The text must outlive it.
class QueryReader {
 public:
  explicit QueryReader(std::string_view text) : text_(text) {}

  const Status& status() const { return status_; }
  bool ok() const { return status_.ok(); }
  size_t at() const { return at_; }
  bool is_end() const { return at_ >= text_.size(); }
  char front() const { return is_end() ? '\0' : text_[at_]; }
  char second() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }

  bool StartsWith(std::string_view text) const { return text_.substr(at_).starts_with(text); }

  void SkipSpaces();
  bool Take(char c);  // that one, if it is in front
  // The word of that spelling, if it stands in front as a word of its own.
  bool TakeWord(std::string_view word);
  bool IsWord(std::string_view word) const;

  // A word up to a space, a parenthesis, a quote or, with `is_key`, a colon. Empty if there is
  // none.
  Wildcard ReadWord(bool is_key);
  // A path of an attribute: without wildcards, up to the same.
  std::string ReadPath();
  // REQUIRES: front() is a quote.
  Wildcard ReadQuoted();
  // Up to a space or one of `ends`, as it stands.
  std::string_view ReadPlain(std::string_view ends);

  void Fail(size_t at, std::string_view what);

 private:
  bool IsWordEnd(bool is_key) const;
  bool TakeEscaped(Wildcard& word);

  std::string_view text_;
  size_t at_ = 0;
  Status status_;
};

}  // namespace conntrail::api
