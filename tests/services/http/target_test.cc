#include "services/http/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conntrail::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

struct Target {
  bool ok = false;
  std::vector<std::string> segments{"left", "of", "an", "earlier", "request"};
  std::vector<std::pair<std::string, std::string>> query{{"left", "over"}};
};

Target Parse(std::string_view text, std::string_view host = "here") {
  Target target;
  target.ok = ParseTarget(text, host, target.segments, target.query);
  return target;
}

TEST(Target, SegmentsAndQueryAreDecoded) {
  const Target target = Parse("/api/v2/a%20b?page%5Blimit%5D=10&q=x+y%2Bz&flag&=v&&a=b=c");

  ASSERT_TRUE(target.ok);
  EXPECT_THAT(target.segments, ElementsAre("api", "v2", "a b"));
  EXPECT_THAT(target.query, ElementsAre(Pair("page[limit]", "10"), Pair("q", "x y+z"),
                                        Pair("flag", ""), Pair("", "v"), Pair("a", "b=c")));
}

TEST(Target, NothingOfAnEarlierRequestStays) {
  const Target target = Parse("/");
  ASSERT_TRUE(target.ok);
  EXPECT_THAT(target.segments, IsEmpty());
  EXPECT_THAT(target.query, IsEmpty());
}

TEST(Target, EmptySegmentsAreSegments) {
  EXPECT_THAT(Parse("/a/").segments, ElementsAre("a", ""));
  EXPECT_THAT(Parse("/a//b").segments, ElementsAre("a", "", "b"));
  EXPECT_THAT(Parse("//a").segments, ElementsAre("", "a"));
}

TEST(Target, AnEncodedSlashStaysInItsSegmentAndPlusInAPathIsPlus) {
  EXPECT_THAT(Parse("/a%2Fb/c%2fd+e").segments, ElementsAre("a/b", "c/d+e"));
}

TEST(Target, TheAbsoluteFormIsTakenForThisHostOnly) {
  EXPECT_THAT(Parse("http://Here/a?b=c").segments, ElementsAre("a"));
  EXPECT_THAT(Parse("https://here").segments, IsEmpty());
  EXPECT_THAT(Parse("http://here?b=c").query, ElementsAre(Pair("b", "c")));
  EXPECT_FALSE(Parse("http://elsewhere/a").ok);
  EXPECT_FALSE(Parse("http://here:80/a").ok);
  EXPECT_FALSE(Parse("http://user@here/a").ok);
  EXPECT_FALSE(Parse("ftp://here/a").ok);
  EXPECT_FALSE(Parse("http:///a", "").ok);
}

TEST(Target, WhatIsNotWellFormedIsRefused) {
  for (const char* text :
       {"", "*", "a", "here:80", "?a", "/a b", "/a#b", "/%", "/%4", "/%4g", "/%00", "/?a=%00",
        "/?%zz=1", "/\x7f", "/\xc3\xa4", "/%ff", "/?a=%c3", "/%c0%af"}) {
    EXPECT_FALSE(Parse(text).ok) << text;
  }
}

TEST(Target, NoSegmentLeadsUpwards) {
  for (const char* text : {"/..", "/a/../b", "/a/%2e%2E/b", "/a/.%2e", "/.", "/a/%2e/", "/a/.."}) {
    EXPECT_FALSE(Parse(text).ok) << text;
  }
  EXPECT_THAT(Parse("/.../..a").segments, ElementsAre("...", "..a"));
  EXPECT_TRUE(Parse("/a?path=../b").ok);
}

TEST(Target, DecodingNeedsTwoHexDigits) {
  std::string out;
  EXPECT_TRUE(PercentDecode("%41%7a%7A", false, out));
  EXPECT_EQ(out, "Azz");
  EXPECT_TRUE(PercentDecode("%E2%82%AC", false, out));
  EXPECT_EQ(out, "\xe2\x82\xac");
  EXPECT_FALSE(PercentDecode("%+1", true, out));
  EXPECT_FALSE(PercentDecode("%4%31", true, out));
}

}  // namespace
}  // namespace conntrail::http
