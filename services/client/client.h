#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/client/answer_reading.h"
#include "services/client/wire.h"

namespace conntrail::client {

struct ClientOptions {
  ServerUrl url;
  std::string ca_file;                // PEM; "": the system's authorities
  std::vector<http::Header> headers;  // of each request: keys, a user agent; never told
  std::chrono::milliseconds connect_wait_max{10'000};
  std::chrono::milliseconds answer_wait_max{60'000};  // for its beginning, and between its pieces
  size_t body_bytes_max = size_t{256} << 20;
  int tries_max = 4;                            // of a request that may be repeated
  std::chrono::milliseconds first_pause{200};   // before the second try; doubles each time
  std::chrono::milliseconds pause_max{30'000};  // a server that asks for more is not waited for
  // Told before each pause; may be empty.
  std::function<void(const std::string&)> note;
  // Sleeps; false: give up at once. Empty: sleeps.
  std::function<bool(std::chrono::milliseconds)> sleep;
};

struct ClientRequest {
  http::Method method = http::Method::kGet;
  std::string target;  // "/api/v2/counts?as_of=now", percent-encoded
  std::string content_type = "application/json";
  std::string body;
  std::string idempotency_key;             // of a write; with one it may be repeated
  std::vector<http::Header> headers = {};  // of this request alone
};

// Asks one server, over one connection that stays open.
//
// What may be repeated (GET, and a write with an idempotency key) is tried again after a broken
// connection and after 429, 502, 503 and 504, as late as Retry-After says; all else is sent once.
// Redirects are not followed: keys go where they were meant to go, nowhere else.
//
// Not thread-safe.
class Client {
 public:
  explicit Client(ClientOptions options) : options_(std::move(options)) {}

  const ServerUrl& url() const { return options_.url; }

  // The answer, whatever its status. Errors name the URL, and what to do: kUnavailable: not
  // reachable or broken off, and of a write the fate is unknown; kFailedPrecondition: its
  // certificate does not hold; kCorruption: no answer of ours.
  Result<Answer> Send(const ClientRequest& request);

 private:
  Result<Answer> SendOnce(const ClientRequest& request);
  Result<Answer> Exchange(const std::string& head, std::string_view body, bool& has_begun);
  bool Pause(int tries, const Result<Answer>& last);

  const ClientOptions options_;
  std::unique_ptr<Wire> wire_;
};

}  // namespace conntrail::client
