#include "events/secret/token_shapes.h"

#include <string>

#include <gtest/gtest.h>

namespace conntrail {
namespace {

// Put together at run time, so that no file of the tree holds anything that looks like a secret.
std::string Token(const std::string& prefix, size_t rest, char c = 'A') {
  return prefix + std::string(rest, c);
}

struct Found {
  std::string token;
  std::string_view name;
};

std::vector<Found> KnownTokens() {
  const std::string ey = std::string("ey") + "J";
  return {
      {Token("AK"
             "IA",
             16),
       "an AWS access key id"},
      {Token("AS"
             "IA",
             16, '7'),
       "an AWS access key id"},
      {Token("gh"
             "p_",
             36, 'x'),
       "a GitHub token"},
      {Token("gh"
             "s_",
             36, 'x'),
       "a GitHub token"},
      {Token("github"
             "_pat_",
             82, 'x'),
       "a GitHub token"},
      {Token("gl"
             "pat-",
             20, 'x'),
       "a GitLab token"},
      {Token("xo"
             "xb-",
             24, '1'),
       "a Slack token"},
      {Token("xa"
             "pp-",
             24, '1'),
       "a Slack token"},
      {Token("https://hooks."
             "slack.com/services/",
             40, 'T'),
       "a Slack webhook"},
      {Token("AI"
             "za",
             35, 'q'),
       "a Google API key"},
      {Token("ya"
             "29.",
             40, 'q'),
       "a Google access token"},
      {Token("sk"
             "_live_",
             24, 'q'),
       "a Stripe key"},
      {Token("sk"
             "-ant-",
             24, 'q'),
       "an API key"},
      {Token("np"
             "m_",
             36, 'q'),
       "an npm token"},
      {Token("hv"
             "s.",
             24, 'q'),
       "a Vault token"},
      {Token("S"
             "G.",
             66, 'q'),
       "a SendGrid key"},
      {Token("Authorization: Bea"
             "rer ",
             30, 'q'),
       "a bearer token"},
      {Token("Authorization: Ba"
             "sic ",
             30, 'q'),
       "basic credentials"},
      {std::string("-----BEGIN ") + "RSA PRIVATE" + " KEY-----\nMIIE", "a private key"},
      {std::string("-----BEGIN ") + "PRIVATE" + " KEY-----", "a private key"},
      {ey + std::string(20, 'h') + "." + ey + std::string(30, 'c') + "." + std::string(43, 's'),
       "a JSON web token"},
      {std::string("https://deploy:") + "hunter2@repo.example.com/x", "a URL with a password"},
  };
}

TEST(TokenShapes, EachKnownShapeIsFoundWhereverItStands) {
  for (const Found& known : KnownTokens()) {
    EXPECT_EQ(FindTokenShape(known.token), known.name) << known.name;
    EXPECT_EQ(FindTokenShape("use " + known.token), known.name) << known.name;
    EXPECT_EQ(FindTokenShape("token=" + known.token + ", please rotate"), known.name);
    EXPECT_EQ(FindTokenShape("\"" + known.token + "\""), known.name);
  }
}

TEST(TokenShapes, OrdinaryTextsAreLeftAlone) {
  for (const char* text : {"",
                           "a",
                           "jenkins/AdaptivePlugin",
                           "com/p-6f282ea91e/p-16fd44bc41/plugin/Sample",
                           "change INFRA-2928 #1884",
                           "https://repo.example.com/",
                           "https://user@repo.example.com/",
                           "ssh://git@example.com:22/x",
                           "user:3c5b103f-fff7-8ff2-be4a-8446285df5f9",
                           "AKIA is how such ids begin",
                           "the prefix ghp_ is GitHub's",
                           "basic auth",
                           "Bearer of news",
                           "Basic rules",
                           "eyJust a word",
                           "MAKIAVELLIABCDEFGHIJKLMNOP",
                           "-----BEGIN CERTIFICATE-----",
                           "9170919cce669a8784f202ae7923ac322888a0e5113c16abe655b8acb6d104d6",
                           "task-ant-hill",
                           "mailto:a@b.example",
                           "http://[::1]:8080/x@y"}) {
    EXPECT_EQ(FindTokenShape(text), "") << text;
  }
}

TEST(TokenShapes, AShapeInsideAWordOrCutShortIsNoToken) {
  EXPECT_EQ(FindTokenShape("X" + Token("AK"
                                       "IA",
                                       16)),
            "");
  EXPECT_EQ(FindTokenShape(Token("AK"
                                 "IA",
                                 15)),
            "");
  EXPECT_EQ(FindTokenShape(Token("AK"
                                 "IA",
                                 16, 'a')),
            "");
  EXPECT_EQ(FindTokenShape(Token("gh"
                                 "p_",
                                 29, 'x')),
            "");
}

}  // namespace
}  // namespace conntrail
