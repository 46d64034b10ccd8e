// What schemas/asyncapi.yaml says in words of its own. tests/e2e/asyncapi looks at its form.

#include <fstream>
#include <regex>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/event.h"
#include "events/log/event_log.h"

namespace conntrail {
namespace {

std::string Document() {
  std::ifstream in(CONNTRAIL_SOURCE_DIR "/schemas/asyncapi.yaml");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(AsyncApi, ListsTheTypesThatThereAre) {
  std::vector<std::string> expected;
  for (uint8_t type = 1; type <= kEventTypeMax; ++type) {
    expected.push_back("conntrail." + std::string(EventTypeName(static_cast<EventType>(type))));
  }
  const std::string text = Document();
  const std::regex item("\n +- (conntrail\\.[a-z_.]+)(?=\n)");
  std::vector<std::string> listed;
  for (std::sregex_iterator it(text.begin(), text.end(), item), end; it != end; ++it) {
    listed.push_back((*it)[1]);
  }
  EXPECT_EQ(listed, expected);
}

TEST(AsyncApi, HasTheLimitsOfTheLog) {
  EXPECT_THAT(Document(),
              testing::HasSubstr("maxLength: " + std::to_string(kRecordBytesMax) + "\n"));
}

}  // namespace
}  // namespace conntrail
