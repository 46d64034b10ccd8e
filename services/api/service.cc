#include "services/api/service.h"

#include <chrono>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "events/base/number.h"
#include "services/api/receipt.h"
#include "services/auth/rights.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

constexpr int kAtLeastTries = 400;  // two seconds
constexpr std::chrono::milliseconds kAtLeastPause{5};

Fault Unauthorized() {
  return {.status = 401, .title = "Unauthorized", .detail = std::string(kUnauthorizedText)};
}

Fault Forbidden(uint64_t missing) {
  Fault fault{.status = 403, .title = "Forbidden"};
  fault.detail = "Forbidden: the key lacks " + RightNames(missing);
  return fault;
}

// Waits until the record of that index is decided: whoever was told of it elsewhere reads it here.
asio::awaitable<std::optional<http::Response>> AwaitIndex(Call& call, const std::string& text) {
  const auto index = ParseNumber<uint64_t>(text);
  if (!index) {
    co_return ErrorResponse(call.errors, {.title = "Invalid Parameter",
                                          .detail = "must be the index of a record",
                                          .parameter = "at_least"});
  }
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (int tries = 0; tries < kAtLeastTries; ++tries) {
    const auto view = call.service.View(call.caller.address);
    if (view.ok() && (*view)->state().next_index.value > *index) co_return std::nullopt;
    timer.expires_after(kAtLeastPause);
    co_await timer.async_wait(asio::use_awaitable);
  }
  http::Response response =
      ErrorResponse(call.errors, {.status = 503,
                                  .title = "Service Unavailable",
                                  .detail = "record " + text + " is not decided here yet"});
  response.headers.push_back({"Retry-After", "1"});
  co_return response;
}

// Waits until the partition is applied as far as the peer that passed the request on has seen it.
asio::awaitable<bool> AwaitFloor(const Gateway& gateway, Offset floor) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (int tries = 0; gateway.applied() < floor; ++tries) {
    if (tries == kAtLeastTries) co_return false;
    timer.expires_after(kAtLeastPause);
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return true;
}

// Whether another node may know who has sent the request, though this one does not.
bool MayBeKnownElsewhere(AuthRefusal refusal) {
  return refusal == AuthRefusal::kUnknownKey || refusal == AuthRefusal::kTokenUnknownSubject;
}

// REQUIRES: the caller is known somewhere.
http::Response Passed(Peers::Handed handed, const Endpoint& endpoint) {
  if (handed.fate == Peers::Handed::Fate::kAnswered) return std::move(handed.response);
  const bool is_unknown = handed.fate == Peers::Handed::Fate::kUnknown;
  http::Response response = ErrorResponse(
      endpoint.errors, {.status = is_unknown ? 504 : 503,
                        .title = is_unknown ? "Outcome Unknown" : "Service Unavailable",
                        .detail = handed.detail});
  if (!is_unknown) response.headers.push_back({"Retry-After", "1"});
  return response;
}

asio::awaitable<http::Response> AnswerHere(Call& call, const Endpoint& endpoint) {
  Service& service = call.service;
  if (service.limit()) {
    if (auto refused = service.limit()(call.caller, endpoint.errors, call.said)) {
      co_return std::move(*refused);
    }
  }
  if (call.gateway().is_halted()) call.said.push_back({std::string(kStaleHeader), "halted"});
  if (const std::string* index = call.request.Parameter("at_least")) {
    if (auto refused = co_await AwaitIndex(call, *index)) co_return std::move(*refused);
  }
  http::Response response;
  if (!call.caller.Has(endpoint.rights)) {
    response = ErrorResponse(endpoint.errors, Forbidden(endpoint.rights & ~call.caller.rights));
  } else {
    response = co_await endpoint.handler(call);
  }
  for (http::Header& header : call.said) response.headers.push_back(std::move(header));
  if (call.request.Has(kWantReceiptHeader)) co_await AddReceipt(call, response);
  co_return response;
}

