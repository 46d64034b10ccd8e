#include "services/auditd/daemon.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include "events/base/number.h"
#include "events/secret/token_shapes.h"
#include "projections/data_directory.h"
#include "projections/evidence/open_signer.h"
#include "projections/evidence/org_tree.h"
#include "projections/log_findings.h"
#include "services/api/connection_cache.h"
#include "services/api/endpoints.h"
#include "services/api/event_intake.h"
#include "services/api/trail_feed.h"
#include "services/auditd/diagnostics.h"
#include "services/auditd/jwks_fetcher.h"
#include "services/auditd/membership.h"
#include "services/auditd/metrics.h"
#include "services/auditd/operation.h"
#include "services/auditd/partition_keeper.h"
#include "services/auditd/ready_file.h"
#include "services/auth/oidc.h"
#include "services/auth/rate_limiter.h"
#include "services/gateway/gateways.h"
#include "services/gateway/sealer.h"
#include "services/http/server.h"
#include "services/peers/copy_offers.h"
#include "services/peers/peer_copy.h"
#include "services/peers/peer_events.h"

namespace conntrail {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

http::Response FaultAnswer(int status, std::string_view text, std::string_view target) {
  return api::ErrorResponse(
      api::ErrorFormOf(target),
      {.status = status, .title = std::string(text), .detail = std::string(text)});
}

// Fewer records are folded as quickly as a copy of them, about 1.8 kB a record, is fetched.
constexpr uint64_t kRecordsWorthACopy = 100'000;

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
    OpenPeers();
    CONNTRAIL_RETURN_IF_ERROR(Listen());
    gateways_.Start();
    CONNTRAIL_RETURN_IF_ERROR(KeepPartitions());
    StartSealer();
    if (!config_.ready_file.empty()) {
      CONNTRAIL_RETURN_IF_ERROR(WriteReadyFile(config_.ready_file, url_, administrator_));
    }
    AwaitSignals();
    io_.run();
    sealer_->Stop();
    io_.restart();
    io_.poll();  // ends what was being sealed
    membership_.reset();
    is_ending_ = true;
    keeper_.reset();
    if (peers_ != nullptr) peers_->Stop();
    fetcher_.reset();
    offers_.reset();
    gateways_.Stop();
    server_.reset();
    return Finish();
  }

 private:
  Status OpenDirectory() {
    DataDirectory::Options options;
    options.create = true;
    options.log = config_.log;
    if (!has_all_partitions()) options.partitions = config_.chosen;
    options.diagnostics = [](const std::string& text) { Tell(Level::kWarning, text); };
    options.copies = [this](const DataDirectory& directory, PartitionId partition,
                            uint64_t records) { return CopyOf(directory, partition, records); };
    CONNTRAIL_ASSIGN_OR_RETURN(directory_, DataDirectory::Open(config_.data, options));
    CONNTRAIL_RETURN_IF_ERROR(OpenEvidence());
    int64_t told_percent = -10;
    CONNTRAIL_RETURN_IF_ERROR(directory_->CatchUp([&](uint64_t next, uint64_t end) {
      const auto percent = static_cast<int64_t>(next * 100 / std::max<uint64_t>(end, 1));
      if (percent < told_percent + 10) return;
      told_percent = percent;
      Tell(Level::kInfo, "catching up with the log",
           {{"next_offset", static_cast<int64_t>(next)}, {"end", static_cast<int64_t>(end)}});
    }));
    return LetSomebodyIn();
  }

  // Without a key the server does everything but sign.
  Status OpenEvidence() {
    auto signer = OpenSigner(*directory_, config_.evidence_name);
    if (signer.status().code() == StatusCode::kNotFound) {
      no_signer_ = signer.status().message();
      Tell(Level::kWarning, "nothing is signed: " + no_signer_);
      return Status::Ok();
    }
    CONNTRAIL_ASSIGN_OR_RETURN(signer_, std::move(signer));
    return Status::Ok();
  }

  void StartSealer() {
    Sealer::Options options;
    options.interval = config_.seal_interval;
    const auto log = ParseLogAddress(directory_->log_address());
    if (log.ok() && log->is_kafka()) options.spread = options.interval / 3;
    sealer_ = std::make_unique<Sealer>(
        io_, gateways_, signer_.get(),
        [this](PartitionId partition, std::vector<EncodedEvent> events) {
          return service_->Submit(partition, std::move(events));
        },
        options);
    sealer_->Start();
  }

  // From the node that was named; else, where partitions move, from one that answers for it.
  std::unique_ptr<CopyFiles> CopyOf(const DataDirectory& directory, PartitionId partition,
                                    uint64_t records) {
    std::string url = config_.restore_from;
    if (url.empty() && records >= kRecordsWorthACopy) url = UrlOfPeerWith(partition);
    if (url.empty()) return nullptr;
    auto parsed = client::ServerUrl::Parse(url);
    if (!parsed.ok()) return nullptr;
    PeerCopy::Options options;
    options.url = std::move(*parsed);
    options.token = directory.fingerprinter().PeerToken();
    options.ca_file = config_.peer_ca_file;
    options.partition = partition;
    options.gives_up = &is_ending_;
    Tell(Level::kInfo, "fetching a copy of a partition",
         {{"partition", int64_t{partition.value}}, {"from", url}});
    return std::make_unique<PeerCopy>(std::move(options));
  }

  // "" before peers are known. Called by the keeper's thread, or before there is one.
  std::string UrlOfPeerWith(PartitionId partition) {
    if (!knows_peers_) return "";
    const auto found = std::make_shared<std::promise<std::string>>();
    std::future<std::string> url = found->get_future();
    asio::post(io_, [this, partition, found] { found->set_value(peers_->UrlOf(partition)); });
    // At the end nobody runs what was posted.
    const bool is_there = url.wait_for(std::chrono::seconds(2)) == std::future_status::ready;
    return is_there ? url.get() : "";
  }

  // Where only some partitions are projected, nobody can tell here whether an org has keys: then
  // the first administrator is made by whoever finds the log empty.
  Status LetSomebodyIn() {
    EventLog& log = directory_->log();
    if (has_all_partitions()) {
      CONNTRAIL_ASSIGN_OR_RETURN(administrator_, EnsureAdministrator(*directory_, config_.org));
      return Status::Ok();
    }
    for (uint16_t p = 0; p < log.partition_count(); ++p) {
      CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log.End(PartitionId(p)));
      if (end.value > 0) return Status::Ok();
    }
    const PartitionId home =
        DataDirectory::PartitionOfNew(DataDirectory::IdOfOrg(config_.org), log.partition_count());
    const std::vector<PartitionId> held = directory_->partitions();
    const bool is_held = std::find(held.begin(), held.end(), home) != held.end();
    if (!is_held) CONNTRAIL_RETURN_IF_ERROR(directory_->Hold(home).status());
    CONNTRAIL_ASSIGN_OR_RETURN(administrator_, EnsureAdministrator(*directory_, config_.org));
    if (!is_held) directory_->Release(home);
    return Status::Ok();
  }

  Status OpenDoor() {
    for (const PartitionId partition : directory_->partitions()) {
      CONNTRAIL_RETURN_IF_ERROR(OpenGateway(partition));
    }
    if (!config_.oidc_issuer.empty()) {
      OidcSettings settings;
      settings.issuer = config_.oidc_issuer;
      settings.audience = config_.oidc_audience;
      settings.org_claim = config_.oidc_org_claim;
      settings.rights_allowed = right::kAll & ~(right::kOperator | right::kBackfill);
      oidc_ = std::make_unique<Oidc>(ring_, settings, [this] {
        if (fetcher_ != nullptr) fetcher_->Ask();
      });
      CONNTRAIL_RETURN_IF_ERROR(ReadJwks());
    }
    Authenticator::Options options;
    options.oidc = oidc_.get();
    authenticator_ = std::make_unique<Authenticator>(ring_, options);
    return Status::Ok();
  }

  Status OpenGateway(PartitionId partition) {
    CONNTRAIL_RETURN_IF_ERROR(ring_.Add(directory_->projection(partition).store(), partition));
    gateways_.Add(MakeGateway(partition, directory_->Share(partition)));
    return Status::Ok();
  }

  std::unique_ptr<Gateway> MakeGateway(PartitionId partition,
                                       const std::shared_ptr<Projection>& projection) {
    Gateway::Options options;
    options.partition = partition;
    options.decision_wait_max = config_.decision_wait;
    options.keeps = projection;
    held_[partition] = projection;
    auto gateway = std::make_unique<Gateway>(io_, directory_->log(), projection->store(),
                                             projection->projector(), options);
    gateway->AddListener([this, partition](const std::vector<FoldedRecord>& folded) {
      const Status status = ring_.Apply(partition, folded);
      if (!status.ok()) Tell(Level::kError, "the keys are not in step: " + status.ToString());
      connections_.Forget(folded);
      feed_.Notify();
      for (const FoldedRecord& record : folded) {
        metrics_.CountDecision(VerdictName(record.line.verdict), EventTypeName(record.line.type));
      }
    });
    return gateway;
  }

  bool has_all_partitions() const { return config_.chosen.empty() && config_.group.empty(); }

  void OpenPeers() {
    if (has_all_partitions()) return;
    Peers::Options options;
    options.token = directory_->fingerprinter().PeerToken();
    options.ca_file = config_.peer_ca_file;
    options.partition_count = directory_->log().partition_count();
    options.own = [this] {
      std::map<PartitionId, Offset> own;
      for (const auto& [partition, gateway] : gateways_.all()) {
        if (gateways_.Serves(partition)) own[partition] = gateway->applied();
      }
      return own;
    };
    options.diagnostics = [](const std::string& text) { Tell(Level::kWarning, text); };
    peers_ = std::make_unique<Peers>(io_, std::move(options));
  }

  // Once it is known where this node listens.
  Status KeepPartitions() {
    PartitionKeeper::Parts parts;
    parts.io = &io_;
    parts.directory = directory_.get();
    parts.ring = &ring_;
    parts.gateways = &gateways_;
    parts.peers = peers_.get();
    parts.make_gateway = [this](PartitionId partition,
                                const std::shared_ptr<Projection>& projection) {
      return MakeGateway(partition, projection);
    };
    parts.in_use = [this](PartitionId partition) { return service_->in_use(partition); };
    parts.let_go = [this](PartitionId partition) {
      service_->Forget(partition);
      connections_.Clear();
      feed_.Notify();  // whoever follows one of its orgs notices
    };
    parts.diagnostics = [](const std::string& text) { Tell(Level::kInfo, text); };
    keeper_ = std::make_unique<PartitionKeeper>(std::move(parts));
    if (config_.group.empty()) keeper_->Want(directory_->partitions());
    if (peers_ == nullptr) return Status::Ok();
    peers_->SetOwnUrl(config_.advertise.empty() ? url_ : config_.advertise);
    peers_->SetUrls(config_.peers);
    peers_->Start();
    knows_peers_ = true;
    return config_.group.empty() ? Status::Ok() : JoinGroup();
  }

  Status JoinGroup() {
    LogChoice choice = config_.log;
    choice.log = directory_->log_address();
    CONNTRAIL_ASSIGN_OR_RETURN(KafkaSettings settings, KafkaSettingsOf(choice));
    settings.diagnostics = [](const std::string& text) { Tell(Level::kWarning, text); };
    KafkaGroup::Options options;
    options.group = config_.group;
    options.name = config_.advertise.empty() ? url_ : config_.advertise;
    options.assigned = [this](const std::vector<PartitionId>& partitions) {
      keeper_->Want(partitions);
    };
    membership_ = std::make_unique<Membership>(io_, *peers_, std::move(settings), options);
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
    parts.gateways = &gateways_;
    parts.partition_count = directory_->log().partition_count();
    parts.peers = peers_.get();
    parts.authenticator = authenticator_.get();
    parts.ring = &ring_;
    parts.feed = &feed_;
    parts.connections = &connections_;
    parts.fingerprinter = &directory_->fingerprinter();
    parts.signer = signer_.get();
    parts.no_signer = no_signer_;
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
    operation.gateways = &gateways_;
    operation.ring = &ring_;
    operation.outcomes = directory_->outcomes();
    operation.lag_max = Gateway::Options().lag_max;
    operation.connections = [this] { return server_->connections(); };
    operation.missing = [this] {
      return keeper_ == nullptr ? std::string("starting") : keeper_->missing();
    };
    operation.findings = [this] { return Findings(); };
    operation_ = std::make_unique<Operation>(std::move(operation));
    operation_->AddTo(router_);
    if (peers_ != nullptr) {
      router_.Add(http::Method::kGet, kNodePath,
                  [this](const http::Request& request, const http::PathParameters&) {
                    return DescribeNode(request);
                  });
      router_.Add(http::Method::kPost, kEventsPath,
                  [this](const http::Request& request, const http::PathParameters&) {
                    return TakePeerEvents(request);
                  });
    }
    const auto log = ParseLogAddress(directory_->log_address());
    if (log.ok() && log->is_kafka()) OfferCopies();
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
    url_ = fmt::format("{}://{}:{}", options.tls ? "https" : "http",
                       is_v6 ? "[" + config_.address.host + "]" : config_.address.host, port);
    if (administrator_.is_first_start) {
      const std::string headers = config_.data + "/keys/admin.headers";
      CONNTRAIL_RETURN_IF_ERROR(WriteHeaderFile(headers, administrator_));
      Tell(Level::kInfo, "first start: the administrator's keys are in " +
                             FirstAdministratorPath(*directory_) + ", and for curl -H @FILE in " +
                             headers);
    }
    Tell(Level::kInfo, "serving", {{"url", url_}, {"version", CONNTRAIL_VERSION}});
    return Status::Ok();
  }

  // About the log, and about other nodes that make something else of it.
  std::vector<LogFinding> Findings() const {
    std::vector<LogFinding> findings = FindingsAbout(directory_->log());
    for (const auto& [partition, gateway] : gateways_.all()) {
      const auto dissent = LastDissent(*gateway->Snapshot(), partition);
      if (!dissent.ok() || !*dissent) continue;
      findings.push_back(
          {"nodes-disagree",
           fmt::format(
               "at seal {} of partition {} another node has other records or decisions than "
               "this one; run conntrail replay verify on each",
               (*dissent)->number, partition.value)});
    }
    return findings;
  }

  // To other nodes of the log: with one of its own a node is alone.
  void OfferCopies() {
    CopyOffers::Options options;
    options.directory = std::filesystem::path(config_.data) / "copies";
    options.diagnostics = [](const std::string& text) { Tell(Level::kInfo, text); };
    offers_ = std::make_unique<CopyOffers>(io_, std::move(options));
    router_.Add(http::Method::kGet, kCopyPath,
                [this](const http::Request& request, const http::PathParameters& path) {
                  return OfferCopy(request, path);
                });
    router_.Add(http::Method::kGet, kCopyFilePath,
                [this](const http::Request& request, const http::PathParameters& path) {
                  return SendCopy(request, path);
                });
  }

  bool IsFromPeer(const http::Request& request) const {
    return conntrail::IsFromPeer(request, directory_->fingerprinter().PeerToken());
  }

  asio::awaitable<http::Response> OfferCopy(const http::Request& request,
                                            const http::PathParameters& path) {
    const auto partition = ParseNumber<uint16_t>(path["partition"]);
    const auto held = held_.find(PartitionId(partition.value_or(0)));
    auto projection = held == held_.end() ? nullptr : held->second.lock();
    if (!IsFromPeer(request) || !partition || projection == nullptr) {
      co_return http::PlainFault(404, "Not Found", request.target);
    }
    co_return offers_->Offer(std::move(projection));
  }

  asio::awaitable<http::Response> SendCopy(const http::Request& request,
                                           const http::PathParameters& path) {
    const auto partition = ParseNumber<uint16_t>(path["partition"]);
    if (!IsFromPeer(request) || !partition) {
      co_return http::PlainFault(404, "Not Found", request.target);
    }
    const std::string* text = request.Parameter("from");
    const auto from = text == nullptr ? std::optional<uint64_t>(0) : ParseNumber<uint64_t>(*text);
    if (!from) co_return http::PlainFault(400, "from is no number", request.target);
    co_return offers_->Piece(PartitionId(*partition), path["copy"], path["file"], *from);
  }

  asio::awaitable<http::Response> DescribeNode(const http::Request& request) {
    co_return peers_->Describe(request);
  }

  asio::awaitable<http::Response> TakePeerEvents(const http::Request& request) {
    if (!peers_->IsFromPeer(request)) {
      co_return http::PlainFault(404, "Not Found", request.target);
    }
    const std::string* text = request.Parameter("partition");
    const auto partition = text == nullptr ? std::nullopt : ParseNumber<uint16_t>(*text);
    Result<std::vector<EncodedEvent>> events = ReadPeerEvents(request.body);
    if (!partition || !events.ok()) co_return http::PlainFault(400, "not understood", "");
    if (!gateways_.Serves(PartitionId(*partition))) co_return peers_->NotHere();
    const std::vector<Submission> submissions =
        co_await service_->Submit(PartitionId(*partition), std::move(*events));
    http::Response response;
    response.content_type = "text/plain";
    response.body = WritePeerSubmissions(submissions);
    co_return response;
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
    if (membership_ != nullptr) membership_->Leave();  // others may take over
    feed_.Close();
    server_->Drain(config_.drain_wait, [this](bool all_answered) {
      if (!all_answered) Tell(Level::kWarning, "some requests had to be cut off");
      io_.stop();
    });
  }

  Status Finish() {
    sealer_.reset();
    service_.reset();
    const std::string halted = gateways_.halted();
    gateways_ = Gateways();  // they hold snapshots
    for (const PartitionId partition : directory_->partitions()) {
      Projection& projection = directory_->projection(partition);
      CONNTRAIL_RETURN_IF_ERROR(projection.store().Flush());
      Tell(Level::kInfo, "stopped",
           {{"partition", int64_t{partition.value}},
            {"next_offset", static_cast<int64_t>(projection.projector().next().value)}});
    }
    directory_.reset();
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
  KeyRing ring_;
  std::unique_ptr<Oidc> oidc_;
  std::unique_ptr<JwksFetcher> fetcher_;
  std::unique_ptr<Authenticator> authenticator_;
  std::unique_ptr<RateLimiter> limiter_;
  Gateways gateways_;
  std::map<PartitionId, std::weak_ptr<Projection>> held_;  // what is answered from
  std::unique_ptr<Peers> peers_;
  std::atomic<bool> knows_peers_ = false;
  std::atomic<bool> is_ending_ = false;
  std::unique_ptr<CopyOffers> offers_;
  std::unique_ptr<Signer> signer_;
  std::string no_signer_;  // why there is none
  std::unique_ptr<api::Service> service_;
  std::unique_ptr<Sealer> sealer_;
  std::unique_ptr<Operation> operation_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::string url_;
  std::unique_ptr<PartitionKeeper> keeper_;
  std::unique_ptr<Membership> membership_;
};

}  // namespace

Status Serve(const Config& config) { return Daemon(config).Run(); }

}  // namespace conntrail
