#include "services/api/service.h"

#include <chrono>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "events/base/number.h"
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

asio::awaitable<http::Response> Answer(Service& service, const Endpoint& endpoint,
                                       const http::Request& request,
                                       const http::PathParameters& path) {
  const Admission admission = service.authenticator().Authenticate(request);
  if (!admission.ok()) co_return ErrorResponse(endpoint.errors, Unauthorized());
  Call call{service, request, path, *admission.caller, endpoint.errors, {}};
  if (service.limit()) {
    if (auto refused = service.limit()(call.caller, endpoint.errors, call.said)) {
      co_return std::move(*refused);
    }
  }
  if (const std::string* index = request.Parameter("at_least")) {
    if (auto refused = co_await AwaitIndex(call, *index)) co_return std::move(*refused);
  }
  http::Response response;
  if (!call.caller.Has(endpoint.rights)) {
    response = ErrorResponse(endpoint.errors, Forbidden(endpoint.rights & ~call.caller.rights));
  } else {
    response = co_await endpoint.handler(call);
  }
  for (http::Header& header : call.said) response.headers.push_back(std::move(header));
  co_return response;
}

}  // namespace

Result<std::shared_ptr<const OrgView>> Service::View(const keys::OrgAddress& address) {
  std::shared_ptr<const StoreSnapshot> now = gateway().Snapshot();
  if (now != viewed_) {
    views_.clear();
    viewed_ = std::move(now);
  }
  std::shared_ptr<const OrgView>& view = views_[address];
  if (view == nullptr) {
    CONNTRAIL_ASSIGN_OR_RETURN(OrgView opened, OrgView::OpenAt(viewed_, address));
    view = std::make_shared<const OrgView>(std::move(opened));
  }
  return view;
}

void Add(http::Router& router, Service& service, const Endpoint& endpoint) {
  // `endpoint` is one of a table that lives for ever.
  router.Add(endpoint.method, endpoint.path,
             [&service, &endpoint](const http::Request& request, const http::PathParameters& path) {
               return Answer(service, endpoint, request, path);
             });
}

}  // namespace conntrail::api
