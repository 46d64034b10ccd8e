#include "services/client/client.h"

#include <boost/asio/ip/tcp.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/client/scripted_server.h"

namespace conntrail::client {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// A client that writes down its pauses instead of making them.
struct Asking {
  explicit Asking(const std::string& url) {
    options.url = ServerUrl::Parse(url).value();
    options.headers = {{"DD-API-KEY", "the key itself"}};
    options.sleep = [this](milliseconds pause) {
      pauses.push_back(pause);
      return true;
    };
  }
  ClientOptions options;
  std::vector<milliseconds> pauses;
};

ClientRequest Get(std::string target) { return {.target = std::move(target)}; }
ClientRequest Post(std::string body, std::string idempotency_key = "") {
  return {.method = http::Method::kPost,
          .target = "/things",
          .body = std::move(body),
          .idempotency_key = std::move(idempotency_key)};
}

// Answers with these statuses, then with 200.
ScriptedServer::Answer First(std::vector<int> statuses, std::string retry_after = "") {
  auto left = std::make_shared<std::vector<int>>(statuses.rbegin(), statuses.rend());
  return [left, retry_after](const http::Request&) {
    if (left->empty()) return Said(200, "done");
    http::Response response = Said(left->back(), "later");
    left->pop_back();
    if (!retry_after.empty()) response.headers.push_back({"Retry-After", retry_after});
    return response;
  };
}

TEST(Client, SendsKeysAndBodyAndReadsTheAnswer) {
  ScriptedServer server([](const http::Request& request) { return Said(201, request.body); });
  Asking asking(server.url());
  const Result<Answer> answer = Client(asking.options).Send(Post("{\"a\":1}", "once"));

  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "{\"a\":1}");
  EXPECT_EQ(answer->Find("content-type"), "application/json");
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].Find("dd-api-key"), "the key itself");
  EXPECT_EQ(requests[0].Find("idempotency-key"), "once");
  EXPECT_EQ(requests[0].Find("content-type"), "application/json");
}

TEST(Client, ManyRequestsTakeOneConnection) {
  ScriptedServer server([](const http::Request&) { return Said(200, "x"); });
  Asking asking(server.url());
  Client client(asking.options);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(client.Send(Get("/things")).ok());
  EXPECT_EQ(server.connections(), 1u);
}

