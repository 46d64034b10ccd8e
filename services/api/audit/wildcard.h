#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace conntrail::api {

// A text with wildcards: "*" stands for any characters, "?" for exactly one (a code point).
//
// Matching takes at most as many steps as text and pattern have bytes multiplied, for any pattern:
// each part between two stars is taken where it first fits, and never reconsidered.
class Wildcard {
 public:
  // An empty pattern, which only the empty text matches.
  Wildcard() : parts_(1) {}

  void AddLiteral(char byte) { parts_.back().push_back(byte); }
  void AddStar() { parts_.emplace_back(); }
  void AddOne();

  // No wildcard in it: then literal() is the text.
  bool is_literal() const { return parts_.size() == 1 && !has_one_; }
  const std::string& literal() const { return parts_.front(); }
  // Nothing but stars: matches everything.
  bool is_all() const;
  size_t bytes() const;

  // True if all of `text` (well-formed UTF-8) matches.
  bool Matches(std::string_view text) const;

  // Makes ASCII letters of the pattern small.
  void FoldCase();

 private:
  std::vector<std::string> parts_;  // between the stars; '\xFF', in no UTF-8, is a "?"
  bool has_one_ = false;
};

// ASCII letters in small.
std::string FoldedCase(std::string_view text);

}  // namespace conntrail::api
