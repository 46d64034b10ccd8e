#include "services/api/audit/wildcard.h"

#include <chrono>
#include <random>

#include <gtest/gtest.h>

namespace conntrail::api {
namespace {

Wildcard PatternOf(std::string_view text) {
  Wildcard pattern;
  for (const char c : text) {
    if (c == '*') pattern.AddStar();
    if (c == '?') pattern.AddOne();
    if (c != '*' && c != '?') pattern.AddLiteral(c);
  }
  return pattern;
}

// By trying everything.
bool Tried(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    for (size_t i = 0; i <= text.size(); ++i) {
      if (Tried(pattern.substr(1), text.substr(i))) return true;
    }
    return false;
  }
  if (text.empty() || (pattern.front() != '?' && pattern.front() != text.front())) return false;
  return Tried(pattern.substr(1), text.substr(1));
}

TEST(Wildcard, MatchesWhatTryingEverythingMatches) {
  constexpr uint64_t kSeed = 11;
  std::mt19937_64 random(kSeed);
  int matched = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string pattern(random() % 8, ' ');
    for (char& c : pattern) c = "ab*?"[random() % 4];
    std::string text(random() % 9, ' ');
    for (char& c : text) c = "ab"[random() % 2];
    const bool expected = Tried(pattern, text);
    ASSERT_EQ(PatternOf(pattern).Matches(text), expected)
        << pattern << " against " << text << ", seed " << kSeed;
    matched += expected ? 1 : 0;
  }
  EXPECT_GT(matched, 5'000);
}

TEST(Wildcard, AQuestionMarkIsOneCharacterOfAnyLength) {
  EXPECT_TRUE(PatternOf("f?r").Matches("für"));
  EXPECT_TRUE(PatternOf("*?r").Matches("f\u00fcr"));
  EXPECT_TRUE(PatternOf("?*?").Matches("€€"));
  EXPECT_FALSE(PatternOf("?*?").Matches("€"));
  EXPECT_FALSE(PatternOf("f??r").Matches("für"));
}

TEST(Wildcard, APatternMadeToBacktrackIsRefusedInNoTime) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "a*?";
  const Wildcard wildcard = PatternOf(pattern + "b");
  const std::string text(4096, 'a');
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(wildcard.Matches(text));
  // An exponential matcher would not end while this universe lasts.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

}  // namespace
}  // namespace conntrail::api
