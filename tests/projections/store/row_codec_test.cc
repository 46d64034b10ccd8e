#include "projections/store/row_codec.h"

#include <gtest/gtest.h>

namespace conntrail {
namespace {

TEST(PartitionRow, IsReadAsItWasWritten) {
  PartitionRow row;
  row.state = {.rules = RulesVersion(3),
               .next_slot = OrgSlot(7),
               .seals = 11,
               .last_seal_append_ms = 13,
               .records = 17};
  row.log_id = {19, 23};
  for (const std::optional<Digest>& anchor : {std::optional<Digest>(), {Digest{29, 31}}}) {
    row.anchor = anchor;
    const Result<PartitionRow> read = DecodePartitionRow(EncodePartitionRow(row));
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    EXPECT_EQ(*read, row);
  }
}

}  // namespace
}  // namespace conntrail
