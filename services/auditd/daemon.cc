#include "services/auditd/daemon.h"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include "events/secret/token_shapes.h"
#include "projections/data_directory.h"
#include "services/api/connection_cache.h"
#include "services/api/endpoints.h"
#include "services/api/event_intake.h"
#include "services/api/trail_feed.h"
#include "services/auditd/diagnostics.h"
#include "services/auditd/jwks_fetcher.h"
#include "services/auditd/metrics.h"
#include "services/auditd/operation.h"
#include "services/auditd/ready_file.h"
#include "services/auth/oidc.h"
#include "services/auth/rate_limiter.h"
#include "services/gateway/gateway.h"
#include "services/http/server.h"

namespace conntrail {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr PartitionId kPartition{0};
constexpr std::chrono::seconds kFlushEvery{30};

http::Response FaultAnswer(int status, std::string_view text, std::string_view target) {
  return api::ErrorResponse(
      api::ErrorFormOf(target),
      {.status = status, .title = std::string(text), .detail = std::string(text)});
}

Result<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Status::Io("cannot read " + path);
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

// All parts of a running server, in the order in which they depend on each other.
class Daemon {
 public:
  explicit Daemon(const Config& config) : config_(config) {}

  Status Run() {
    CONNTRAIL_RETURN_IF_ERROR(OpenDirectory());
    CONNTRAIL_RETURN_IF_ERROR(OpenDoor());
    CONNTRAIL_RETURN_IF_ERROR(Listen());
    gateway_->Start();
    AwaitSignals();
    std::jthread flusher([this](const std::stop_token& stop) { FlushNowAndThen(stop); });
    io_.run();
    flusher = std::jthread();  // stops and joins
    fetcher_.reset();
    gateway_->Stop();
    server_.reset();
    return Finish();
  }

 private:
  Status OpenDirectory() {
    DataDirectory::Options options;
    options.create = true;
    options.log = config_.log;
    options.diagnostics = [](const std::string& text) { Tell(Level::kWarning, text); };
    CONNTRAIL_ASSIGN_OR_RETURN(directory_, DataDirectory::Open(config_.data, options));
    int64_t told_percent = -10;
    CONNTRAIL_RETURN_IF_ERROR(directory_->CatchUp([&](uint64_t next, uint64_t end) {
      const auto percent = static_cast<int64_t>(next * 100 / std::max<uint64_t>(end, 1));
      if (percent < told_percent + 10) return;
      told_percent = percent;
      Tell(Level::kInfo, "catching up with the log",
           {{"next_offset", static_cast<int64_t>(next)}, {"end", static_cast<int64_t>(end)}});
    }));
    CONNTRAIL_ASSIGN_OR_RETURN(administrator_, EnsureAdministrator(*directory_, config_.org));
    return Status::Ok();
  }

  Status OpenDoor() {
    ring_ = std::make_unique<KeyRing>(directory_->store(), kPartition);
    CONNTRAIL_RETURN_IF_ERROR(ring_->Load());
    if (!config_.oidc_issuer.empty()) {
      OidcSettings settings;
      settings.issuer = config_.oidc_issuer;
      settings.audience = config_.oidc_audience;
      settings.org_claim = config_.oidc_org_claim;
      settings.rights_allowed = right::kAll & ~(right::kOperator | right::kBackfill);
      oidc_ = std::make_unique<Oidc>(*ring_, settings, [this] {
        if (fetcher_ != nullptr) fetcher_->Ask();
      });
      CONNTRAIL_RETURN_IF_ERROR(ReadJwks());
    }
    Authenticator::Options options;
    options.oidc = oidc_.get();
    authenticator_ = std::make_unique<Authenticator>(*ring_, options);
    Gateway::Options gateway_options;
    gateway_options.decision_wait_max = config_.decision_wait;
    gateway_ = std::make_unique<Gateway>(io_, directory_->log(), directory_->store(),
                                         directory_->projector(), gateway_options);
    gateway_->AddListener([this](const std::vector<FoldedRecord>& folded) {
      const Status status = ring_->Apply(folded);
      if (!status.ok()) Tell(Level::kError, "the keys are not in step: " + status.ToString());
      connections_.Forget(folded);
      feed_.Notify();
      for (const FoldedRecord& record : folded) {
        metrics_.CountDecision(VerdictName(record.line.verdict), EventTypeName(record.line.type));
      }
    });
    return Status::Ok();
  }

