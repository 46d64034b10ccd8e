#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "events/base/clock.h"
#include "events/secret/fingerprint.h"
#include "projections/evidence/signer.h"
#include "projections/views/org_view.h"
#include "services/api/fault.h"
#include "services/auth/authenticator.h"
#include "services/gateway/gateways.h"
#include "services/http/router.h"
#include "services/peers/peers.h"

namespace conntrail::api {

class ConnectionCache;
class TrailFeed;

// Refuses with 429 what a key asks too often, and names the limit in headers.
using Limit = std::function<std::optional<http::Response>(const Caller&, ErrorForm,
                                                          std::vector<http::Header>& headers)>;

// What the endpoints work with. All of it must outlive them.
class Service {
 public:
  struct Parts {
    const Gateways* gateways = nullptr;
    uint16_t partition_count = 1;  // of the log
    Authenticator* authenticator = nullptr;
    const KeyRing* ring = nullptr;
    const Fingerprinter* fingerprinter = nullptr;
    const Clock* clock = &Clock::System();
    TrailFeed* feed = nullptr;
    ConnectionCache* connections = nullptr;
    Limit limit;               // may be empty
    Peers* peers = nullptr;    // null: this node answers for everything
    Signer* signer = nullptr;  // null: nothing is signed here
    std::string no_signer;     // then why
  };
  explicit Service(Parts parts) : parts_(std::move(parts)) {}

  // REQUIRES: the partition is projected here.
  Gateway& gateway(PartitionId partition) const { return parts_.gateways->Of(partition); }
  uint16_t partition_count() const { return parts_.partition_count; }
  Authenticator& authenticator() const { return *parts_.authenticator; }
  const KeyRing& ring() const { return *parts_.ring; }
  const Fingerprinter& fingerprinter() const { return *parts_.fingerprinter; }
  ConnectionCache& connections() const { return *parts_.connections; }
  TrailFeed& feed() const { return *parts_.feed; }
  UnixMs Now() const { return parts_.clock->Now(); }
  const Limit& limit() const { return parts_.limit; }
  Peers* peers() const { return parts_.peers; }
  Signer* signer() const { return parts_.signer; }
  const std::string& no_signer() const { return parts_.no_signer; }
  TileCache& tiles() { return tiles_; }
  // For what would keep the loop's thread too long.
  boost::asio::thread_pool& workers() { return workers_; }
  // Whether reading by that account is to be recorded: not again for a while after it was.
  bool BeginsReading(const Caller& caller);

  bool Serves(PartitionId partition) const { return parts_.gateways->Serves(partition); }
  // Has `events` appended to that partition and decided, here or by the node that answers for it;
  // of the latter only fate and verdict are told.
  boost::asio::awaitable<std::vector<Submission>> Submit(PartitionId partition,
                                                         std::vector<EncodedEvent> events);
  // Requests that are being answered from that partition.
  size_t in_use(PartitionId partition) const;
  // Lets go of what is kept of that partition. REQUIRES: it is not in use.
  void Forget(PartitionId partition) { views_.erase(partition); }

  // The view of an org over what is decided now; shared by all requests until something more is.
  // kUnavailable: its partition is answered for elsewhere by now.
  Result<std::shared_ptr<const OrgView>> View(const keys::OrgAddress& address);

 private:
  friend class NameClaim;
  friend class PartitionUse;

  const Parts parts_;
  std::set<std::pair<OrgId, std::string>> claimed_names_;
  // Of one partition.
  struct Views {
    std::shared_ptr<const StoreSnapshot> snapshot;
    std::map<OrgSlot, std::shared_ptr<const OrgView>> orgs;  // over the snapshot
  };
  std::map<PartitionId, Views> views_;
  std::map<PartitionId, size_t> in_use_;
  TileCache tiles_;
  std::map<std::pair<OrgId, Uuid>, UnixMs> readings_;  // of whom, since when
  boost::asio::thread_pool workers_{1};
};

// A request that is answered from a partition, as long as it lasts. The loop's thread only.
class PartitionUse {
 public:
  PartitionUse(Service& service, PartitionId partition) : count_(service.in_use_[partition]) {
    ++count_;
  }
  ~PartitionUse() { --count_; }
  PartitionUse(const PartitionUse&) = delete;
  PartitionUse& operator=(const PartitionUse&) = delete;

 private:
  size_t& count_;  // entries of a map stay where they are
};

// Claims a name in an org until its request is answered, so that two requests at a time do not both
// find it free. The loop's thread only.
class NameClaim {
 public:
  NameClaim(Service& service, const OrgId& org, std::string name)
      : claimed_(service.claimed_names_), key_(org, std::move(name)) {
    holds_ = claimed_.insert(key_).second;
  }
  ~NameClaim() {
    if (holds_) claimed_.erase(key_);
  }
  NameClaim(const NameClaim&) = delete;
  NameClaim& operator=(const NameClaim&) = delete;

  bool holds() const { return holds_; }

 private:
  std::set<std::pair<OrgId, std::string>>& claimed_;
  const std::pair<OrgId, std::string> key_;
  bool holds_ = false;
};

// On every answer of a partition that follows its log no more (/readyz says why): it is as of the
// moment at which that happened.
inline constexpr std::string_view kStaleHeader = "Conntrail-Stale";

// One request of somebody known.
struct Call {
  Service& service;
  const http::Request& request;
  const http::PathParameters& path;
  Caller caller;
  ErrorForm errors = ErrorForm::kTexts;
  std::vector<http::Header> said;  // headers that the answer gets, whatever it is

  // Of the partition in which the caller's org is.
  Gateway& gateway() const { return service.gateway(caller.address.partition); }
};

using CallHandler = boost::asio::awaitable<http::Response> (*)(Call&);

// One endpoint of the API.
struct Endpoint {
  http::Method method = http::Method::kGet;
  std::string_view path;
  ErrorForm errors = ErrorForm::kTexts;
  uint64_t rights = 0;  // all of them are needed to be let in; what is decided at the fold is not
                        // asked here, so that refusals stand in the trail
  CallHandler handler = nullptr;
  std::string_view name;     // "CreateActionConnection"
  std::string_view summary;  // for the reference
};

// Adds the endpoint to `router`: who calls is established, limits are applied, and only then the
// handler runs. The service must outlive the router.
void Add(http::Router& router, Service& service, const Endpoint& endpoint);

}  // namespace conntrail::api
