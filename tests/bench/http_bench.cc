// What does one exchange cost the server's thread: GET of a constant body of 600 bytes, 64
// connections kept open, client and server in one process over loopback? Limit: 12 us of CPU of the
// server's thread a request.
//
//   http_bench [seconds]
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "events/base/check.h"
#include "services/http/server.h"
#include "tests/bench/measure.h"

namespace conntrail {
namespace {

constexpr int kConnections = 64;
constexpr std::string_view kRequest =
    "GET /api/v2/constant HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n";

double ThreadCpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

int Connect(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  CONNTRAIL_CHECK(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

void Ask(int fd) {
  CONNTRAIL_CHECK(send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) ==
                  static_cast<ssize_t>(kRequest.size()));
}

// Asks on all connections for so long, each again as soon as its answer is whole. All answers are
// of one size, that of the first. Returns the number of answers.
uint64_t Hammer(uint16_t port, double seconds) {
  const int epoll = epoll_create1(0);
  std::vector<int> fds;
  std::vector<size_t> got(kConnections + 1000, 0);
  for (int i = 0; i < kConnections; ++i) {
    const int fd = Connect(port);
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    fds.push_back(fd);
  }
  std::array<char, 4096> bytes;
  Ask(fds[0]);
  const auto size = static_cast<size_t>(recv(fds[0], bytes.data(), bytes.size(), 0));
  CONNTRAIL_CHECK(std::memcmp(bytes.data(), "HTTP/1.1 200", 12) == 0);
  for (const int fd : fds) Ask(fd);
  uint64_t answers = 0;
  std::array<epoll_event, kConnections> events;
  const bench::Stopwatch watch;
  while (watch.wall() < seconds) {
    const int ready = epoll_wait(epoll, events.data(), kConnections, 100);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      const ssize_t read = recv(fd, bytes.data(), bytes.size(), 0);
      CONNTRAIL_CHECK(read > 0);
      size_t& part = got.at(static_cast<size_t>(fd));
      part += static_cast<size_t>(read);
      if (part < size) continue;
      part = 0;
      ++answers;
      Ask(fd);
    }
  }
  for (const int fd : fds) close(fd);
  close(epoll);
  return answers;
}

void Run(double seconds) {
  boost::asio::io_context io{1};
  http::Router router;
  router.Add(http::Method::kGet, "/api/v2/constant",
             [](const http::Request&,
                const http::PathParameters&) -> boost::asio::awaitable<http::Response> {
               http::Response response;
               response.content_type = "application/json";
               response.body.assign(600, 'x');
               co_return response;
             });
  auto server = std::make_unique<http::Server>(io, http::ServerOptions{}, router);
  const uint16_t port = server->Start().value();
  double cpu = 0;
  std::thread thread([&] {
    io.run();
    cpu = ThreadCpuSeconds();
  });
  const bench::Stopwatch watch;
  const uint64_t answers = Hammer(port, seconds);
  const double wall = watch.wall();
  boost::asio::post(io, [&] { server.reset(); });
  thread.join();
  std::printf(
      "%d connections, %.1f s: %.0f requests/s, %.2f us CPU of the server a request (limit 12)\n",
      kConnections, wall, static_cast<double>(answers) / wall,
      cpu / static_cast<double>(answers) * 1e6);
}

}  // namespace
}  // namespace conntrail

int main(int argc, char** argv) { conntrail::Run(argc > 1 ? std::atof(argv[1]) : 5); }
