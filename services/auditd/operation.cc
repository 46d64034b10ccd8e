#include "services/auditd/operation.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/base/check.h"
#include "services/api/openapi/openapi.h"
#include "services/api/openapi/operation_table.h"
#include "services/api/openapi/reference_page.h"

namespace conntrail {
namespace {

using PlainAnswer = std::function<http::Response(const http::Request&)>;

http::Response Plain(int status, std::string text) {
  http::Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(text);
  return response;
}

boost::asio::awaitable<http::Response> AnswerPlain(const PlainAnswer& answer,
                                                   const http::Request& request) {
  co_return answer(request);
}

// REQUIRES: PlainEndpoints(), which the document is made from, has the path.
void AddPlain(http::Router& router, std::string_view path, PlainAnswer answer) {
  const auto documented = api::PlainEndpoints();
  CONNTRAIL_CHECK(std::any_of(documented.begin(), documented.end(),
                              [&](const auto& endpoint) { return endpoint.path == path; }));
  router.Add(
      http::Method::kGet, path,
      [answer = std::move(answer)](const http::Request& request, const http::PathParameters&) {
        return AnswerPlain(answer, request);
      });
}

}  // namespace

Operation::Operation(Parts parts)
    : parts_(std::move(parts)),
      openapi_(api::OpenApiDocument(CONNTRAIL_VERSION), "application/json"),
      reference_(api::ReferencePage(CONNTRAIL_VERSION), "text/html; charset=utf-8",
                 {{"Content-Security-Policy",
                   "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                   "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
                  {"X-Content-Type-Options", "nosniff"}}) {}

void Operation::AddTo(http::Router& router) {
  AddPlain(router, "/healthz", [](const http::Request&) { return Plain(200, "ok\n"); });
  AddPlain(router, "/readyz", [this](const http::Request&) { return Ready(); });
  AddPlain(router, "/metrics", [this](const http::Request&) { return Figures(); });
  AddPlain(router, "/openapi.json",
           [this](const http::Request& request) { return openapi_.To(request); });
  AddPlain(router, "/docs",
           [this](const http::Request& request) { return reference_.To(request); });
}

http::Response Operation::Ready() const {
  if (draining_) return Plain(503, "going down\n");
  const std::string halted = parts_.gateways->halted();
  if (!halted.empty()) return Plain(503, "halted: " + halted + "\n");
  if (!parts_.ring->in_step()) {
    return Plain(503, "the keys are not in step, so that nobody gets in: restart the server\n");
  }
  if (parts_.outcomes != nullptr && parts_.outcomes->waiting() > parts_.lag_max) {
    return Plain(503,
                 fmt::format("decisions wait for the topic {}, which has taken no outcomes for "
                             "{} ms: {}\n",
                             parts_.outcomes->name(), parts_.outcomes->waiting().count(),
                             parts_.outcomes->trouble()));
  }
  const std::string missing = parts_.missing();
  if (!missing.empty()) return Plain(503, missing + "\n");
  const auto lag = parts_.gateways->Lag();
  if (lag > parts_.lag_max) return Plain(503, fmt::format("behind by {} ms\n", lag.count()));
  // What endangers the log is no reason to answer nobody: a line each, for whoever looks.
  std::string text = "ready\n";
  for (const LogFinding& finding : parts_.findings()) {
    if (!finding.is_accepted) text += fmt::format("warning: {}: {}\n", finding.name, finding.text);
  }
  return Plain(200, std::move(text));
}

http::Response Operation::Figures() const {
  Metrics::Levels levels;
  levels.connections = parts_.connections();
  for (const auto& [partition, gateway] : parts_.gateways->all()) {
    levels.partitions.push_back({partition, gateway->waiting(), gateway->applied().value,
                                 gateway->log_end().value, gateway->Lag().count(),
                                 gateway->is_halted()});
  }
  if (parts_.outcomes != nullptr) {
    levels.outcomes = Metrics::Outcomes{.published = parts_.outcomes->published(),
                                        .waiting_ms = parts_.outcomes->waiting().count()};
  }
  levels.findings = parts_.findings();
  http::Response response = Plain(200, parts_.metrics->Text(levels));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

}  // namespace conntrail
