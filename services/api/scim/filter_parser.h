#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/api/scim/filter.h"

namespace conntrail::api::scim {

// Reads a filter or a path from left to right. After the first fault everything else is empty.
class FilterParser {
 public:
  explicit FilterParser(std::string_view text) : text_(text) {}

  // The whole text.
  Parsed<Filter> ReadFilter();
  Parsed<PatchPath> ReadPath();

 private:
  using Op = Filter::Op;

  size_t Or(int depth);
  size_t And(int depth);
  size_t One(int depth);
  size_t Grouped(int depth, char end);
  size_t Elements(AttributePath path, int depth);
  size_t Comparison(AttributePath path);
  size_t Push(Filter::Term term);

  AttributePath Attribute();
  std::string Sub();
  std::optional<Op> Operator(std::string_view word) const;
  JsonValue Literal();
  std::string_view Word();

  void SkipSpaces();
  bool Take(char c);
  bool TakeKeyword(std::string_view keyword);
  bool failed() const { return failed_; }
  void Fail(std::string_view what);
  Fault FaultOf(std::string_view type) const;

  std::string_view text_;
  size_t at_ = 0;
  bool failed_ = false;
  std::string detail_;
  Filter filter_;
};

}  // namespace conntrail::api::scim
