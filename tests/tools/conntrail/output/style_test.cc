#include "tools/conntrail/output/style.h"

#include <cstdlib>

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

namespace conntrail {
namespace {

// A terminal of 72 columns.
class StyleOnATerminal : public testing::Test {
 protected:
  StyleOnATerminal() {
    winsize size = {};
    size.ws_col = 72;
    EXPECT_EQ(::openpty(&master_, &terminal_, nullptr, nullptr, &size), 0);
    ::unsetenv("NO_COLOR");
    ::unsetenv("COLUMNS");
    ::setenv("TERM", "xterm", 1);
  }
  ~StyleOnATerminal() override {
    ::close(master_);
    ::close(terminal_);
    ::unsetenv("NO_COLOR");
    ::unsetenv("COLUMNS");
  }
  int master_ = -1;
  int terminal_ = -1;
};

TEST_F(StyleOnATerminal, IsColoredAndAsWideAsTheTerminal) {
  const Style style = StyleFor(terminal_, Format::kTable, ColorChoice::kAuto);
  EXPECT_TRUE(style.colors);
  EXPECT_EQ(style.width_max, 72u);
}

TEST_F(StyleOnATerminal, HasNoColorsWhereSomebodySaysSo) {
  EXPECT_FALSE(StyleFor(terminal_, Format::kTable, ColorChoice::kNever).colors);
  EXPECT_FALSE(StyleFor(terminal_, Format::kJson, ColorChoice::kAuto).colors);
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(StyleFor(terminal_, Format::kTable, ColorChoice::kAuto).colors);
  EXPECT_TRUE(StyleFor(terminal_, Format::kTable, ColorChoice::kAlways).colors);
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "dumb", 1);
  EXPECT_FALSE(StyleFor(terminal_, Format::kTable, ColorChoice::kAuto).colors);
}

TEST_F(StyleOnATerminal, TakesItsWidthFromTheEnvironmentIfItIsThere) {
  ::setenv("COLUMNS", "100", 1);
  EXPECT_EQ(StyleFor(terminal_, Format::kTable, ColorChoice::kAuto).width_max, 100u);
}

TEST(Style, APipeIsNeitherColoredNorCut) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  const Style style = StyleFor(fds[1], Format::kTable, ColorChoice::kAuto);
  EXPECT_FALSE(style.colors);
  EXPECT_EQ(style.width_max, 0u);
  ::close(fds[0]);
  ::close(fds[1]);
}

}  // namespace
}  // namespace conntrail
