#include "tools/conntrail/output/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/conntrail/output/captured_sink.h"
#include "tools/conntrail/output/display_text.h"

namespace conntrail {
namespace {

using Lines = std::vector<std::vector<Cell>>;

std::string Write(const Style& style, std::vector<Column> columns, const Lines& rows) {
  CapturedSink captured;
  Table table(captured.sink(), style, std::move(columns), true);
  for (const std::vector<Cell>& row : rows) table.Add(row, {});
  table.Finish();
  return captured.Take();
}

std::vector<std::string> SplitLines(const std::string& text) {
  std::vector<std::string> lines;
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  return lines;
}

TEST(Table, ColumnsAreAlignedByWhatIsShown) {
  EXPECT_EQ(Write({}, {{"name"}, {"uses", true}, {"state"}},
                  {{"漢字", "7", "active"}, {"pager", "1200", "suspended"}}),
            "NAME   USES  STATE\n"
            "漢字      7  active\n"
            "pager  1200  suspended\n");
}

TEST(Table, NoLineEndsInSpaces) {
  EXPECT_EQ(Write({}, {{"name"}, {"reason"}}, {{"a", ""}, {"b", "no"}}),
            "NAME  REASON\na\nb     no\n");
}

TEST(Table, ANameCannotMoveTheCursorOrForgeARow) {
  const std::string text =
      Write({}, {{"name"}, {"state"}}, {{"\x1b[1Apager\nother  active", "suspended"}});
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("\x1b")));
  EXPECT_EQ(SplitLines(text).size(), 2u);
}

TEST(Table, OnlyATerminalCutsAndOnlyWhatMayBeCut) {
  const std::vector<Column> columns = {{"id"}, {"name", false, true}};
  const Lines rows = {{"0123456789012345", std::string(60, 'n')}};
  for (const std::string& line : SplitLines(Write({.width_max = 40}, columns, rows))) {
    EXPECT_LE(DisplayWidth(line), 40u) << line;
  }
  EXPECT_THAT(Write({.width_max = 40}, columns, rows), testing::HasSubstr("0123456789012345  n"));
  EXPECT_THAT(Write({.width_max = 40}, columns, rows), testing::HasSubstr("…"));
  EXPECT_THAT(Write({}, columns, rows), testing::HasSubstr(std::string(60, 'n')));
}

TEST(Table, ColorsDoNotDisturbTheAlignment) {
  const Lines rows = {{Cell("denied", Shade::kBad), "x"}, {"applied", "y"}};
  std::string colored = Write({.colors = true}, {{"outcome"}, {"actor"}}, rows);
  EXPECT_THAT(colored, testing::HasSubstr("\x1b[31mdenied\x1b[0m"));
  for (size_t begin; (begin = colored.find('\x1b')) != std::string::npos;) {
    colored.erase(begin, colored.find('m', begin) - begin + 1);
  }
  EXPECT_EQ(colored, Write({}, {{"outcome"}, {"actor"}}, rows));
}

TEST(Table, RowsBeyondTheMeasuredOnesAreWrittenToo) {
  Lines rows(Table::kRowsMeasuredMax + 3, {"a", "b"});
  rows.back() = {"longer than all before", "b"};
  const auto lines = SplitLines(Write({}, {{"name"}, {"state"}}, rows));
  ASSERT_EQ(lines.size(), rows.size() + 1);
  EXPECT_EQ(lines.back(), "longer than all before  b");
}

TEST(Table, NoRowsAreNoTable) { EXPECT_EQ(Write({}, {{"name"}}, {}), ""); }

}  // namespace
}  // namespace conntrail
