#include "tests/support/raw_http_client.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace conntrail {

std::string_view RawHttpClient::Answer::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

RawHttpClient::RawHttpClient(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{10, 0};
  const int on = 1;
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) Close();
}

RawHttpClient::~RawHttpClient() { Close(); }

RawHttpClient::RawHttpClient(RawHttpClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      buffer_(std::move(other.buffer_)),
      reset_(other.reset_) {}

bool RawHttpClient::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawHttpClient::Fill() {
  std::array<char, 16384> bytes;
  const ssize_t got = recv(socket_, bytes.data(), bytes.size(), 0);
  if (got < 0) reset_ = true;
  if (got <= 0) return false;
  buffer_.append(bytes.data(), static_cast<size_t>(got));
  return true;
}

std::string RawHttpClient::ReadBytes(size_t size) {
  while (buffer_.size() < size && Fill()) {
  }
  std::string bytes = buffer_.substr(0, size);
  buffer_.erase(0, bytes.size());
  return bytes;
}

std::string RawHttpClient::ReadToEnd(bool* reset) {
  while (Fill()) {
  }
  if (reset != nullptr) *reset = reset_;
  return std::exchange(buffer_, {});
}

bool RawHttpClient::Ended() { return buffer_.empty() && !Fill(); }

std::optional<RawHttpClient::Answer> RawHttpClient::Read(bool body_expected) {
  const auto line = [this]() -> std::optional<std::string> {
    size_t end;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
      if (!Fill()) return std::nullopt;
    }
    std::string text = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return text;
  };
  Answer answer;
  auto text = line();
  if (!text || !text->starts_with("HTTP/1.1 ")) return std::nullopt;
  answer.status = std::atoi(text->c_str() + 9);
  while ((text = line()) && !text->empty()) {
    const size_t colon = text->find(": ");
    if (colon == std::string::npos) return std::nullopt;
    answer.headers.emplace_back(text->substr(0, colon), text->substr(colon + 2));
  }
  if (!text) return std::nullopt;
  if (!body_expected || answer.status < 200 || answer.status == 204) return answer;
  if (answer.Header("Transfer-Encoding") == "chunked") {
    for (;;) {
      const auto size = line();
      if (!size) return std::nullopt;
      const size_t bytes = std::strtoul(size->c_str(), nullptr, 16);
      const std::string chunk = ReadBytes(bytes + 2);
      if (chunk.size() != bytes + 2) return std::nullopt;
      if (bytes == 0) return answer;
      answer.body += chunk.substr(0, bytes);
    }
  }
  const std::string_view length = answer.Header("Content-Length");
  if (length.empty()) {
    answer.body = ReadToEnd();
    return answer;
  }
  const size_t bytes = std::strtoul(length.data(), nullptr, 10);
  answer.body = ReadBytes(bytes);
  if (answer.body.size() != bytes) return std::nullopt;
  return answer;
}

RawHttpClient::Answer RawHttpClient::Ask(std::string_view bytes) {
  if (!Send(bytes)) return {};
  return Read().value_or(Answer{});
}

void RawHttpClient::EndSending() const { shutdown(socket_, SHUT_WR); }

void RawHttpClient::Close() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

void RawHttpClient::Reset() {
  const linger hard{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  Close();
}

}  // namespace conntrail
