#include "projections/store/row_codec.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "projections/entity_json.h"
#include "tests/support/entity_generators.h"

namespace conntrail {
namespace {

PartitionRow SamplePartitionRow() {
  PartitionRow row;
  row.state = {.rules = RulesVersion(3),
               .next_slot = OrgSlot(7),
               .seals = 11,
               .last_seal_append_ms = 13,
               .records = 17};
  row.log_id = {19, 23};
  row.anchor = Digest{29, 31};
  return row;
}

TEST(PartitionRow, IsReadAsItWasWritten) {
  PartitionRow row = SamplePartitionRow();
  for (const std::optional<Digest>& anchor : {std::optional<Digest>(), {Digest{29, 31}}}) {
    row.anchor = anchor;
    const Result<PartitionRow> read = DecodePartitionRow(EncodePartitionRow(row));
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    EXPECT_EQ(*read, row);
  }
}

TEST(Rows, EntitiesAreReadAsTheyWereWritten) {
  EXPECT_TRUE(rc::check([] {
    const Entity entity = *AnyEntity();
    const std::string bytes = EncodeEntity(entity);
    const Result<Entity> read = DecodeEntity(bytes);
    RC_LOG() << EntityToJson(entity) << "\n" << read.status().ToString();
    RC_ASSERT(read.ok());
    RC_ASSERT(*read == entity);
    RC_ASSERT(EncodeEntity(*read) == bytes);
    RC_ASSERT(EntityToJson(*read) == EntityToJson(entity));
  }));
}

TEST(Rows, OrgsAndBlocksAreReadAsTheyWereWritten) {
  EXPECT_TRUE(rc::check([] {
    const OrgState org = *AnyOrgState();
    const Result<OrgState> read = DecodeOrgState(EncodeOrgState(org));
    RC_ASSERT(read.ok());
    RC_ASSERT(*read == org);
    const Result<TrailBlock> block = DecodeTrailBlock(EncodeTrailBlock(org.open_block));
    RC_ASSERT(block.ok());
    RC_ASSERT(*block == org.open_block);
  }));
}

// A row of each kind by its name.
std::vector<std::pair<std::string, std::string>> SampleRows() {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Entity& entity : SampleEntities()) {
    rows.emplace_back(EntityKindName(KindOf(entity)), EncodeEntity(entity));
  }
  rows.emplace_back("org", EncodeOrgState(SampleOrgState()));
  rows.emplace_back("block", EncodeTrailBlock(SampleOrgState().open_block));
  rows.emplace_back("partition", EncodePartitionRow(SamplePartitionRow()));
  return rows;
}

// Every kind of row as it was written when its schema was released. Files are added
// (CONNTRAIL_WRITE_GOLDEN=1 does that), never changed.
TEST(Rows, AreWrittenAndReadAsInTheReleasedLayout) {
  const auto folder = std::filesystem::path(CONNTRAIL_SOURCE_DIR) / "tests" / "golden" / "row.v1";
  std::vector<std::string> golden;
  for (const auto& [name, bytes] : SampleRows()) {
    const auto path = folder / (name + ".bin");
    if (std::getenv("CONNTRAIL_WRITE_GOLDEN") != nullptr && !std::filesystem::exists(path)) {
      std::ofstream(path, std::ios::binary) << bytes;
    }
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file) << path << " is missing";
    golden.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    if (name == "partition") continue;
    EXPECT_EQ(bytes, golden.back()) << name;
  }
  const std::vector<Entity> entities = SampleEntities();
  for (size_t i = 0; i < entities.size(); ++i) {
    const Result<Entity> read = DecodeEntity(golden[i]);
    ASSERT_TRUE(read.ok()) << i << " " << read.status().ToString();
    EXPECT_EQ(*read, entities[i]) << i;
  }
  EXPECT_EQ(DecodeOrgState(golden.at(8)).value(), SampleOrgState());
  EXPECT_EQ(DecodeTrailBlock(golden.at(9)).value(), SampleOrgState().open_block);
  // Its rows can be read, but a store of layout 1 lacks names of accounts and all evidence.
  EXPECT_EQ(DecodePartitionRow(golden.at(10)).status().message(),
            "it has layout 1, this build's is 3");
}

// Reads `bytes`, in memory of exactly their size, as each kind of row.
void ReadAsEverything(std::string_view bytes) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  const std::string_view value(exact.data(), exact.size());
  const auto expect_told = [](const Status& status) {
    EXPECT_TRUE(status.ok() || status.code() == StatusCode::kCorruption) << status.ToString();
  };
  const Result<Entity> entity = DecodeEntity(value);
  expect_told(entity.status());
  // Whatever was read can be written again.
  if (entity.ok()) {
    EXPECT_FALSE(EntityToJson(*entity).empty());
    const Result<Entity> again = DecodeEntity(EncodeEntity(*entity));
    ASSERT_TRUE(again.ok()) << EntityToJson(*entity) << again.status().ToString();
    EXPECT_EQ(*again, *entity);
  }
  expect_told(DecodeOrgState(value).status());
  expect_told(DecodeTrailBlock(value).status());
  expect_told(DecodePartitionRow(value).status());
}

TEST(Rows, ACutRowIsCorruptionOrAnotherValue) {
  for (const auto& [name, bytes] : SampleRows()) {
    for (size_t size = 0; size < bytes.size(); ++size) {
      ReadAsEverything(std::string_view(bytes).substr(0, size));
    }
  }
  EXPECT_EQ(DecodeEntity("").status().code(), StatusCode::kCorruption);
}

TEST(Rows, AChangedByteIsCorruptionOrAnotherValue) {
  std::mt19937 random(1);
  for (const auto& [name, bytes] : SampleRows()) {
    for (size_t at = 0; at < bytes.size(); ++at) {
      std::string changed = bytes;
      for (const int by : {0x01, 0x80, 0xFF, static_cast<int>(1 + random() % 255)}) {
        changed[at] = static_cast<char>(bytes[at] ^ by);
        ReadAsEverything(changed);
      }
    }
  }
}

TEST(Rows, OneKindIsNotReadAsAnother) {
  const auto rows = SampleRows();
  for (const auto& [name, bytes] : rows) {
    const bool is_entity = name != "org" && name != "block" && name != "partition";
    EXPECT_EQ(DecodeEntity(bytes).ok(), is_entity) << name;
    EXPECT_EQ(DecodeOrgState(bytes).ok(), name == "org") << name;
    EXPECT_EQ(DecodeTrailBlock(bytes).ok(), name == "block") << name;
    EXPECT_EQ(DecodePartitionRow(bytes).ok(), name == "partition") << name;
  }
}

}  // namespace
}  // namespace conntrail
