#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/base/clock.h"
#include "events/secret/fingerprint.h"
#include "projections/views/org_view.h"
#include "services/api/fault.h"
#include "services/auth/authenticator.h"
#include "services/gateway/gateway.h"
#include "services/http/router.h"

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
    Gateway* gateway = nullptr;
    Authenticator* authenticator = nullptr;
    const KeyRing* ring = nullptr;
    const Fingerprinter* fingerprinter = nullptr;
    const Clock* clock = &Clock::System();
    PartitionId partition{0};
    TrailFeed* feed = nullptr;
    ConnectionCache* connections = nullptr;
    Limit limit;  // may be empty
  };
  explicit Service(Parts parts) : parts_(std::move(parts)) {}

  Gateway& gateway() const { return *parts_.gateway; }
  Authenticator& authenticator() const { return *parts_.authenticator; }
  const KeyRing& ring() const { return *parts_.ring; }
  const Fingerprinter& fingerprinter() const { return *parts_.fingerprinter; }
  ConnectionCache& connections() const { return *parts_.connections; }
  TrailFeed& feed() const { return *parts_.feed; }
  UnixMs Now() const { return parts_.clock->Now(); }
  const Limit& limit() const { return parts_.limit; }

  // The view of an org over what is decided now; shared by all requests until something more is.
  Result<std::shared_ptr<const OrgView>> View(const keys::OrgAddress& address);

 private:
  friend class NameClaim;

  const Parts parts_;
  std::set<std::pair<OrgId, std::string>> claimed_names_;
  std::shared_ptr<const StoreSnapshot> viewed_;
  std::map<keys::OrgAddress, std::shared_ptr<const OrgView>> views_;  // over viewed_
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

// One request of somebody known.
struct Call {
  Service& service;
  const http::Request& request;
  const http::PathParameters& path;
  Caller caller;
  ErrorForm errors = ErrorForm::kTexts;
  std::vector<http::Header> said;  // headers that the answer gets, whatever it is
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
