#pragma once

#include <string_view>

#include "events/base/result.h"
#include "services/api/audit/query_ast.h"

namespace conntrail::api {

inline constexpr size_t kQueryBytesMax = 4096;
inline constexpr int kQueryDepthMax = 32;         // parentheses and negations inside each other
inline constexpr size_t kQueryTestsMax = 256;     // conditions
inline constexpr size_t kWildcardBytesMax = 256;  // of a value that has a wildcard

// Reads a search in the syntax of the log search:
//
//   query   := any            (nothing, or "*", is everything)
//   any     := all ("OR" all)*
//   all     := not ("AND"? not)*
//   not     := ("-" | "NOT") not | term
//   term    := "(" any ")" | "CIDR" "(" "@" path ("," range)+ ")" | key ":" value | full text
//   key     := "@" path       of an attribute; values in the case they have
//            | "*"            full text of everything
//            | name           id, message, service, status; else of a tag
//   value   := full text | "(" any, of values ")" | "[" end "TO" end "]" | (">" | ">=" | "<" |
//   "<=") number full text := word, with * and ? as wildcards | '"' characters '"'
//
// A backslash takes the meaning from the character behind it. kInvalidArgument: "column 9: …",
// columns being characters from 1.
Result<QueryNode> ParseQuery(std::string_view text);

}  // namespace conntrail::api
