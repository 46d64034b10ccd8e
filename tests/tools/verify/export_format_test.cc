#include "tools/verify/export_format.h"

#include <gtest/gtest.h>

#include "projections/fold/outcome.h"

namespace conntrail::verify {
namespace {

// The verifier links nothing of the fold; its names are the fold's all the same.
TEST(ExportFormat, KnowsAllOutcomesAndReasonsOfTheFold) {
  for (int code = 0; code < 256; ++code) {
    const auto verdict = static_cast<Verdict>(code);
    const std::optional<std::string_view> name = OutcomeName(static_cast<uint8_t>(code));
    EXPECT_EQ(name.has_value(), code <= kVerdictMax) << code;
    if (name) {
      EXPECT_EQ(*name, VerdictName(verdict)) << code;
    }
  }
  for (int code = 0; code < 65536; ++code) {
    const std::string_view fold = conntrail::ReasonName(static_cast<Reason>(code));
    const std::optional<std::string_view> name = ReasonName(static_cast<uint16_t>(code));
    EXPECT_EQ(name.value_or("unknown"), fold) << code;
  }
}

TEST(ExportFormat, ARowBeginsWithWhatTheLeafSays) {
  const merkle::LeafHeader header = {
      .outcome = 3, .reason = 23, .rules = 1, .time_ms = 1700000000250, .revision = 4, .slot = 7};
  std::string row;
  AppendRowPrefix(row, 12, header, "denied", "right_required", merkle::EmptyRoot());
  EXPECT_EQ(row,
            "{\"index\":12,\"time\":\"2023-11-14T22:13:20.250Z\",\"time_ms\":1700000000250,"
            "\"outcome\":\"denied\",\"reason\":\"right_required\",\"revision\":4,\"rules\":1,"
            "\"slot\":7,\"leaf_hash\":\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"");
}

}  // namespace
}  // namespace conntrail::verify
