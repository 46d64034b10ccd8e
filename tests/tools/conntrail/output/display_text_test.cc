#include "tools/conntrail/output/display_text.h"

#include <gtest/gtest.h>

namespace conntrail {
namespace {

TEST(DisplayText, WhatATerminalWouldActOnIsWrittenOut) {
  EXPECT_EQ(EscapeForTerminal("pager\x1b[2J\x1b]0;owned\x07"), "pager\\x1b[2J\\x1b]0;owned\\x07");
  EXPECT_EQ(EscapeForTerminal("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(EscapeForTerminal("\xC2\x9B"
                              "31m"),
            "\\u{9b}31m");  // C1: the one-byte escape
}

TEST(DisplayText, WritingIsNotTurnedAround) {
  EXPECT_EQ(EscapeForTerminal("a\u202Egnp.exe"), "a\\u{202e}gnp.exe");
  EXPECT_EQ(EscapeForTerminal("\u2066x\u2069"), "\\u{2066}x\\u{2069}");
}

TEST(DisplayText, BytesThatAreNoTextAreShownAsBytes) {
  EXPECT_EQ(EscapeForTerminal("a\xFF\xC3z"), "a\\xff\\xc3z");
  EXPECT_EQ(EscapeForTerminal("\xE2\x82"), "\\xe2\\x82");
}

TEST(DisplayText, OrdinaryLettersStayAsTheyAre) {
  EXPECT_EQ(EscapeForTerminal("Größe 漢字 🙂 \\"), "Größe 漢字 🙂 \\");
}

TEST(DisplayText, WideAndCombiningCharactersAreCountedAsTheyAreShown) {
  EXPECT_EQ(DisplayWidth("pager"), 5u);
  EXPECT_EQ(DisplayWidth("漢字"), 4u);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1u);
  EXPECT_EQ(DisplayWidth("Größe"), 5u);
}

TEST(DisplayText, ACutNeverSplitsACharacterAndNeverExceedsTheWidth) {
  EXPECT_EQ(CutToWidth("pager", 5), "pager");
  EXPECT_EQ(CutToWidth("pager", 4), "pag…");
  EXPECT_EQ(CutToWidth("漢字漢字", 4), "漢…");  // a second wide one and the mark would be five
  EXPECT_EQ(CutToWidth("pager", 0), "");
}

}  // namespace
}  // namespace conntrail
