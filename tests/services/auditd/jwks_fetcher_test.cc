#include "services/auditd/jwks_fetcher.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/client/scripted_server.h"

namespace conntrail {
namespace {

using client::ScriptedServer;
using testing::HasSubstr;

constexpr const char* kKeys = R"({"keys":[]})";

http::Response Told(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

bool DoNotWait(std::chrono::milliseconds) { return true; }

// An issuer whose discovery document says what a test wants.
class Issuer {
 public:
  std::string issuer_told;  // "": its own
  int failures = 0;         // answers 503 so often first

  std::string url() const { return server_.url() + "/realm"; }
  std::vector<std::string> targets() {
    std::vector<std::string> targets;
    for (const auto& request : server_.requests()) targets.push_back(request.target);
    return targets;
  }

 private:
  http::Response Answer(const http::Request& request) {
    if (failures-- > 0) return Told(503, "{}");
    if (request.target == "/realm/.well-known/openid-configuration") {
      return Told(200, R"({"issuer":")" + (issuer_told.empty() ? url() : issuer_told) +
                           R"(","jwks_uri":")" + server_.url() +
                           R"(/keys?appid=1","grant_types_supported":["x"]})");
    }
    return request.target == "/keys?appid=1" ? Told(200, kKeys) : Told(404, "{}");
  }

  ScriptedServer server_{[this](const http::Request& request) { return Answer(request); }};
};

TEST(JwksFetcher, FindsTheKeysByTheDiscoveryDocument) {
  Issuer issuer;
  const auto keys = FetchJwks({.issuer = issuer.url(), .url = "", .ca_file = ""}, DoNotWait);
  ASSERT_TRUE(keys.ok()) << keys.status().ToString();
  EXPECT_EQ(*keys, kKeys);
  EXPECT_EQ(issuer.targets(),
            (std::vector<std::string>{"/realm/.well-known/openid-configuration", "/keys?appid=1"}));
}

TEST(JwksFetcher, AnotherIssuersDocumentIsRefused) {
  Issuer issuer;
  issuer.issuer_told = issuer.url() + "/";
  const auto keys = FetchJwks({.issuer = issuer.url(), .url = "", .ca_file = ""}, DoNotWait);
  EXPECT_THAT(keys.status().ToString(), HasSubstr("issuer: is another issuer"));
}

TEST(JwksFetcher, WhatIsNoAnswerIsNamed) {
  Issuer issuer;
  const std::string wrong = issuer.url() + "/nothing";
  const auto keys = FetchJwks({.issuer = "", .url = wrong, .ca_file = ""}, DoNotWait);
  EXPECT_THAT(keys.status().ToString(), HasSubstr(wrong + " answers 404"));
}

TEST(JwksFetcher, KeysComeByHttpsOrFromThisMachine) {
  EXPECT_TRUE(CheckJwksPlace({"https://id.example", "", ""}).ok());
  EXPECT_TRUE(CheckJwksPlace({"http://127.0.0.1:8080/realm", "", ""}).ok());
  EXPECT_TRUE(CheckJwksPlace({"urn:issuer", "https://id.example/keys?appid=1", ""}).ok());
  EXPECT_THAT(CheckJwksPlace({"http://id.example", "", ""}).ToString(), HasSubstr("https"));
  EXPECT_FALSE(CheckJwksPlace({"urn:issuer", "", ""}).ok());
}

TEST(JwksFetcher, FetchesAtOnceAndWhenItIsAskedAndEndsSoon) {
  Issuer issuer;
  boost::asio::io_context io;
  auto work = boost::asio::make_work_guard(io);
  int came = 0;
  const auto begin = std::chrono::steady_clock::now();
  {
    std::unique_ptr<JwksFetcher> fetcher = std::make_unique<JwksFetcher>(
        io, JwksPlace{issuer.url(), "", ""}, [&](const Result<std::string>& keys) {
          EXPECT_EQ(keys.ok() ? *keys : keys.status().ToString(), kKeys);
          if (++came == 3) return work.reset();
          fetcher->Ask();
        });
    io.run();
  }
  EXPECT_EQ(came, 3);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(JwksFetcher, TellsAFailure) {
  Issuer issuer;
  issuer.failures = 100;
  boost::asio::io_context io;
  auto work = boost::asio::make_work_guard(io);
  JwksFetcher fetcher(io, {issuer.url(), "", ""}, [&](const Result<std::string>& keys) {
    EXPECT_EQ(keys.status().code(), StatusCode::kUnavailable);
    work.reset();
  });
  io.run();
}

}  // namespace
}  // namespace conntrail