  // From the file, or begins to fetch them: until they come, tokens are refused.
  Status ReadJwks() {
    if (config_.oidc_jwks_file.empty()) {
      const JwksPlace place{config_.oidc_issuer, config_.oidc_jwks_url, config_.oidc_ca_file};
      if (fetcher_ != nullptr) {
        fetcher_->Ask();
      } else {
        fetcher_ = std::make_unique<JwksFetcher>(
            io_, place, [this](const Result<std::string>& jwks) { TakeJwks(jwks); });
      }
      return Status::Ok();
    }
    CONNTRAIL_ASSIGN_OR_RETURN(const std::string jwks, ReadWhole(config_.oidc_jwks_file));
    return oidc_->TakeKeys(jwks);
  }

  void TakeJwks(const Result<std::string>& jwks) {
    const Status status = jwks.ok() ? oidc_->TakeKeys(*jwks) : jwks.status();
    Tell(status.ok() ? Level::kInfo : Level::kError,
         status.ok() ? "the issuer's keys are there" : "the issuer's keys: " + status.ToString());
  }

  Status Listen() {
    api::Service::Parts parts;
    parts.gateway = gateway_.get();
    parts.authenticator = authenticator_.get();
    parts.ring = ring_.get();
    parts.feed = &feed_;
    parts.connections = &connections_;
    parts.fingerprinter = &directory_->fingerprinter();
    if (config_.rate_limit > 0) {
      limiter_ = std::make_unique<RateLimiter>(
          RateLimit{"requests_per_minute", static_cast<uint32_t>(config_.rate_limit), 60});
      parts.limit = [this](const Caller& caller, api::ErrorForm form,
                           std::vector<http::Header>& headers) {
        return LimitOf(caller, form, headers);
      };
    }
    service_ = std::make_unique<api::Service>(std::move(parts));
    router_.SetFault(FaultAnswer);
    Operation::Parts operation;
    operation.metrics = &metrics_;
    operation.gateway = gateway_.get();
    operation.ring = ring_.get();
    operation.outcomes = directory_->outcomes();
    operation.lag_max = Gateway::Options().lag_max;
    operation.connections = [this] { return server_->connections(); };
    operation_ = std::make_unique<Operation>(std::move(operation));
    operation_->AddTo(router_);
    for (const std::span<const api::Endpoint> table : api::AllEndpoints()) {
      for (const api::Endpoint& endpoint : table) api::Add(router_, *service_, endpoint);
    }

    http::ServerOptions options;
    options.address = config_.address.host;
    options.port = config_.address.port;
    options.connections_max = config_.connections_max;
    if (!config_.tls_certificate.empty()) {
      options.tls = http::TlsFiles{config_.tls_certificate, config_.tls_key};
    }
    options.fault = FaultAnswer;
    options.body_bytes_max_of = [usual = options.body_bytes_max](const http::Request&,
                                                                 std::string_view route) {
      return route == "/api/v2/connection_events" ? api::kIntakeBytesMax : usual;
    };
    options.request_id_refused = [](std::string_view id) { return !FindTokenShape(id).empty(); };
    options.observe = [this](const http::Exchange& exchange) { Observe(exchange); };
    server_ = std::make_unique<http::Server>(io_, options, router_);
    CONNTRAIL_ASSIGN_OR_RETURN(const uint16_t port, server_->Start());
    const bool is_v6 = config_.address.host.find(':') != std::string::npos;
    const std::string url =
        fmt::format("{}://{}:{}", options.tls ? "https" : "http",
                    is_v6 ? "[" + config_.address.host + "]" : config_.address.host, port);
    if (administrator_.is_first_start) {
      const std::string headers = config_.data + "/keys/admin.headers";
      CONNTRAIL_RETURN_IF_ERROR(WriteHeaderFile(headers, administrator_));
      Tell(Level::kInfo, "first start: the administrator's keys are in " +
                             FirstAdministratorPath(*directory_) + ", and for curl -H @FILE in " +
                             headers);
    }
    Tell(Level::kInfo, "serving", {{"url", url}, {"version", CONNTRAIL_VERSION}});
    if (config_.ready_file.empty()) return Status::Ok();
    return WriteReadyFile(config_.ready_file, url, administrator_);
  }

