// What a server does while handlers and body sources wait: vanished clients, streams, draining.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/http/server_for_test.h"
#include "tests/support/raw_http_client.h"

namespace conntrail::http {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::string Get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

// Clients that each wait for /wait, once all of them do.
std::vector<RawHttpClient> Waiting(ServerForTest& server, size_t count) {
  std::vector<RawHttpClient> clients;
  for (size_t i = 0; i < count; ++i) {
    clients.emplace_back(server.port());
    EXPECT_TRUE(clients.back().Send(Get("/wait")));
  }
  EXPECT_TRUE(Eventually([&] { return server.waiting() == count; }));
  return clients;
}

TEST(ServerWaiting, TwoThousandHandlersWaitOnOneThread) {
  constexpr size_t kCount = 2000;
  ServerForTest server;
  auto clients = Waiting(server, kCount);
  EXPECT_EQ(server.exchanges(), kCount);
  const auto begin = Clock::now();
  RawHttpClient other(server.port());
  EXPECT_EQ(other.Ask(Get("/hello")).body, "hello");
  EXPECT_LT(Clock::now() - begin, 500ms);
  std::this_thread::sleep_for(250ms);  // until all of them are watched
  server.OpenDoor();
  for (RawHttpClient& client : clients) ASSERT_EQ(client.Read()->body, "waited /wait");
  for (RawHttpClient& client : clients) ASSERT_EQ(client.Ask(Get("/hello")).body, "hello");
  EXPECT_EQ(server.exchanges(), 0u);
}

TEST(ServerWaiting, AClientThatVanishesHasItsHandlerCancelledAndEverythingReleased) {
  ServerForTest server;
  auto clients = Waiting(server, 30);
  RawHttpClient stays = std::move(clients.back());
  clients.pop_back();
  const auto begin = Clock::now();
  for (size_t i = 0; i < clients.size(); ++i) {
    if (i % 3 == 0) clients[i].Close();
    if (i % 3 == 1) clients[i].Reset();
    if (i % 3 == 2) clients[i].EndSending();  // cannot be told from one that has gone
  }
  ASSERT_TRUE(Eventually([&] { return server.cancelled() == 29; }));
  EXPECT_LT(Clock::now() - begin, 1s);
  EXPECT_TRUE(Eventually([&] { return server.connections() == 1; }));
  EXPECT_EQ(server.exchanges(), 1u);
  for (const Observed& exchange : server.observed()) {
    EXPECT_EQ(exchange.status, 499);
    EXPECT_FALSE(exchange.whole);
  }
  server.OpenDoor();
  EXPECT_EQ(stays.Read()->body, "waited /wait");
}

TEST(ServerWaiting, AClientThatEndsItsHalfAtOnceGetsAnAnswerThatNeedsNoWaiting) {
  ServerForTest server;
  RawHttpClient client(server.port());
  ASSERT_TRUE(client.Send(Get("/name/1") + Get("/name/2")));
  client.EndSending();
  EXPECT_EQ(client.Read()->body, "1");
  EXPECT_EQ(client.Read()->body, "2");
  EXPECT_TRUE(client.Ended());
}

TEST(ServerWaiting, AClientThatVanishesWhileItSendsIsReleased) {
  ServerForTest server;
  RawHttpClient client(server.port());
  ASSERT_TRUE(client.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345"));
  ASSERT_TRUE(Eventually([&] { return server.exchanges() == 1; }));
  client.Close();
  EXPECT_TRUE(Eventually([&] { return server.connections() == 0; }));
  EXPECT_EQ(server.exchanges(), 0u);
  ASSERT_EQ(server.observed().size(), 1u);
  EXPECT_EQ(server.observed()[0].status, 499);
}

TEST(ServerStreams, ChunksArriveWholeAndTheConnectionLives) {
  ServerForTest server;
  RawHttpClient client(server.port());
  const auto answer = client.Ask(Get("/stream/100/70000"));
  EXPECT_EQ(answer.Header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(answer.Header("Content-Length"), "");
  EXPECT_EQ(answer.body.size(), 7'000'000u);
  EXPECT_EQ(answer.body[0], 'b');
  EXPECT_EQ(client.Ask(Get("/stream/0/1")).body, "");
  EXPECT_EQ(client.Ask(Get("/hello")).body, "hello");
}

TEST(ServerStreams, AnHttp10ClientReadsToTheEnd) {
  ServerForTest server;
  RawHttpClient client(server.port());
  const auto answer = client.Ask("GET /stream/10/1000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(answer.Header("Transfer-Encoding"), "");
  EXPECT_EQ(answer.Header("Connection"), "close");
  EXPECT_EQ(answer.body.size(), 10'000u);
}

TEST(ServerStreams, NoMoreIsMadeThanTheClientTakes) {
  ServerForTest server;
  RawHttpClient client(server.port());
  ASSERT_TRUE(client.Send(Get("/stream/2000/65536")));
  size_t made = 0;
  ASSERT_TRUE(Eventually([&] {
    std::this_thread::sleep_for(100ms);
    return std::exchange(made, server.chunks_made()) == server.chunks_made() && made > 0;
  }));
  EXPECT_LT(made, 400u);  // what sockets hold; not the 2,000
  EXPECT_EQ(client.Read()->body.size(), 2000u * 65536u);
  EXPECT_EQ(server.chunks_made(), 2000u);
}

TEST(ServerStreams, OthersAreServedMeanwhile) {
  ServerForTest server;
  RawHttpClient stream(server.port());
  std::thread reader(
      [&] { EXPECT_EQ(stream.Ask(Get("/stream/8000/65536")).body.size(), 8000u * 65536u); });
  RawHttpClient other(server.port());
  ASSERT_TRUE(Eventually([&] { return server.chunks_made() > 0; }));
  EXPECT_EQ(other.Ask(Get("/hello")).body, "hello");
  EXPECT_LT(server.chunks_made(), 8000u);
  reader.join();
}

TEST(ServerStreams, AnIdleStreamWhoseClientVanishesIsReleased) {
  ServerForTest server;
  std::vector<RawHttpClient> clients;
  for (int i = 0; i < 10; ++i) {
    clients.emplace_back(server.port());
    ASSERT_TRUE(clients.back().Send(Get("/idle/1/5")));
  }
  ASSERT_TRUE(Eventually([&] { return server.waiting() == 10; }));
  const auto begin = Clock::now();
  clients.clear();
  EXPECT_TRUE(Eventually([&] { return server.connections() == 0; }));
  EXPECT_LT(Clock::now() - begin, 1s);
  EXPECT_EQ(server.exchanges(), 0u);
}

TEST(ServerStreams, AStreamAbortedWhileItIsWrittenIsNoticed) {
  ServerForTest server;
  RawHttpClient client(server.port());
  ASSERT_TRUE(client.Send(Get("/stream/1000000/65536")));
  client.ReadBytes(1'000'000);
  client.Close();
  EXPECT_TRUE(Eventually([&] { return server.connections() == 0; }));
  EXPECT_LT(server.chunks_made(), 1000u);
  EXPECT_FALSE(server.observed().at(0).whole);
}

TEST(ServerStreams, ASourceThatFailsCutsTheConnectionSoThatTheClientNotices) {
  ServerForTest server;
  for (const std::string target : {"/error/3/10", "/thrown/3/10"}) {
    RawHttpClient client(server.port());
    ASSERT_TRUE(client.Send("GET " + target + " HTTP/1.0\r\n\r\n"));
    bool reset = false;
    client.ReadToEnd(&reset);
    EXPECT_TRUE(reset) << target;  // to HTTP/1.0 an orderly end would be that of the body
    RawHttpClient newer(server.port());
    ASSERT_TRUE(newer.Send(Get(target)));
    EXPECT_FALSE(newer.Read().has_value()) << target;
  }
  ASSERT_TRUE(Eventually([&] { return server.observed().size() == 4; }));
  EXPECT_EQ(server.observed()[0].error, Status::Io("the disk is gone").ToString());
  EXPECT_EQ(server.observed()[2].error, "thrown while streaming");
}

TEST(ServerDrain, EverythingAcceptedIsAnsweredAndIdleConnectionsAreClosed) {
  ServerForTest server;
  RawHttpClient idle(server.port());
  EXPECT_EQ(idle.Ask(Get("/hello")).status, 200);
  auto clients = Waiting(server, 200);
  auto drained = server.Drain(10s);
  EXPECT_TRUE(idle.Ended());
  EXPECT_EQ(RawHttpClient(server.port()).Ask(Get("/hello")).status, 0);  // nobody listens
  EXPECT_EQ(drained.wait_for(300ms), std::future_status::timeout);
  server.OpenDoor();
  for (RawHttpClient& client : clients) {
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, "waited /wait");
    EXPECT_EQ(answer->Header("Connection"), "close");
    EXPECT_TRUE(client.Ended());
    client.Close();
  }
  EXPECT_TRUE(drained.get());
}

TEST(ServerDrain, RequestsThatTheSystemHasTakenAreAnsweredToo) {
  ServerForTest server;
  std::vector<RawHttpClient> clients;
  std::future<bool> drained;
  std::promise<void> held;
  std::promise<void> go_on;
  std::thread holder([&] {  // keeps the server's thread busy, so that it accepts nothing
    server.On([&] {
      held.set_value();
      go_on.get_future().wait();
      return 0;
    });
  });
  held.get_future().wait();
  for (int i = 0; i < 100; ++i) {
    clients.emplace_back(server.port());
    ASSERT_TRUE(clients.back().Send(Get("/hello")));
  }
  std::thread drain([&] { drained = server.Drain(10s); });
  std::this_thread::sleep_for(50ms);
  go_on.set_value();
  drain.join();
  holder.join();
  for (RawHttpClient& client : clients) EXPECT_EQ(client.Read()->status, 200);
  clients.clear();
  EXPECT_TRUE(drained.get());
}

TEST(ServerDrain, ABodyThatIsBeingReadIsReadAndAnswered) {
  ServerForTest server;
  RawHttpClient client(server.port());
  ASSERT_TRUE(client.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345"));
  ASSERT_TRUE(Eventually([&] { return server.exchanges() == 1; }));
  auto drained = server.Drain(10s);
  EXPECT_EQ(client.Ask("67890").body, "1234567890");
  client.Close();
  EXPECT_TRUE(drained.get());
}

TEST(ServerDrain, AfterItsTimeWhatStillWaitsIsCutOffAndToldSo) {
  ServerForTest server;
  auto clients = Waiting(server, 10);
  RawHttpClient stream(server.port());
  ASSERT_TRUE(stream.Send(Get("/idle/1/10")));
  ASSERT_TRUE(Eventually([&] { return server.waiting() == 11; }));
  const auto begin = Clock::now();
  EXPECT_FALSE(server.Drain(300ms).get());
  EXPECT_LT(Clock::now() - begin, 2s);
  for (RawHttpClient& client : clients) EXPECT_TRUE(client.Ended());
  EXPECT_TRUE(Eventually([&] { return server.connections() == 0; }));
  EXPECT_EQ(server.cancelled(), 11u);
}

TEST(ServerDrain, WithoutConnectionsItIsDoneAtOnce) {
  ServerForTest server;
  EXPECT_TRUE(server.Drain(10s).get());
}

}  // namespace
}  // namespace conntrail::http
