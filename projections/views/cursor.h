#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "events/base/result.h"
#include "projections/fold/entity.h"

namespace conntrail {

// Where a page ended, as opaque text that a client hands back. Bound to its query by a mark, so
// that it is refused with any other.
//
//   cursor := base64url( u8 1 | u32 query mark | place | u16 n | n bytes rest )
struct Cursor {
  Place place;
  std::string rest;  // what else the query needs to go on

  bool operator==(const Cursor&) const = default;
};

// A mark of everything in a query that must stay the same from page to page.
uint32_t QueryMark(std::string_view canonical_query);

std::string EncodeCursor(const Cursor& cursor, uint32_t query_mark);

// kInvalidArgument: not a cursor, or one of another query.
Result<Cursor> DecodeCursor(std::string_view text, uint32_t query_mark);

}  // namespace conntrail
