#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "events/event_codec.h"
#include "events/event_json.h"
#include "tests/support/sample_events.h"

// Every type of event as it was written when its schema was released, with the JSON of what it
// says. Files are added (CONNTRAIL_WRITE_GOLDEN=1 does that), never changed.
namespace conntrail {
namespace {

const std::filesystem::path kFolder =
    std::filesystem::path(CONNTRAIL_SOURCE_DIR) / "tests" / "golden" / "event.v1";

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path << " is missing";
  return {std::istreambuf_iterator<char>(file), {}};
}

void AddIfMissing(const std::filesystem::path& path, std::string_view content) {
  if (std::filesystem::exists(path)) return;
  std::ofstream(path, std::ios::binary) << content;
}

class GoldenEvents : public testing::TestWithParam<int> {};

TEST_P(GoldenEvents, AreReadAsTheyWereMeant) {
  const auto type = static_cast<EventType>(GetParam());
  const std::filesystem::path stem = kFolder / EventTypeName(type);
  if (std::getenv("CONNTRAIL_WRITE_GOLDEN") != nullptr) {
    const Event event = SampleEvent(type);
    AddIfMissing(stem.string() + ".bin", AsText(EncodeEvent(event)));
    AddIfMissing(stem.string() + ".json", EventToJson(event) + "\n");
  }

  const std::string bytes = Read(stem.string() + ".bin");
  std::string json = Read(stem.string() + ".json");
  ASSERT_TRUE(json.ends_with('\n'));
  json.pop_back();
  const DecodedEvent decoded = DecodeEvent(AsBytes(bytes));
  ASSERT_EQ(decoded.fault, DecodeFault::kNone) << decoded.place;
  EXPECT_EQ(decoded.event.type(), type);
  EXPECT_EQ(EventToJson(decoded.event), json);
  const Result<Event> parsed = EventFromJson(json);
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  EXPECT_EQ(*parsed, decoded.event);
}

INSTANTIATE_TEST_SUITE_P(EveryType, GoldenEvents, testing::Range(1, kEventTypeMax + 1),
                         [](const testing::TestParamInfo<int>& type) {
                           std::string name(EventTypeName(static_cast<EventType>(type.param)));
                           for (char& c : name) c = c == '.' ? '_' : c;
                           return name;
                         });

TEST(GoldenEventsFolder, HoldsNothingElse) {
  const auto count = std::distance(std::filesystem::directory_iterator(kFolder), {});
  EXPECT_EQ(count, 2 * kEventTypeMax);
}

}  // namespace
}  // namespace conntrail
