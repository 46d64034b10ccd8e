#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>

#include "events/base/result.h"

namespace conntrail {

// Where the keys of an issuer of bearer tokens are.
struct JwksPlace {
  std::string issuer;   // its discovery document names the keys' URL, unless
  std::string url;      // that is given
  std::string ca_file;  // who is trusted for its certificate, PEM; "": the system's authorities
};

// kInvalidArgument: a URL in it is none, or is neither https nor on this machine: whoever can
// change what comes from there gets in.
Status CheckJwksPlace(const JwksPlace& place);

// The JWK Set (RFC 7517), after a look at the discovery document (OpenID Connect Discovery 1.0,
// section 4) if it takes that. Waits for the network, some tens of seconds at most. `sleep` waits
// between tries and returns false to give up.
Result<std::string> FetchJwks(const JwksPlace& place,
                              const std::function<bool(std::chrono::milliseconds)>& sleep);

// Fetches the keys at once, each hour, soon after a failure, and when it is asked to, on a thread
// of its own. Destroying it may wait for an exchange with the issuer that is under way.
class JwksFetcher {
 public:
  // Gets what came, or why nothing did, on the thread of `io`, which must outlive the fetcher; so
  // must whatever `take` uses.
  using Take = std::function<void(const Result<std::string>&)>;
  JwksFetcher(boost::asio::io_context& io, JwksPlace place, Take take);

  // Returns at once. Any thread.
  void Ask();

 private:
  void Run(const std::stop_token& stop);
  bool Sleep(const std::stop_token& stop, std::chrono::milliseconds time, bool until_asked);

  boost::asio::io_context& io_;
  const JwksPlace place_;
  const Take take_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool asked_ = false;   // guarded by mutex_
  std::jthread thread_;  // last: it uses the others
};

}  // namespace conntrail
