// What a server does with clients that send too much, too slowly, or in forms that two readers
// would take apart differently.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/services/http/server_for_test.h"
#include "tests/support/raw_http_client.h"

namespace conntrail::http {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::string PostHead(size_t bytes, std::string_view headers = "",
                     std::string_view target = "/echo") {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(bytes) + "\r\n\r\n";
}
constexpr std::string_view kHello = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";

// Beast reports this in async_read_header already; a server that does not look there resets.
TEST(ServerLimits, ABodyOverTheLimitIs413BeforeItIsRead) {
  ServerForTest server;
  RawHttpClient client(server.port());
  const auto answer = client.Ask(PostHead(256 * 1024 + 1));
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.Header("Connection"), "close");
  EXPECT_TRUE(client.Ended());

  RawHttpClient sender(server.port());  // one that sends it all before it reads
  ASSERT_TRUE(sender.Send(PostHead(400'000) + std::string(400'000, 'x')));
  EXPECT_EQ(sender.Read()->status, 413);
  bool reset = true;
  sender.ReadToEnd(&reset);
  EXPECT_FALSE(reset);
}

TEST(ServerLimits, ABodyAtTheLimitIsTaken) {
  ServerForTest server;
  RawHttpClient client(server.port());
  const std::string body(256 * 1024, 'x');
  EXPECT_EQ(client.Ask(PostHead(body.size()) + body).body, body);
  EXPECT_EQ(client.Ask(kHello).status, 200);
}

TEST(ServerLimits, AChunkedBodyOverTheLimitIs413) {
  ServerForTest server({.body_bytes_max = 1000});
  RawHttpClient client(server.port());
  const std::string head = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunk = "1f4\r\n" + std::string(500, 'x') + "\r\n";
  EXPECT_EQ(client.Ask(head + chunk + chunk + "0\r\n\r\n").body.size(), 1000u);
  EXPECT_EQ(client.Ask(head + chunk + chunk + "1\r\nx\r\n0\r\n\r\n").status, 413);
  EXPECT_TRUE(client.Ended());
}

TEST(ServerLimits, ARouteMayTakeMore) {
  ServerForTest server({.body_bytes_max = 10,
                        .body_bytes_max_of = [](const Request& request, std::string_view route) {
                          EXPECT_EQ(request.Find("host"), "h");
                          return route == "/large" ? size_t{3'000'000} : size_t{10};
                        }});
  RawHttpClient client(server.port());
  const std::string body(3'000'000, 'x');
  EXPECT_EQ(client.Ask(PostHead(body.size(), "", "/large") + body).body, "3000000");
  EXPECT_EQ(client.Ask(PostHead(11)).status, 413);
}

TEST(ServerLimits, HeadersOverTheLimitAre431) {
  ServerForTest server({.header_bytes_max = 8192});
  const std::string first = "GET /hello HTTP/1.1\r\nHost: h\r\nA: ";
  const std::string fits = first + std::string(8192 - first.size() - 4, 'x') + "\r\n\r\n";
  RawHttpClient client(server.port());
  EXPECT_EQ(client.Ask(fits).status, 200);
  std::string over = fits;
  over.insert(first.size(), "x");
  EXPECT_EQ(client.Ask(over).status, 431);
  EXPECT_TRUE(client.Ended());

  RawHttpClient endless(server.port());
  EXPECT_EQ(endless.Ask(first + std::string(9000, 'x')).status, 431);
}

