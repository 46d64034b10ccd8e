// Plays every story of tests/scenarios against the fold.

#include "tests/support/scenario.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/support/folding_executor.h"

namespace conntrail {
namespace {

std::vector<std::filesystem::path> Stories() {
  std::vector<std::filesystem::path> stories;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(CONNTRAIL_SOURCE_DIR) / "tests/scenarios")) {
    if (entry.path().extension() == ".scenario") stories.push_back(entry.path());
  }
  std::sort(stories.begin(), stories.end());
  return stories;
}

class Scenario : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Scenario, ComesAsItIsTold) {
  std::ifstream file(GetParam());
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto steps = ParseScenario(text);
  ASSERT_TRUE(steps.ok()) << steps.status().ToString();
  EXPECT_GE(steps->size(), 8) << "a story has some more lines";
  FoldingExecutor executor;
  EXPECT_EQ(PlayScenario(*steps, executor), "");
}

INSTANTIATE_TEST_SUITE_P(Stories, Scenario, testing::ValuesIn(Stories()),
                         [](const auto& story) { return story.param.stem().string(); });

TEST(ScenarioGrammar, WhatItDoesNotUnderstandItRefusesByLine) {
  for (const char* line :
       {"alice", "alice dances pager → applied", "alice creates pager", "alice deletes → applied",
        "alice creates pager @unknown → applied", "alice creates pager @if=x → applied",
        "time passes soon", "alice grants pager owner bob → applied",
        "root mints ci everything → applied", "observed tf edits pager region=eu → applied"}) {
    const auto steps = ParseScenario(std::string("# a story\n\n") + line);
    EXPECT_EQ(steps.status().code(), StatusCode::kInvalidArgument) << line;
    EXPECT_TRUE(steps.status().message().starts_with("line 3: ")) << steps.status().message();
  }
}

TEST(ScenarioGrammar, AWrongExpectationIsTold) {
  const auto steps = ParseScenario("alice creates pager → denied\nbob holds pager → editor");
  ASSERT_TRUE(steps.ok());
  FoldingExecutor executor;
  EXPECT_EQ(PlayScenario(*steps, executor),
            "line 1: alice creates pager → denied\n  but came: applied\n"
            "line 2: bob holds pager → editor\n  but came: viewer\n");
}

}  // namespace
}  // namespace conntrail
