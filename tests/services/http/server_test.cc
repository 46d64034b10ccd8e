// A server with real sockets: what every client sees.
#include "services/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/http/server_for_test.h"
#include "tests/support/raw_http_client.h"

namespace conntrail::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

std::string Get(std::string_view target, std::string_view headers = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n";
}

std::string Post(std::string_view target, std::string_view body, std::string_view headers = "") {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

TEST(Server, AConnectionServesManyRequests) {
  ServerForTest server;
  RawHttpClient client(server.port());
  for (int i = 0; i < 100; ++i) {
    const auto answer = client.Ask(Get("/name/n%2F" + std::to_string(i)));
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "n/" + std::to_string(i));
    EXPECT_EQ(answer.Header("Content-Type"), "text/plain");
    EXPECT_EQ(answer.Header("Connection"), "");
  }
  EXPECT_EQ(server.connections(), 1u);
}

TEST(Server, PipelinedRequestsAreAnsweredInOrder) {
  ServerForTest server;
  RawHttpClient client(server.port());
  std::string requests = "\r\n";  // one empty line before a request is allowed
  for (int i = 0; i < 1000; ++i) {
    requests += i % 2 == 0 ? Get("/name/" + std::to_string(i)) : Post("/echo", std::to_string(i));
  }
  ASSERT_TRUE(client.Send(requests));
  for (int i = 0; i < 1000; ++i) {
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_EQ(answer->body, std::to_string(i));
  }
}

TEST(Server, RequestsPipelinedBehindOneThatWaitsAreAnsweredAfterIt) {
  ServerForTest server;
  RawHttpClient client(server.port());
  ASSERT_TRUE(client.Send(Get("/wait")));
  ASSERT_TRUE(Eventually([&] { return server.waiting() == 1; }));
  std::this_thread::sleep_for(250ms);  // it is watched now
  ASSERT_TRUE(client.Send(Get("/name/2")));
  std::this_thread::sleep_for(50ms);
  std::string later;
  for (int i = 3; i < 300; ++i) later += Post("/echo", std::to_string(i));
  ASSERT_TRUE(client.Send(later));  // more than is read ahead
  std::this_thread::sleep_for(50ms);
  server.OpenDoor();
  EXPECT_EQ(client.Read()->body, "waited /wait");
  for (int i = 2; i < 300; ++i) ASSERT_EQ(client.Read()->body, std::to_string(i));
}