TEST(ServerLimits, ATargetOverTheLimitIs414) {
  ServerForTest server({.header_bytes_max = 8192, .target_bytes_max = 1000});
  RawHttpClient client(server.port());
  const std::string at = "/name/" + std::string(994, 'x');
  EXPECT_EQ(client.Ask("GET " + at + " HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
  EXPECT_EQ(client.Ask("GET " + at + "x HTTP/1.1\r\nHost: h\r\n\r\n").status, 414);
  RawHttpClient endless(server.port());
  EXPECT_EQ(endless.Ask("GET /" + std::string(9000, 'x')).status, 414);
}

TEST(ServerLimits, ASlowBodyIsCutAtItsDeadlineHoweverOftenAByteComes) {
  ServerForTest server({.body_wait_max = 500ms});
  RawHttpClient client(server.port());
  const auto begin = Clock::now();
  ASSERT_TRUE(client.Send(PostHead(1000)));
  std::thread drip([&] {
    while (Clock::now() < begin + 2s && client.Send("x")) std::this_thread::sleep_for(20ms);
  });
  const auto answer = client.Read();
  const auto took = Clock::now() - begin;
  drip.join();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 408);
  EXPECT_GE(took, 500ms);
  EXPECT_LT(took, 1500ms);
}

TEST(ServerLimits, ASlowHeadIsCutAtItsDeadline) {
  ServerForTest server({.header_wait_max = 300ms});
  RawHttpClient client(server.port());
  const auto begin = Clock::now();
  for (const char byte : std::string_view("GET /hello HTTP")) {
    if (!client.Send({&byte, 1})) break;
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_EQ(client.Read()->status, 408);
  EXPECT_LT(Clock::now() - begin, 1500ms);
  RawHttpClient silent(server.port());
  EXPECT_TRUE(silent.Ended());  // without a word: it asked nothing
}

TEST(ServerLimits, AnIdleConnectionIsClosedAndABusyOneIsNot) {
  ServerForTest server({.idle_wait_max = 400ms});
  RawHttpClient idle(server.port());
  RawHttpClient busy(server.port());
  EXPECT_EQ(idle.Ask(kHello).status, 200);
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(busy.Ask(kHello).status, 200);
    std::this_thread::sleep_for(100ms);
  }
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_TRUE(idle.Ended());
}

TEST(ServerLimits, AClientThatDoesNotReadIsCutOff) {
  ServerForTest server({.write_wait_max = 300ms});
  RawHttpClient client(server.port());
  ASSERT_TRUE(client.Send("GET /bytes/50000000 HTTP/1.1\r\nHost: h\r\n\r\n"));
  ASSERT_TRUE(Eventually([&] { return !server.observed().empty(); }));
  EXPECT_FALSE(server.observed()[0].whole);
  EXPECT_TRUE(Eventually([&] { return server.connections() == 0; }));
}

// The forms themselves: request_reading_test.cc. Here: that they are answered, and that nothing
// behind them is taken for a request.
TEST(ServerLimits, NothingIsReadBehindAFormThatIsRefused) {
  const std::pair<const char*, int> forms[] = {
      {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\nConnection: "
       "keep-alive\r\n\r\n0\r\n\r\n",
       400},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\nHost: h\n\n", 400},
      {"GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /%2e%2e/x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /hello HTTP/3.0\r\nHost: h\r\n\r\n", 505},
      {"BREW /hello HTTP/1.1\r\nHost: h\r\n\r\n", 501},
      {"GET /hello HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n", 417},
      {"\x16\x03\x01\x02\x01\r\n\r\n", 400},
  };
  ServerForTest server;
  size_t answered = 0;
  for (const auto& [form, status] : forms) {
    RawHttpClient client(server.port());
    ASSERT_TRUE(client.Send(std::string(form) + std::string(kHello)));
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value()) << form;
    EXPECT_EQ(answer->status, status) << form;
    EXPECT_EQ(answer->Header("Connection"), "close") << form;
    EXPECT_EQ(answer->Header("X-Request-Id").size(), 16u) << form;
    EXPECT_EQ(client.ReadToEnd(), "") << form;
    ++answered;
  }
  EXPECT_TRUE(Eventually([&] { return server.connections() == 0; }));
  EXPECT_EQ(server.observed().size(), answered);
}

// curl waits a second for this, if it never comes.
TEST(ServerLimits, ContinueIsSaidToThoseWhoWaitForItUnlessTheyAreRefused) {
  ServerForTest server;
  RawHttpClient client(server.port());
  ASSERT_TRUE(client.Send(PostHead(5, "Expect: 100-Continue\r\n")));
  EXPECT_EQ(client.ReadBytes(25), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.Ask("hello").body, "hello");
  EXPECT_EQ(client.Ask(PostHead(5, "Expect: 100-continue\r\n") + "hello").body, "hello");
  EXPECT_EQ(client.Ask(PostHead(999'999, "Expect: 100-continue\r\n")).status, 413);
}

TEST(ServerLimits, OneConnectionTooManyIsTold503AndTheOthersLive) {
  ServerForTest server({.connections_max = 2});
  RawHttpClient first(server.port());
  RawHttpClient second(server.port());
  EXPECT_EQ(first.Ask(kHello).status, 200);
  EXPECT_EQ(second.Ask(kHello).status, 200);
  RawHttpClient third(server.port());
  EXPECT_EQ(third.Ask(kHello).status, 503);
  EXPECT_TRUE(third.Ended());
  EXPECT_EQ(first.Ask(kHello).status, 200);
  second.Close();
  third.Close();
  ASSERT_TRUE(Eventually([&] { return server.connections() == 1; }));
  EXPECT_EQ(RawHttpClient(server.port()).Ask(kHello).status, 200);
}

TEST(ServerLimits, WithoutFileDescriptorsItWaitsInsteadOfSpinning) {
  ServerForTest server;
  const std::string ready(RawHttpClient(server.port()).Ask(kHello).body);
  ASSERT_EQ(ready, "hello");
  ASSERT_TRUE(Eventually([&] { return server.connections() == 0; }));

  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit low{256, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &low);
  std::vector<int> taken;
  for (int fd; (fd = open("/dev/null", O_RDONLY)) >= 0;) taken.push_back(fd);
  ASSERT_FALSE(taken.empty());
  close(taken.back());
  taken.pop_back();
  RawHttpClient client(server.port());  // the last descriptor; there is none for the other end
  timespec cpu_before{};
  timespec cpu_after{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu_before);
  std::this_thread::sleep_for(500ms);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu_after);
  for (const int fd : taken) close(fd);
  setrlimit(RLIMIT_NOFILE, &before);

  EXPECT_EQ(client.Ask(kHello).status, 200);
  const double cpu = static_cast<double>(cpu_after.tv_sec - cpu_before.tv_sec) +
                     static_cast<double>(cpu_after.tv_nsec - cpu_before.tv_nsec) * 1e-9;
  EXPECT_LT(cpu, 0.2);
}

}  // namespace
}  // namespace conntrail::http
