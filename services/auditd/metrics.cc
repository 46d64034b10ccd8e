#include "services/auditd/metrics.h"

#include <map>
#include <mutex>
#include <tuple>
#include <vector>

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

using LevelFamily = prometheus::Family<prometheus::Gauge>;

LevelFamily& Gauges(prometheus::Registry& registry, const char* name, const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry);
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
      Gauges(registry, "conntrail_http_connections", "Connections open now.").Add({});
  LevelFamily& waiting =
      Gauges(registry, "conntrail_submissions_waiting", "Events that wait for their decision.");
  LevelFamily& applied =
      Gauges(registry, "conntrail_applied_offset", "The next offset to be folded.");
  LevelFamily& end = Gauges(registry, "conntrail_log_end_offset", "The log's end.");
  LevelFamily& lag = Gauges(registry, "conntrail_projection_lag_seconds",
                            "How far decisions are behind the log's end.");
  LevelFamily& halted =
      Gauges(registry, "conntrail_projection_halted", "1 if the projection follows no more.");
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

  prometheus::Family<prometheus::Gauge>& findings =
      BuildGauge()
          .Name("conntrail_log_findings")
          .Help("How often the log has this against it, accepted by --unsafe or not.")
          .Register(registry);

  std::mutex mutex;
  // Guarded by mutex: figures by their labels, so that these are built once.
  std::map<std::tuple<std::string, int, int>, Exchanges, std::less<>> exchanges;
  std::map<std::pair<std::string, std::string>, prometheus::Counter*> by_verdict;
  std::map<std::pair<PartitionId, LevelFamily*>, prometheus::Gauge*> of_partitions;

  // A partition that is projected elsewhere by now has no figures here. REQUIRES: mutex is held.
  void SetPartitions(const std::vector<PartitionLevels>& partitions) {
    std::map<std::pair<PartitionId, LevelFamily*>, prometheus::Gauge*> gone;
    std::swap(gone, of_partitions);
    for (const PartitionLevels& levels : partitions) {
      const auto set = [&](LevelFamily& family, double value) {
        const std::pair key(levels.partition, &family);
        const auto known = gone.find(key);
        prometheus::Gauge* gauge =
            known != gone.end()
                ? known->second
                : &family.Add({{"partition", std::to_string(levels.partition.value)}});
        if (known != gone.end()) gone.erase(known);
        gauge->Set(value);
        of_partitions[key] = gauge;
      };
      set(waiting, static_cast<double>(levels.waiting));
      set(applied, static_cast<double>(levels.applied_offset));
      set(end, static_cast<double>(levels.log_end));
      set(lag, static_cast<double>(levels.lag_ms) / 1000);
      set(halted, levels.halted ? 1 : 0);
    }
    for (const auto& [key, gauge] : gone) key.second->Remove(gauge);
  }
  std::vector<prometheus::Gauge*> findings_now;

  // What is mended has no figure any more. REQUIRES: mutex is held.
  void SetFindings(const std::vector<LogFinding>& all) {
    for (prometheus::Gauge* gone : findings_now) findings.Remove(gone);
    findings_now.clear();
    std::map<std::pair<std::string, bool>, int> counts;
    for (const LogFinding& finding : all) ++counts[{finding.name, finding.is_accepted}];
    for (const auto& [finding, count] : counts) {
      findings_now.push_back(&findings.Add(
          {{"name", finding.first}, {"accepted", finding.second ? "true" : "false"}}, count));
    }
  }
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
  const std::lock_guard lock(f.mutex);
  f.SetFindings(levels.findings);
  f.connections.Set(static_cast<double>(levels.connections));
  f.SetPartitions(levels.partitions);
  if (levels.outcomes) {
    prometheus::Counter& published = f.published.Add({});
    published.Increment(static_cast<double>(levels.outcomes->published) - published.Value());
    f.outcomes_waiting.Add({}).Set(static_cast<double>(levels.outcomes->waiting_ms) / 1000);
  }
  return prometheus::TextSerializer().Serialize(f.registry.Collect());
}

}  // namespace conntrail
