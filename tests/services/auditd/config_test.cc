#include "services/auditd/config.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace conntrail {
namespace {

using testing::HasSubstr;

class ConfigTest : public testing::Test {
 protected:
  ~ConfigTest() override {
    ::unsetenv("CONNTRAIL_ORG");
    std::filesystem::remove(file_);
  }
  std::string File(std::string_view text) {
    std::ofstream(file_) << text;
    return file_;
  }
  const std::string file_ =
      std::filesystem::temp_directory_path() / ("conntrail_config." + std::to_string(::getpid()));
};

TEST_F(ConfigTest, AFlagCountsMoreThanAVariableAVariableMoreThanTheFile) {
  const std::string file = File("org = \"of the file\"\ndata = \"d\"\n");
  const std::vector<std::string> plain = {"--config", file};
  EXPECT_EQ(ReadConfig(plain).config->org, "of the file");
  EXPECT_EQ(ReadConfig(plain).config->listen, "127.0.0.1:8411");
  ::setenv("CONNTRAIL_ORG", "of the variable", 1);
  EXPECT_EQ(ReadConfig(plain).config->org, "of the variable");
  EXPECT_EQ(ReadConfig({"--config", file, "--org", "of the flag"}).config->org, "of the flag");
}

TEST_F(ConfigTest, AFileIsReadStrictly) {
  const auto wrong = [&](std::string_view text) {
    const ConfigResult result = ReadConfig({"--data", "d", "--config", File(text)});
    EXPECT_FALSE(result.config.has_value()) << text;
    EXPECT_EQ(result.exit_code, 2);
    return result.output;
  };
  EXPECT_THAT(wrong("orgg = \"x\"\n"), HasSubstr("there is no option \"orgg\""));
  EXPECT_THAT(wrong("\norg = [1]\n"), HasSubstr("line 2"));
  EXPECT_THAT(wrong("org = \n"), HasSubstr("line 1"));
  EXPECT_THAT(wrong("rate_limit = -1\n"), HasSubstr("rate-limit"));
  const ConfigResult good =
      ReadConfig({"--data", "d", "--config",
                  File("rate_limit = 60\naccess_lines = true\ndrain_wait_ms = 5\n")});
  ASSERT_TRUE(good.config.has_value()) << good.output;
  EXPECT_EQ(good.config->rate_limit, 60);
  EXPECT_TRUE(good.config->access_lines);
  EXPECT_EQ(good.config->drain_wait, std::chrono::milliseconds(5));
}

TEST_F(ConfigTest, OutcomesArePublishedIfThatIsSaidAndElseAsBefore) {
  const auto said = [](const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {"--data", "d"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const ConfigResult result = ReadConfig(all);
    return result.config ? result.config->log.outcomes : result.output;
  };
  EXPECT_EQ(said({}), "");
  EXPECT_EQ(said({"--outcomes"}), "true");
  EXPECT_EQ(said({"--outcomes", "--org", "x"}), "true");
  EXPECT_EQ(said({"--outcomes", "true"}), "true");
  EXPECT_EQ(said({"--outcomes", "false"}), "false");
  EXPECT_THAT(said({"--outcomes", "maybe"}), HasSubstr("neither true nor false"));
  EXPECT_EQ(said({"--config", File("outcomes = true\n")}), "true");
  EXPECT_EQ(said({"--config", File("outcomes = true\n"), "--outcomes", "false"}), "false");
}

TEST_F(ConfigTest, AddressesAreHostAndPort) {
  const auto read = [](const std::string& listen) {
    return ReadConfig({"--data", "d", "--listen", listen});
  };
  EXPECT_EQ(read("[::1]:80").config->address.host, "::1");
  EXPECT_EQ(read("10.0.0.1:0").config->address.port, 0);
  for (const char* wrong : {"8411", "host:", ":1", "h:70000", "h:1x", "h:-1"}) {
    EXPECT_EQ(read(wrong).exit_code, 2) << wrong;
    EXPECT_THAT(read(wrong).output, HasSubstr("HOST:PORT")) << wrong;
  }
}

TEST_F(ConfigTest, WhereToRestoreFromIsAUrl) {
  const auto read = [](const std::string& url) {
    return ReadConfig({"--data", "d", "--restore-from", url});
  };
  EXPECT_EQ(read("http://10.0.0.1:8411").config->restore_from, "http://10.0.0.1:8411");
  for (const char* wrong : {"10.0.0.1:8411", "ftp://a", "/copies"}) {
    EXPECT_EQ(read(wrong).exit_code, 2) << wrong;
  }
}

TEST_F(ConfigTest, WhatBelongsTogetherIsAskedForTogether) {
  EXPECT_THAT(ReadConfig({}).output, HasSubstr("--data is missing"));
  EXPECT_THAT(ReadConfig({"--data", "d", "--tls-key", "k"}).output, HasSubstr("belong together"));
  EXPECT_THAT(ReadConfig({"--data", "d", "--oidc-issuer", "i"}).output,
              HasSubstr("--oidc-audience"));
  EXPECT_EQ(ReadConfig({"--help"}).exit_code, 0);
  EXPECT_THAT(ReadConfig({"--version"}).output, HasSubstr("conntraild "));
}

}  // namespace
}  // namespace conntrail
