#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "services/api/audit/ip_range.h"
#include "services/api/audit/wildcard.h"

namespace conntrail::api {

// Both ends belong to the range unless they are open; an absent one has no end there.
struct NumberRange {
  std::optional<double> low;
  std::optional<double> high;
  bool low_open = false;
  bool high_open = false;

  bool Holds(double number) const {
    if (low && (low_open ? number <= *low : number < *low)) return false;
    return !high || (high_open ? number < *high : number <= *high);
  }
};

// One condition on a document.
struct QueryTest {
  enum class Where {
    kMessage,     // full text of the message, in either case
    kEverywhere,  // full text of all there is, in either case
    kReserved,    // `key`: "id", "service" or "status"
    kAttribute,   // `key` is a path in the attributes
    kTag,         // `key` is what stands before the colon of a tag
  };
  struct Exists {};

  Where where = Where::kMessage;
  std::string key;
  std::variant<Exists, Wildcard, NumberRange, std::vector<IpRange>> what;
};

struct QueryNode {
  enum class Op { kAll, kAnd, kOr, kNot, kTest };

  Op op = Op::kAll;
  std::vector<QueryNode> parts;  // two or more of kAnd and kOr, one of kNot
  QueryTest test;                // of kTest
};

}  // namespace conntrail::api