  std::optional<http::Response> LimitOf(const Caller& caller, api::ErrorForm form,
                                        std::vector<http::Header>& headers) {
    Uuid key;
    if (caller.principal) key = caller.principal->id;
    if (caller.api_key) key = caller.api_key->uuid;
    if (caller.application_key) key = caller.application_key->uuid;
    const RateVerdict verdict = limiter_->Take(key, Clock::System().Now());
    headers = RateLimitHeaders(limiter_->limit(), verdict);
    if (verdict.allowed) return std::nullopt;
    http::Response response = api::ErrorResponse(
        form, {.status = 429, .title = "Too Many Requests", .detail = "Too many requests"});
    response.headers = headers;
    response.headers.push_back({"Retry-After", std::to_string(verdict.reset_s)});
    return response;
  }

  void Observe(const http::Exchange& exchange) {
    metrics_.Observe(exchange);
    // 501 is what a method is answered that no server has to know.
    const bool is_fault = exchange.status >= 500 && exchange.status != 501;
    if (!config_.access_lines && !is_fault) return;
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(exchange.duration);
    Tell(is_fault ? Level::kError : Level::kInfo, "request",
         {{"request_id", exchange.id},
          {"method", http::MethodName(exchange.method)},
          {"route", exchange.route},
          {"status", int64_t{exchange.status}},
          {"duration_us", int64_t{us.count()}},
          {"peer", exchange.peer}});
  }

  void AwaitSignals() {
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.add(SIGHUP);
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        Reload();
        AwaitSignals();
      } else {
        Drain();
      }
    });
  }

  void Reload() {
    if (!config_.tls_certificate.empty()) {
      const Status status = server_->ReloadTls();
      Tell(status.ok() ? Level::kInfo : Level::kError,
           status.ok() ? "the TLS files are read again" : status.ToString());
    }
    if (oidc_ != nullptr) {
      const Status status = ReadJwks();
      Tell(status.ok() ? Level::kInfo : Level::kError,
           status.ok() ? "the issuer's keys are asked for again" : status.ToString());
    }
  }

  void Drain() {
    Tell(Level::kInfo, "going down: answering what was accepted");
    operation_->StartDraining();
    feed_.Close();
    server_->Drain(config_.drain_wait, [this](bool all_answered) {
      if (!all_answered) Tell(Level::kWarning, "some requests had to be cut off");
      io_.stop();
    });
  }

  // Bounds what a crash makes the next start replay. A thread of its own, since it waits for disks.
  void FlushNowAndThen(const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any stopped;
    while (!stopped.wait_for(lock, stop, kFlushEvery, [&] { return stop.stop_requested(); })) {
      const Status status = directory_->store().Flush();
      if (!status.ok()) Tell(Level::kError, status.ToString());
    }
  }

  Status Finish() {
    service_.reset();
    const std::string halted = gateway_->halted();
    const auto next = static_cast<int64_t>(directory_->projector().next().value);
    gateway_.reset();  // it holds a snapshot
    CONNTRAIL_RETURN_IF_ERROR(directory_->store().Flush());
    directory_.reset();
    Tell(Level::kInfo, "stopped", {{"next_offset", next}});
    return halted.empty() ? Status::Ok() : Status::Corruption(halted);
  }

  const Config& config_;
  std::unique_ptr<DataDirectory> directory_;
  FirstAdministrator administrator_;
  asio::io_context io_{1};
  asio::signal_set signals_{io_};
  Metrics metrics_;
  api::TrailFeed feed_{io_};
  api::ConnectionCache connections_{io_};
  std::unique_ptr<KeyRing> ring_;
  std::unique_ptr<Oidc> oidc_;
  std::unique_ptr<JwksFetcher> fetcher_;
  std::unique_ptr<Authenticator> authenticator_;
  std::unique_ptr<RateLimiter> limiter_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<api::Service> service_;
  std::unique_ptr<Operation> operation_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace

Status Serve(const Config& config) { return Daemon(config).Run(); }

}  // namespace conntrail