TEST(Client, AServerThatHasGoneIsAskedForAndThenGivenUp) {
  Asking asking("http://127.0.0.1:1");
  std::optional<ScriptedServer> server;
  server.emplace([](const http::Request&) { return Said(200, "x"); });
  asking.options.url = ServerUrl::Parse(server->url()).value();
  Client client(asking.options);
  ASSERT_TRUE(client.Send(Get("/a")).ok());
  server.reset();
  const Result<Answer> gone = client.Send(Get("/b"));
  EXPECT_EQ(gone.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(asking.pauses, ElementsAre(milliseconds(200), milliseconds(400), milliseconds(800)));
}

TEST(Client, WhatMayBeRepeatedIsTriedAgainWhenTheServerSays) {
  for (const int status : {429, 502, 503, 504}) {
    ScriptedServer server(First({status, status}, "3"));
    Asking asking(server.url());
    const Result<Answer> answer = Client(asking.options).Send(Get("/things"));
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->status, 200) << status;
    EXPECT_THAT(asking.pauses, ElementsAre(milliseconds(3000), milliseconds(3000)));
  }
  ScriptedServer server(First({503}));
  Asking asking(server.url());
  EXPECT_EQ(Client(asking.options).Send(Post("{}", "same words"))->status, 200);
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(Client, AWriteWithoutAKeyOfItsOwnIsSentOnce) {
  ScriptedServer server(First({503}, "1"));
  Asking asking(server.url());
  EXPECT_EQ(Client(asking.options).Send(Post("{}"))->status, 503);
  EXPECT_EQ(server.requests().size(), 1u);
  EXPECT_THAT(asking.pauses, ElementsAre());
}

TEST(Client, ARefusalIsNoReasonToTryAgain) {
  for (const int status : {301, 400, 401, 403, 404, 409, 500}) {
    ScriptedServer server(First({status}));
    Asking asking(server.url());
    EXPECT_EQ(Client(asking.options).Send(Get("/things"))->status, status);
    EXPECT_EQ(server.requests().size(), 1u);
  }
}

TEST(Client, TriesHaveAnEndAndSoHasThePatience) {
  ScriptedServer busy(First({503, 503, 503, 503, 503, 503}, "1"));
  Asking asking(busy.url());
  EXPECT_EQ(Client(asking.options).Send(Get("/things"))->status, 503);
  EXPECT_EQ(busy.requests().size(), 4u);

  ScriptedServer for_long(First({503}, "3600"));
  Asking once(for_long.url());
  EXPECT_EQ(Client(once.options).Send(Get("/things"))->status, 503);
  EXPECT_EQ(for_long.requests().size(), 1u);
}

TEST(Client, ATooLongAnswerIsCutOff) {
  ScriptedServer server([](const http::Request&) { return Said(200, std::string(5000, 'x')); });
  Asking asking(server.url());
  asking.options.body_bytes_max = 4999;
  EXPECT_EQ(Client(asking.options).Send(Get("/things")).status().code(), StatusCode::kCorruption);
  asking.options.body_bytes_max = 5000;
  EXPECT_EQ(Client(asking.options).Send(Get("/things"))->body.size(), 5000u);
}

class Pieces final : public http::BodySource {
 public:
  Pieces(int count, bool breaks) : left_(count), breaks_(breaks) {}
  boost::asio::awaitable<Result<bool>> Next(std::string& chunk) override {
    chunk = "piece ";
    if (left_-- > 0) co_return true;
    if (breaks_) co_return Status::Io("the disk is gone");
    co_return false;
  }

 private:
  int left_;
  const bool breaks_;
};

TEST(Client, AChunkedAnswerIsReadToItsEndAndOneThatBreaksOffIsAnError) {
  for (const bool breaks : {false, true}) {
    ScriptedServer server([breaks](const http::Request&) {
      http::Response response = Said(200, "");
      response.source = std::make_unique<Pieces>(1000, breaks);
      return response;
    });
    Asking asking(server.url());
    asking.options.tries_max = 1;
    const Result<Answer> answer = Client(asking.options).Send(Get("/things"));
    ASSERT_EQ(answer.ok(), !breaks) << answer.status().ToString();
    if (breaks) {
      EXPECT_EQ(answer.status().code(), StatusCode::kUnavailable);
    } else {
      EXPECT_EQ(answer->body.size(), 6000u);
    }
  }
}

TEST(Client, ErrorsNameTheUrlAndNeverAKey) {
  Asking asking("http://127.0.0.1:1/base");
  std::string told;
  asking.options.note = [&](const std::string& text) { told += text; };
  const Result<Answer> answer = Client(asking.options).Send(Get("/things"));
  EXPECT_EQ(answer.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(answer.status().message(),
              AllOf(HasSubstr("http://127.0.0.1:1/base"), HasSubstr("is the server running")));
  EXPECT_THAT(told, AllOf(HasSubstr("trying again"), Not(HasSubstr("the key itself"))));
}

TEST(Client, ABodyThatTheServerDoesNotTakeIsNoReasonToMissItsAnswer) {
  ScriptedServer server([](const http::Request&) { return Said(200, ""); });
  Asking asking(server.url());
  Client client(asking.options);
  for (int i = 0; i < 5; ++i) {
    const Result<Answer> answer = client.Send(Post(std::string(size_t{4} << 20, 'x')));
    ASSERT_TRUE(answer.ok()) << answer.status().ToString();
    EXPECT_EQ(answer->status, 413);
  }
}

TEST(Client, ASilentServerIsNotWaitedForLongerThanTheLimit) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor silent(io, {boost::asio::ip::address_v4::loopback(), 0});
  Asking asking("http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()));
  asking.options.answer_wait_max = milliseconds(50);
  asking.options.tries_max = 1;
  const Result<Answer> answer = Client(asking.options).Send(Get("/things"));
  EXPECT_EQ(answer.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(answer.status().message(), HasSubstr("does not answer"));
}

}  // namespace
}  // namespace conntrail::client
