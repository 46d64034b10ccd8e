#include "events/base/csv.h"

#include <gtest/gtest.h>

namespace conntrail {
namespace {

TEST(Csv, ACellThatASpreadsheetWouldRunIsMadeText) {
  EXPECT_EQ(CsvCell("=HYPERLINK(A1)"), "'=HYPERLINK(A1)");
  EXPECT_EQ(CsvCell("+1"), "'+1");
  EXPECT_EQ(CsvCell("-1"), "'-1");
  EXPECT_EQ(CsvCell("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(CsvCell("\t=1"), "'\t=1");
  EXPECT_EQ(CsvCell("\r=1"), "\"'\r=1\"");
}

TEST(Csv, AFormulaBehindAQuoteIsMadeTextToo) {
  EXPECT_EQ(CsvCell("=cmd|' /C calc'!\"A1\",x"), "\"'=cmd|' /C calc'!\"\"A1\"\",x\"");
}

TEST(Csv, OnlyWhatMustBeQuotedIsQuoted) {
  EXPECT_EQ(CsvCell("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvCell("say \"no\""), "\"say \"\"no\"\"\"");
  EXPECT_EQ(CsvCell("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(CsvCell("a=b"), "a=b");
  EXPECT_EQ(CsvCell(""), "");
}

TEST(Csv, LinesEndAsTheFormatSays) { EXPECT_EQ(CsvLine({"a", "", "c,d"}), "a,,\"c,d\"\r\n"); }

}  // namespace
}  // namespace conntrail