// A request that a peer has passed on: from its client, not before the peer's floor, and with word
// of how far the answer looks.
asio::awaitable<http::Response> AnswerPeer(Service& service, const Endpoint& endpoint,
                                           const http::Request& request,
                                           const http::PathParameters& path, const Caller& caller) {
  http::Request own = request;
  own.peer = std::string(request.Find(kForHeader));
  Call call{service, own, path, caller, endpoint.errors, {}};
  const PartitionId partition = caller.address.partition;
  const auto floor = Peers::FloorOf(request, partition);
  if (floor) {
    const bool reached = co_await AwaitFloor(call.gateway(), *floor);
    if (!reached) co_return service.peers()->NotHere();
  }
  http::Response response = co_await AnswerHere(call, endpoint);
  response.headers.push_back(
      {std::string(kAppliedHeader),
       fmt::format("{}:{}", partition.value, call.gateway().applied().value)});
  co_return response;
}

asio::awaitable<http::Response> Answer(Service& service, const Endpoint& endpoint,
                                       const http::Request& request,
                                       const http::PathParameters& path) {
  Admission admission = service.authenticator().Authenticate(request);
  Peers* peers = service.peers();
  const bool from_peer = peers != nullptr && peers->IsFromPeer(request);
  const auto is_here = [&] {
    return admission.ok() && service.Serves(admission.caller->address.partition);
  };
  if (!is_here()) {
    const bool may_be_elsewhere =
        peers != nullptr && (admission.ok() || MayBeKnownElsewhere(admission.refusal));
    if (!may_be_elsewhere) co_return ErrorResponse(endpoint.errors, Unauthorized());
    if (from_peer) co_return peers->NotHere();
    Peers::Handed handed = co_await peers->PassOn(request);
    if (handed.fate != Peers::Handed::Fate::kUnknownCaller) {
      co_return Passed(std::move(handed), endpoint);
    }
    // The partition may have come to this node while the others were asked.
    admission = service.authenticator().Authenticate(request);
    if (!is_here()) co_return ErrorResponse(endpoint.errors, Unauthorized());
  }
  const PartitionUse use(service, admission.caller->address.partition);
  if (from_peer) {
    co_return co_await AnswerPeer(service, endpoint, request, path, *admission.caller);
  }
  Call call{service, request, path, *admission.caller, endpoint.errors, {}};
  co_return co_await AnswerHere(call, endpoint);
}

}  // namespace

asio::awaitable<std::vector<Submission>> Service::Submit(PartitionId partition,
                                                         std::vector<EncodedEvent> events) {
  if (Serves(partition) || peers() == nullptr) {
    const PartitionUse use(*this, partition);
    co_return co_await gateway(partition).SubmitAll(std::move(events));
  }
  co_return co_await peers()->Submit(partition, std::move(events));
}

size_t Service::in_use(PartitionId partition) const {
  const auto found = in_use_.find(partition);
  return found == in_use_.end() ? 0 : found->second;
}

Result<std::shared_ptr<const OrgView>> Service::View(const keys::OrgAddress& address) {
  const Gateway* gateway = parts_.gateways->Find(address.partition);
  if (gateway == nullptr) {
    return Status::Unavailable(
        fmt::format("partition {} is answered for elsewhere", address.partition.value));
  }
  std::shared_ptr<const StoreSnapshot> now = gateway->Snapshot();
  Views& views = views_[address.partition];
  if (now != views.snapshot) {
    views.orgs.clear();
    views.snapshot = std::move(now);
  }
  std::shared_ptr<const OrgView>& view = views.orgs[address.slot];
  if (view == nullptr) {
    CONNTRAIL_ASSIGN_OR_RETURN(OrgView opened, OrgView::OpenAt(views.snapshot, address));
    view = std::make_shared<const OrgView>(std::move(opened));
  }
  return view;
}

bool Service::BeginsReading(const Caller& caller) {
  constexpr UnixMs kReadingMs = 10 * 60 * 1000;
  constexpr size_t kReadingsMax = 10'000;
  Uuid reader;
  if (caller.application_key) {
    reader = caller.application_key->uuid;
  } else if (caller.principal) {
    reader = caller.principal->id;
  }
  const UnixMs now = Now();
  std::erase_if(readings_, [&](const auto& reading) { return reading.second + kReadingMs < now; });
  if (readings_.size() >= kReadingsMax) readings_.clear();
  return readings_.emplace(std::pair(caller.org, reader), now).second;
}

void Add(http::Router& router, Service& service, const Endpoint& endpoint) {
  // `endpoint` is one of a table that lives for ever.
  router.Add(endpoint.method, endpoint.path,
             [&service, &endpoint](const http::Request& request, const http::PathParameters& path) {
               return Answer(service, endpoint, request, path);
             });
}

}  // namespace conntrail::api
