#include "services/api/service.h"

#include <exception>

#include "services/auth/rights.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

Fault Unauthorized() {
  return {.status = 401, .title = "Unauthorized", .detail = std::string(kUnauthorizedText)};
}

Fault Forbidden(uint64_t missing) {
  Fault fault{.status = 403, .title = "Forbidden"};
  fault.detail = "Forbidden: the key lacks " + RightNames(missing);
  return fault;
}

asio::awaitable<http::Response> Answer(Service& service, const Endpoint& endpoint,
                                       const http::Request& request,
                                       const http::PathParameters& path) {
  const Admission admission = service.authenticator().Authenticate(request);
  if (!admission.ok()) co_return ErrorResponse(endpoint.errors, Unauthorized());
  Call call{service, request, path, *admission.caller, endpoint.errors};
  std::vector<http::Header> headers;
  if (service.limit()) {
    if (auto refused = service.limit()(call.caller, endpoint.errors, headers)) {
      co_return std::move(*refused);
    }
  }
  http::Response response;
  if (!call.caller.Has(endpoint.rights)) {
    response = ErrorResponse(endpoint.errors, Forbidden(endpoint.rights & ~call.caller.rights));
  } else {
    response = co_await endpoint.handler(call);
  }
  for (http::Header& header : headers) response.headers.push_back(std::move(header));
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
