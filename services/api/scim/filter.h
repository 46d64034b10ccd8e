#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/api/fault.h"
#include "services/api/scim/document.h"

namespace conntrail::api::scim {

// "urn:…:enterprise:2.0:User:manager.value": schema, name, sub. The schemas of User and Group
// themselves are left out.
struct AttributePath {
  std::string schema;
  std::string name;
  std::string sub;  // "" if there is none
  bool operator==(const AttributePath&) const = default;
};

// What a resource must be like (RFC 7644 section 3.4.2.2): `userName eq "a" and not (active eq
// false)`, `emails[type eq "work" and value co "@acme"]`.
//
// Texts are compared without regard to the case of ASCII letters, but for `id` and `externalId`; of
// `meta`, times are compared as times. An attribute with several values fits if one of them does;
// where it has sub-attributes and none is named, its `value` counts.
class Filter {
 public:
  static constexpr size_t kTextBytesMax = 4096;
  static constexpr size_t kTermsMax = 128;
  static constexpr int kDepthMax = 16;  // of parentheses and brackets

  // A fault is 400 invalidFilter and tells the place.
  static Parsed<Filter> Parse(std::string_view text);

  bool Matches(const JsonValue& resource) const;

  // Name (in lower case) and value, if the filter is `name eq "value"` and no more: then an index
  // may answer.
  std::optional<std::pair<std::string, std::string>> OnlyEquality() const;

  // What something that matches must have, if the filter is nothing but `name eq value and …`.
  std::optional<std::vector<std::pair<std::string, JsonValue>>> Equalities() const;

 private:
  friend class FilterParser;
  enum class Op : uint8_t {
    kAnd,
    kOr,
    kNot,
    kAny,  // an element of `path` meets `left`
    kPresent,
    kEqual,
    kNotEqual,
    kContains,
    kStartsWith,
    kEndsWith,
    kGreater,
    kGreaterOrEqual,
    kLess,
    kLessOrEqual,
  };
  struct Term {
    Op op = Op::kAnd;
    AttributePath path;
    JsonValue literal;
    size_t left = 0;  // terms of `terms_`, always before this one
    size_t right = 0;
  };

  bool Meets(const Term& term, const JsonValue& resource) const;
  bool Compares(const Term& term, const JsonValue& value) const;
  bool AddEqualities(const Term& term,
                     std::vector<std::pair<std::string, JsonValue>>& equalities) const;

  std::vector<Term> terms_;  // the last one is the whole
};

// Where a PATCH operation changes something (RFC 7644 section 3.5.2): `name.familyName`,
// `members[value eq "…"]`, `emails[type eq "work"].value`.
struct PatchPath {
  AttributePath attribute;
  std::optional<Filter> filter;
  std::string sub;  // after the filter

  // A fault is 400 invalidPath.
  static Parsed<PatchPath> Parse(std::string_view text);
};

}  // namespace conntrail::api::scim
