#include "tools/conntrail/verbs/change_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conntrail {
namespace {

std::vector<std::string> Texts(const std::vector<FieldChange>& changes) {
  std::vector<std::string> texts;
  for (const Cell& cell : DescribeChanges(changes)) texts.push_back(cell.text);
  return texts;
}

TEST(ChangeText, AListShowsWhatCameAndWhatWent) {
  EXPECT_THAT(
      Texts({{"grants", TextList{"editor a", "viewer b"}, TextList{"editor a", "viewer c"}}}),
      testing::ElementsAre("- grants: viewer b", "+ grants: viewer c"));
}

TEST(ChangeText, AListThatAppearsOrEndsIsToldItemByItem) {
  EXPECT_THAT(Texts({{"tags", {}, TextList{"a", "b"}}}),
              testing::ElementsAre("+ tags: a", "+ tags: b"));
  EXPECT_THAT(Texts({{"tags", TextList{"a"}, {}}}), testing::ElementsAre("- tags: a"));
}

TEST(ChangeText, AValueShowsBothSides) {
  EXPECT_THAT(Texts({{"name", std::string("pager"), std::string("duty")},
                     {"suspended", {}, true},
                     {"version", int64_t{1}, {}}}),
              testing::ElementsAre("~ name: pager → duty", "+ suspended: true", "- version: 1"));
}

TEST(ChangeText, ATextThatBecomesAListShowsBothSides) {
  EXPECT_THAT(Texts({{"tags", std::string("a"), TextList{"a", "b"}}}),
              testing::ElementsAre("~ tags: a → a, b"));
}

}  // namespace
}  // namespace conntrail
