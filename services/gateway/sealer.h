#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <random>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "projections/evidence/signer.h"
#include "services/gateway/gateways.h"

namespace conntrail {

// Appends a seal to a partition when the last one is older than the interval and something was
// recorded since, or when nothing was for long: silence can be proven, too. Several nodes may do so
// for one partition; the fold takes the first. What was signed goes into the log with it.
//
// All of it belongs to the thread of the io_context.
class Sealer {
 public:
  struct Options {
    std::chrono::milliseconds interval{1000};  // 0: never seals
    std::chrono::milliseconds idle{60'000};
    std::chrono::milliseconds spread{0};  // so much longer at random, where nodes do it together
    std::chrono::milliseconds look{100};  // between two looks
  };
  // Appends the event to that partition and waits for its decision.
  using Submit = std::function<boost::asio::awaitable<std::vector<Submission>>(
      PartitionId, std::vector<EncodedEvent>)>;

  // `signer` may be null. All must outlive it.
  Sealer(boost::asio::io_context& io, const Gateways& gateways, Signer* signer, Submit submit,
         Options options);

  void Start();
  // Gives up what is under way; that ends once the loop has run what is ready.
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;
  struct Seen {
    bool is_known = false;
    uint64_t seals = 0;  // that there are
    Clock::time_point since;
    std::chrono::milliseconds wait{0};
    bool is_sealing = false;
    boost::asio::cancellation_signal cancel;  // of that
  };

  boost::asio::awaitable<void> Run();
  bool IsDue(const Gateway& gateway, Seen& seen);
  boost::asio::awaitable<void> Seal(PartitionId partition);
  boost::asio::awaitable<bool> Append(PartitionId partition, conntrail::Seal seal);

  boost::asio::io_context& io_;
  const Gateways& gateways_;
  Signer* const signer_;
  const Submit submit_;
  const Options options_;
  boost::asio::steady_timer timer_;
  std::map<PartitionId, Seen> seen_;
  std::minstd_rand random_{std::random_device{}()};
  bool is_stopped_ = false;
};

}  // namespace conntrail
