#include "tests/kafka/forwarder.h"

#include <array>
#include <chrono>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "events/base/check.h"

namespace conntrail {
namespace {

constexpr int kPollMs = 5;

sockaddr_in AddressOf(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// With a reset, as a machine does that knows nothing of the connection.
void Reset(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(fd);
}

void DoNotWait(int fd) {
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

bool WriteAll(int fd, const char* bytes, size_t count) {
  while (count > 0) {
    const ssize_t written = ::send(fd, bytes, count, MSG_NOSIGNAL);
    if (written <= 0) return false;
    bytes += written;
    count -= static_cast<size_t>(written);
  }
  return true;
}

}  // namespace

Forwarder::Forwarder(uint16_t listen_port, uint16_t port) : listen_port_(listen_port), port_(port) {
  Listen();
  run_ = std::thread([this] { Run(); });
}

Forwarder::~Forwarder() {
  stop_ = true;
  run_.join();
  CloseAll(false);
  if (listener_ >= 0) ::close(listener_);
}

void Forwarder::Listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in address = AddressOf(listen_port_);
  CONNTRAIL_CHECK(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                  0);
  CONNTRAIL_CHECK(::listen(listener_, 64) == 0);
}

void Forwarder::Accept() {
  Pipe pipe;
  pipe.client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (pipe.client < 0) return;
  pipe.broker = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = AddressOf(port_);
  if (::connect(pipe.broker, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    Reset(pipe.client);
    ::close(pipe.broker);
    return;
  }
  DoNotWait(pipe.client);
  DoNotWait(pipe.broker);
  pipes_.push_back(pipe);
}

// False if the connection is over.
bool Forwarder::Pass(Pipe& pipe, bool from_client) {
  std::array<char, 65536> bytes{};
  const ssize_t count =
      ::recv(from_client ? pipe.client : pipe.broker, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count <= 0) return false;
  const State state = state_;
  if (pipe.has_lost || state == State::kSilent || (state == State::kAnswersLost && !from_client)) {
    // Nothing follows a hole, but requests that need no answer to be made.
    pipe.has_lost = true;
    if (!from_client || state != State::kAnswersLost) return true;
  }
  return WriteAll(from_client ? pipe.broker : pipe.client, bytes.data(),
                  static_cast<size_t>(count));
}

void Forwarder::CloseAll(bool only_lossy) {
  std::erase_if(pipes_, [&](const Pipe& pipe) {
    if (only_lossy && !pipe.has_lost) return false;
    Reset(pipe.client);
    Reset(pipe.broker);
    return true;
  });
}

void Forwarder::Run() {
  while (!stop_) {
    const State state = state_;
    if (state == State::kClosed && listener_ >= 0) {
      ::close(listener_);
      listener_ = -1;
      CloseAll(false);
    }
    if (state != State::kClosed && listener_ < 0) Listen();
    if (state == State::kWhole) CloseAll(true);
    if (reset_.exchange(false)) CloseAll(false);
    std::vector<pollfd> waiting = {{listener_, POLLIN, 0}};
    for (const Pipe& pipe : pipes_) {
      waiting.push_back({pipe.client, POLLIN, 0});
      waiting.push_back({pipe.broker, POLLIN, 0});
    }
    if (::poll(waiting.data(), waiting.size(), kPollMs) <= 0) continue;
    std::vector<Pipe> left;
    for (size_t i = 0; i < pipes_.size(); ++i) {
      const bool up = waiting[2 * i + 1].revents == 0 || Pass(pipes_[i], true);
      const bool down = waiting[2 * i + 2].revents == 0 || Pass(pipes_[i], false);
      if (up && down) {
        left.push_back(pipes_[i]);
      } else {
        Reset(pipes_[i].client);
        Reset(pipes_[i].broker);
      }
    }
    pipes_ = std::move(left);
    if (waiting[0].revents != 0) Accept();
  }
}

}  // namespace conntrail
