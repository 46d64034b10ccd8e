#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "events/base/result.h"

namespace conntrail {

struct StoreRow {
  std::string_view key;
  std::string_view value;
  bool is_delete = false;  // there is no such row any more
};

// Rows of one family in ascending order of their keys, each key once.
class RowSource {
 public:
  virtual ~RowSource() = default;

  // Goes to the next row (at first: the first). False at the end.
  virtual Result<bool> Next() = 0;

  // Of the row that Next has reached; valid until the next Next.
  StoreRow row;
};

// All rows of all sources in one order. Of rows with equal keys only the one of the last source
// that has it is kept.
std::unique_ptr<RowSource> MergeRows(std::vector<std::unique_ptr<RowSource>> sources);

}  // namespace conntrail
