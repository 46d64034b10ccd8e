#include "services/client/server_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conntrail::client {
namespace {

TEST(ServerUrl, ReadsSchemeHostPortAndBase) {
  EXPECT_EQ(ServerUrl::Parse("https://audit.example.com").value(),
            (ServerUrl{true, "audit.example.com", 443, ""}));
  EXPECT_EQ(ServerUrl::Parse("http://127.0.0.1:8411/").value(),
            (ServerUrl{false, "127.0.0.1", 8411, ""}));
  EXPECT_EQ(ServerUrl::Parse("http://[::1]:8411/a/b/").value(),
            (ServerUrl{false, "::1", 8411, "/a/b"}));
  EXPECT_EQ(ServerUrl::Parse("http://[::1]:8411/a").value().ToString(), "http://[::1]:8411/a");
  EXPECT_EQ(ServerUrl::Parse("https://a:443").value().ToString(), "https://a");
}

TEST(ServerUrl, RefusesWhatIsNoServer) {
  for (const char* text :
       {"", "audit.example.com", "ftp://a", "http://", "http://:80", "http://a:0", "http://a:99999",
        "http://a:b", "http://a:", "http://a?x=1", "http://a/#x", "http://a b", "http://a/\r\nX: y",
        "http://[::1", "http://[::1]x", "http://a:1:2"}) {
    EXPECT_FALSE(ServerUrl::Parse(text).ok()) << text;
  }
}

TEST(ServerUrl, APasswordInItIsRefusedAndNotRepeated) {
  const auto url = ServerUrl::Parse("https://me:hunter2@audit.example.com");
  ASSERT_FALSE(url.ok());
  EXPECT_THAT(url.status().message(), testing::Not(testing::HasSubstr("hunter2")));
}

TEST(ServerUrl, KnowsWhatStaysOnThisMachine) {
  EXPECT_TRUE(ServerUrl::Parse("http://127.0.0.1:1").value().is_loopback());
  EXPECT_TRUE(ServerUrl::Parse("http://[::1]").value().is_loopback());
  EXPECT_FALSE(ServerUrl::Parse("http://10.0.0.1").value().is_loopback());
}

TEST(PercentEncoded, LeavesNothingThatHasAMeaning) {
  EXPECT_EQ(PercentEncoded("a-b_c.d~E9"), "a-b_c.d~E9");
  EXPECT_EQ(PercentEncoded("a b&c=d/\xC3\xA9%"), "a%20b%26c%3Dd%2F%C3%A9%25");
}

}  // namespace
}  // namespace conntrail::client
