#include "services/auditd/metrics.h"

#include <map>
#include <mutex>
#include <tuple>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace conntrail {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

prometheus::Gauge& Level(prometheus::Registry& registry, const char* name, const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

}  // namespace

struct Metrics::Figures {
  struct Exchanges {
    prometheus::Counter* count;
    prometheus::Histogram* seconds;
  };

  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      BuildCounter()
          .Name("conntrail_http_requests_total")
          .Help("Requests answered, by route, method and status.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& seconds =
      BuildHistogram()
          .Name("conntrail_http_request_seconds")
          .Help("From the first byte of a request to the last of its answer.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& decisions =
      BuildCounter()
          .Name("conntrail_decisions_total")
          .Help("Records folded, by event type and verdict.")
          .Register(registry);
  prometheus::Gauge& connections =
      Level(registry, "conntrail_http_connections", "Connections open now.");
  prometheus::Gauge& waiting =
      Level(registry, "conntrail_submissions_waiting", "Events that wait for their decision.");
  prometheus::Gauge& applied =
      Level(registry, "conntrail_applied_offset", "The next offset to be folded.");
  prometheus::Gauge& end = Level(registry, "conntrail_log_end_offset", "The log's end.");
  prometheus::Gauge& lag = Level(registry, "conntrail_projection_lag_seconds",
                                 "How far decisions are behind the log's end.");
  prometheus::Gauge& halted =
      Level(registry, "conntrail_projection_halted", "1 if the projection follows no more.");
  prometheus::Family<prometheus::Counter>& published =
      BuildCounter()
          .Name("conntrail_outcomes_published_total")
          .Help("Records that the topic of outcomes has acknowledged.")
          .Register(registry);
  prometheus::Family<prometheus::Gauge>& outcomes_waiting =
      BuildGauge()
          .Name("conntrail_outcomes_waiting_seconds")
          .Help("How long decided records have been waiting for the topic of outcomes.")
          .Register(registry);

  std::mutex mutex;
  // Guarded by mutex: figures by their labels, so that these are built once.
  std::map<std::tuple<std::string, int, int>, Exchanges, std::less<>> exchanges;
  std::map<std::pair<std::string, std::string>, prometheus::Counter*> by_verdict;
};

Metrics::Metrics() : figures_(std::make_unique<Figures>()) {}
Metrics::~Metrics() = default;

void Metrics::Observe(const http::Exchange& exchange) {
  Figures& f = *figures_;
  const std::lock_guard lock(f.mutex);
  Figures::Exchanges& known = f.exchanges[{std::string(exchange.route),
                                           static_cast<int>(exchange.method), exchange.status}];
  if (known.count == nullptr) {
    const std::string route(exchange.route.empty() ? "unknown" : exchange.route);
    const std::string method(http::MethodName(exchange.method));
    known.count = &f.requests.Add(
        {{"method", method}, {"route", route}, {"status", std::to_string(exchange.status)}});
    known.seconds = &f.seconds.Add({{"method", method}, {"route", route}}, kSeconds);
  }
  known.count->Increment();
  known.seconds->Observe(std::chrono::duration<double>(exchange.duration).count());
}

void Metrics::CountDecision(std::string_view verdict, std::string_view event_type) {
  Figures& f = *figures_;
  const std::lock_guard lock(f.mutex);
  prometheus::Counter*& counter = f.by_verdict[{std::string(verdict), std::string(event_type)}];
  if (counter == nullptr) {
    counter = &f.decisions.Add(
        {{"event_type", std::string(event_type)}, {"verdict", std::string(verdict)}});
  }
  counter->Increment();
}

std::string Metrics::Text(const Levels& levels) {
  Figures& f = *figures_;
  f.connections.Set(static_cast<double>(levels.connections));
  f.waiting.Set(static_cast<double>(levels.waiting));
  f.applied.Set(static_cast<double>(levels.applied_offset));
  f.end.Set(static_cast<double>(levels.log_end));
  f.lag.Set(static_cast<double>(levels.lag_ms) / 1000);
  f.halted.Set(levels.halted ? 1 : 0);
  if (levels.outcomes) {
    const std::lock_guard lock(f.mutex);
    prometheus::Counter& published = f.published.Add({});
    published.Increment(static_cast<double>(levels.outcomes->published) - published.Value());
    f.outcomes_waiting.Add({}).Set(static_cast<double>(levels.outcomes->waiting_ms) / 1000);
  }
  return prometheus::TextSerializer().Serialize(f.registry.Collect());
}

}  // namespace conntrail