TEST(Server, ARequestMayComeByteByByte) {
  ServerForTest server;
  RawHttpClient client(server.port());
  for (const std::string& request :
       {Post("/echo", "hello"), std::string("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                                            "Chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n")}) {
    for (const char byte : request) ASSERT_TRUE(client.Send({&byte, 1}));
    EXPECT_EQ(client.Read()->body, "hello");
  }
}

TEST(Server, HeadIsGetWithoutItsBody) {
  ServerForTest server;
  RawHttpClient client(server.port());
  for (const std::string target : {"/hello", "/stream/3/10"}) {
    ASSERT_TRUE(client.Send("HEAD " + target + " HTTP/1.1\r\nHost: h\r\n\r\n"));
    const auto answer = client.Read(/*body_expected=*/false);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
    if (target == "/hello") {
      EXPECT_EQ(answer->Header("Content-Length"), "5");
    }
  }
  EXPECT_EQ(client.Ask(Get("/hello")).body, "hello");  // nothing lay between
  EXPECT_EQ(server.chunks_made(), 0u);
}

TEST(Server, AnAnswerWithoutBodyHasNoLength) {
  ServerForTest server;
  RawHttpClient client(server.port());
  const auto answer = client.Ask(Get("/none"));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.Header("Content-Length"), "");
  EXPECT_EQ(client.Ask(Get("/hello")).status, 200);
}

TEST(Server, AnUnknownPathIs404AndAWrongMethod405) {
  ServerForTest server;
  RawHttpClient client(server.port());
  EXPECT_EQ(client.Ask(Get("/nowhere")).status, 404);
  const auto answer = client.Ask(Post("/hello", "body"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.Header("Allow"), "GET, HEAD");
  EXPECT_EQ(client.Ask("OPTIONS /echo HTTP/1.1\r\nHost: h\r\n\r\n").Header("Allow"), "POST");
  EXPECT_EQ(client.Ask(Get("/hello")).status, 200);
}

TEST(Server, RequestIdsAreEchoedIfWellFormedAndElseMade) {
  ServerForTest server;
  RawHttpClient client(server.port());
  EXPECT_EQ(client.Ask(Get("/hello", "X-Request-Id: a.B_c-9\r\n")).Header("X-Request-Id"),
            "a.B_c-9");
  const std::string first(
      client.Ask(Get("/hello", "X-Request-Id: a b\r\n")).Header("X-Request-Id"));
  const std::string second(
      client.Ask(Get("/nowhere", "X-Request-Id: " + std::string(65, 'a') + "\r\n"))
          .Header("X-Request-Id"));
  EXPECT_EQ(first.size(), 16u);
  EXPECT_EQ(second.size(), 16u);
  EXPECT_NE(first, second);
  EXPECT_THAT(std::string(client.Ask(Get("/hello")).Header("Date")), testing::EndsWith(" GMT"));
}

TEST(Server, AnHttp10ClientIsClosedUnlessItAsksOtherwise) {
  ServerForTest server;
  RawHttpClient kept(server.port());
  const auto answer = kept.Ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(answer.Header("Connection"), "keep-alive");
  EXPECT_EQ(kept.Ask("GET /hello HTTP/1.0\r\n\r\n").body, "hello");
  EXPECT_TRUE(kept.Ended());
}

TEST(Server, AClientThatSaysCloseIsClosedInOrder) {
  ServerForTest server;
  RawHttpClient client(server.port());
  ASSERT_TRUE(client.Send(Get("/hello", "Connection: close\r\n") + Get("/hello")));
  EXPECT_EQ(client.Read()->Header("Connection"), "close");
  bool reset = true;
  EXPECT_EQ(client.ReadToEnd(&reset), "");
  EXPECT_FALSE(reset);
}

TEST(Server, AConnectionIsClosedAfterItsNumberOfRequests) {
  ServerForTest server({.connection_requests_max = 2});
  RawHttpClient client(server.port());
  EXPECT_EQ(client.Ask(Get("/hello")).Header("Connection"), "");
  EXPECT_EQ(client.Ask(Get("/hello")).Header("Connection"), "close");
  EXPECT_TRUE(client.Ended());
}

TEST(Server, AHandlerThatThrowsIs500AndTheConnectionLives) {
  ServerForTest server;
  RawHttpClient client(server.port());
  const auto answer = client.Ask(Get("/throw"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, Not(HasSubstr("thrown")));  // that is for us, not for them
  EXPECT_EQ(client.Ask(Get("/hello")).status, 200);
  EXPECT_EQ(server.observed()[0].error, "thrown by a handler");
}

TEST(Server, ALargeAnswerArrivesWhole) {
  ServerForTest server;
  RawHttpClient client(server.port());
  ASSERT_TRUE(client.Send(Get("/bytes/20000000")));
  std::this_thread::sleep_for(200ms);  // until it is stuck in the socket
  EXPECT_EQ(client.Read()->body, std::string(20'000'000, 'x'));
  EXPECT_EQ(client.Ask(Get("/hello")).body, "hello");
}

TEST(Server, ExchangesAreObserved) {
  ServerForTest server;
  RawHttpClient client(server.port());
  const std::string request = Post("/echo", "12345");
  client.Ask(request);
  client.Ask(Get("/name/x"));
  client.Ask("nonsense\r\n\r\n");

  ASSERT_TRUE(Eventually([&] { return server.observed().size() == 3; }));
  const auto observed = server.observed();
  EXPECT_EQ(observed[0].route, "/echo");
  EXPECT_EQ(observed[0].method, Method::kPost);
  EXPECT_EQ(observed[0].status, 200);
  EXPECT_TRUE(observed[0].whole);
  EXPECT_EQ(observed[0].bytes_in, request.size());
  EXPECT_GT(observed[0].bytes_out, 5u);
  EXPECT_EQ(observed[1].route, "/name/{name}");
  EXPECT_EQ(observed[2].route, "");
  EXPECT_EQ(observed[2].status, 400);
  EXPECT_EQ(server.exchanges(), 0u);
}

TEST(Server, ItsOwnErrorsAreWordedByTheOwner) {
  ServerForTest server({.fault = [](int status, std::string_view text, std::string_view target) {
    Response response;
    response.status = status;
    response.content_type = "application/json";
    response.body = std::string(target) + ": " + std::string(text);
    return response;
  }});
  RawHttpClient client(server.port());
  const auto answer = client.Ask("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n");
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.body, "/x: The body is too large");
  EXPECT_EQ(answer.Header("Content-Type"), "application/json");
}

TEST(Server, AnAddressThatIsNoneIsRefused) {
  boost::asio::io_context io;
  const Router router;
  Server server(io, {.address = "localhost"}, router);
  EXPECT_EQ(server.Start().status().code(), StatusCode::kInvalidArgument);
  Server first(io, {}, router);
  const uint16_t port = first.Start().value();
  Server second(io, {.port = port}, router);
  const Status status = second.Start().status();
  EXPECT_EQ(status.code(), StatusCode::kIo);
  EXPECT_THAT(status.message(), HasSubstr(std::to_string(port)));
}

TEST(Server, ItCanEndWithItsIoContextWhileHandlersWait) {
  auto io = std::make_unique<boost::asio::io_context>();
  Router router;
  int ended = 0;
  struct Counted {
    int& count;
    ~Counted() { ++count; }
  };
  router.Add(Method::kGet, "/wait",
             [&](const Request&, const PathParameters&) -> boost::asio::awaitable<Response> {
               const Counted counted{ended};
               boost::asio::steady_timer timer(*io, 1h);
               co_await timer.async_wait(boost::asio::use_awaitable);
               co_return Response{};
             });
  auto server = std::make_unique<Server>(*io, ServerOptions{}, router);
  RawHttpClient client(server->Start().value());
  ASSERT_TRUE(client.Send(Get("/wait")));
  while (server->exchanges() == 0) io->run_one();
  server.reset();
  io.reset();
  EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace conntrail::http
