#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "events/base/strong_id.h"
#include "services/auth/siphash.h"
#include "services/client/upstream.h"
#include "services/gateway/gateway.h"

namespace conntrail {

// Headers between nodes. From anybody else they mean nothing.
inline constexpr std::string_view kPeerHeader = "conntrail-peer";        // the deployment's token
inline constexpr std::string_view kFloorHeader = "conntrail-floor";      // "0:17,3:99"
inline constexpr std::string_view kForHeader = "conntrail-for";          // address of the client
inline constexpr std::string_view kServesHeader = "conntrail-serves";    // "0,3", with 421
inline constexpr std::string_view kAppliedHeader = "conntrail-applied";  // "3:120"

// Where a node tells its peers what it projects.
inline constexpr std::string_view kNodePath = "/internal/v1/node";

// Whether `request` has the token of a deployment.
bool IsFromPeer(const http::Request& request, std::string_view token);

// The other nodes of a deployment, of which each projects some partitions: who they are, which
// partitions they answer for, and the passing on of requests that are not for this node.
//
// Whoever asks several times through one node reads what they have written: each answer that is
// passed back says how far its partition was applied, and no later one is made from less.
//
// Thread-safety: all of it belongs to the thread of `io`.
class Peers {
 public:
  struct Options {
    std::string token;             // Fingerprinter::PeerToken
    std::string ca_file;           // for https; "": the system's authorities
    uint16_t partition_count = 1;  // of the log
    // How far each partition that this node answers for is applied.
    std::function<std::map<PartitionId, Offset>()> own;
    std::chrono::milliseconds ask_every{500};
    std::chrono::milliseconds move_wait_max{10'000};  // for a partition that nobody answers for
    std::function<void(const std::string&)> diagnostics = [](const std::string&) {};
  };

  Peers(boost::asio::io_context& io, Options options);
  ~Peers();

  // How others reach this node.
  void SetOwnUrl(std::string url) { own_url_ = std::move(url); }

  // Who they are: URLs; this node's own one among them does not count.
  void SetUrls(const std::vector<std::string>& urls);

  // Begins to ask them what they project. Stop ends it.
  void Start();
  void Stop();

  // Whether a peer answered for `partition` when it was asked last.
  bool AnotherServes(PartitionId partition) const;
  // The URL of one that does; "": none.
  std::string UrlOf(PartitionId partition) const;
  // "" if each partition is answered for by somebody; else which are not.
  std::string Uncovered() const;

  // Whether `request` comes from a peer: then it is answered here or not at all.
  bool IsFromPeer(const http::Request& request) const;
  // How far `partition` must be applied before a request that a peer has passed on is answered.
  static std::optional<Offset> FloorOf(const http::Request& request, PartitionId partition);
  // 421 (RFC 9110, section 15.5.20): a peer has passed on what is not answered here; with what is.
  http::Response NotHere() const;
  // This node's description for its peers, the answer at kNodePath; 404 for anybody else.
  http::Response Describe(const http::Request& request) const;

  // What others shall wait for, for this node has answered from there.
  void RaiseFloor(PartitionId partition, Offset applied);

  // What came of passing a request on.
  struct Handed {
    enum class Fate {
      kAnswered,
      kUnknownCaller,  // all partitions were asked, this node's just now; none knows who is asking
      kUnavailable,    // nobody answers for it now; nothing was done
      kUnknown,        // the node that had the write broke off
    };
    Fate fate = Fate::kUnavailable;
    http::Response response;  // if kAnswered
    std::string detail;       // of the last two
  };
  // Has a peer append `events` to `partition`, and decide them. Of what was decided only the
  // verdict is told.
  boost::asio::awaitable<std::vector<Submission>> Submit(PartitionId partition,
                                                         std::vector<EncodedEvent> events);

  // Passes on what this node cannot answer, to the peer that can. Waits while a partition moves.
  boost::asio::awaitable<Handed> PassOn(const http::Request& request);

 private:
  struct Peer;
  boost::asio::awaitable<void> Watch(std::shared_ptr<Peer> peer);
  boost::asio::awaitable<bool> Ask(Peer& peer);
  std::vector<std::shared_ptr<Peer>> InOrder(const SipHash128& who) const;
  std::string FloorText() const;
  void TakeApplied(http::Response& response);

  boost::asio::io_context& io_;
  const Options options_;
  std::map<std::string, std::shared_ptr<Peer>> peers_;  // by URL
  std::string own_url_;
  bool started_ = false;
  std::map<PartitionId, Offset> floors_;
  const SipHasher hasher_;
  std::map<std::pair<uint64_t, uint64_t>, std::string> routes_;  // by who is asking
};

}  // namespace conntrail
