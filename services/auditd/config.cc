#include "services/auditd/config.h"

#include <map>
#include <memory>
#include <set>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <toml++/toml.h>

#include "events/base/number.h"
#include "services/auditd/jwks_fetcher.h"
#include "services/client/server_url.h"

namespace conntrail {
namespace {

constexpr const char* kAbout =
    "conntraild: the audit service for connections. Serves the HTTP API on a data directory.";
constexpr const char* kFooter =
    "\nEach option can be a flag, the variable named beside it, or a line of the file that\n"
    "--config names (TOML: listen = \"127.0.0.1:8411\"; dashes become underscores). A flag counts\n"
    "more than a variable, a variable more than the file.\n"
    "Diagnostics are JSON lines on standard error. SIGTERM and SIGINT end it once everything that\n"
    "was accepted is answered, with 0; SIGHUP reads the TLS files and the issuer's keys again.\n"
    "Exit codes: 2 wrong arguments, 3 damaged, 4 in use or something must be done first, 7 I/O.";

// The options by their name in the file, as text that CLI11 can convert.
Result<std::map<std::string, std::string>> ReadFile(const std::string& path) {
  std::map<std::string, std::string> values;
  try {
    const toml::table table = toml::parse_file(path);
    for (const auto& [key, node] : table) {
      std::string text;
      if (const auto value = node.value_exact<std::string>()) {
        text = *value;
      } else if (const auto number = node.value_exact<int64_t>()) {
        text = std::to_string(*number);
      } else if (const auto flag = node.value_exact<bool>()) {
        text = *flag ? "true" : "false";
      } else {
        return Status::InvalidArgument(
            fmt::format("{}, line {}: {} must be a text, an integer or a boolean", path,
                        node.source().begin.line, key.str()));
      }
      values[std::string(key.str())] = text;
    }
  } catch (const toml::parse_error& error) {
    return Status::InvalidArgument(
        fmt::format("{}, line {}: {}", path, error.source().begin.line, error.description()));
  }
  return values;
}

std::optional<Config::Address> ParseAddress(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  Config::Address address{.host = listen.substr(0, colon)};
  if (address.host.size() > 1 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  const auto port = ParseNumber<uint16_t>(std::string_view(listen).substr(colon + 1));
  if (!port || address.host.empty()) return std::nullopt;
  address.port = *port;
  return address;
}

// What stands between the commas of `list`.
std::vector<std::string> PartsOf(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    parts.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

// "0,3-5" in ascending order.
Result<std::vector<PartitionId>> ParsePartitions(const std::string& list) {
  std::set<PartitionId> partitions;
  for (const std::string& text : PartsOf(list)) {
    const std::string_view part = text;
    const size_t dash = std::min(part.find('-'), part.size());
    const auto first = ParseNumber<uint16_t>(part.substr(0, dash));
    const auto last = dash == part.size() ? first : ParseNumber<uint16_t>(part.substr(dash + 1));
    if (!first || !last || *last < *first) {
      return Status::InvalidArgument("--partitions \"" + list +
                                     "\" is no list of numbers, like 0,3-5");
    }
    for (uint32_t p = *first; p <= *last; ++p) partitions.emplace(static_cast<uint16_t>(p));
  }
  return std::vector<PartitionId>(partitions.begin(), partitions.end());
}

// All options, bound to a Config.
class Options {
 public:
  explicit Options(Config& config) : config_(config) {
    app_.footer(kFooter);
    app_.set_version_flag("--version", "conntraild " CONNTRAIL_VERSION, "Prints the version");
    Add("config", file_, "A TOML file with options");
    Add("data", config.data, "The data directory; made if there is none");
    Add("log", config.log.log,
        "embedded, or kafka:HOST:PORT,.../TOPIC (made by conntrail kafka init); default: as "
        "before, "
        "embedded for a new data directory");
    Add("kafka-properties", config.log.kafka_properties,
        "A file of librdkafka's properties, NAME=VALUE: security.protocol, sasl.*, ssl.*");
    Add("kafka-headers", config.log.kafka_headers,
        "Records written to Kafka get the headers of CloudEvents (true, false)");
    Add("unsafe", config.log.unsafe,
        "Findings about the topic that are accepted, with commas (conntrail kafka check names "
        "them)");
    Add("outcomes", config.log.outcomes,
        "Publishes what becomes of each record in the topic TOPIC.outcomes beside the log (made by "
        "conntrail kafka init --outcomes): true, false; default: as before, false for a new data "
        "directory. Decisions then wait for that topic, too: while it is away, none is made")
        .expected(0, 1);
    Add("listen", config.listen, "HOST:PORT to listen on; port 0 picks a free one");
    Add("ready-file", config.ready_file, "Written (mode 0600, JSON) once requests are answered");
    Add("org", config.org, "The organisation that the first start opens");
    Add("partitions", config.partitions,
        "Which partitions of the log this node projects (0,3-5); default: all");
    Add("group", config.group,
        "A consumer group that spreads the partitions over its nodes; needs a log in Kafka");
    Add("advertise", config.advertise, "URL by which other nodes reach this one; default: listen");
    Add("peers", peers_, "URLs of the other nodes, with commas; those of a group are found");
    Add("restore-from", config.restore_from,
        "URL of a node whose copy a partition begins with of which nothing is here; without one it "
        "is folded from the log");
    Add("peer-ca-file", config.peer_ca_file,
        "Who is trusted for the other nodes' certificates, PEM; default: the system's authorities");
    Add("tls-certificate", config.tls_certificate, "PEM file: the certificate and its chain");
    Add("tls-key", config.tls_key, "PEM file: the private key");
    Add("oidc-issuer", config.oidc_issuer, "Issuer of bearer tokens that are accepted");
    Add("oidc-audience", config.oidc_audience, "Audience that bearer tokens must name");
    Add("oidc-jwks-file", config.oidc_jwks_file, "The issuer's keys (JWKS), read again on SIGHUP");
    Add("oidc-jwks-url", config.oidc_jwks_url,
        "Or where they are; without either the issuer's discovery document tells");
    Add("oidc-ca-file", config.oidc_ca_file,
        "Who is trusted for the issuer's certificate, PEM; without it the system's authorities");
    Add("oidc-org-claim", config.oidc_org_claim, "The claim that names the organisation");
    Add("rate-limit", config.rate_limit, "Requests a minute and key; 0: no limit");
    Add("connections-max", config.connections_max, "Connections open at once");
    Add("decision-wait-ms", decision_wait_ms_, "How long a write waits for its outcome");
    Add("drain-wait-ms", drain_wait_ms_, "How long an end waits for what was accepted");
    Add("evidence-name", config_.evidence_name,
        "HOST/NAME of this deployment in what it signs, for ever; without it the log's id");
    Add("seal-interval-ms", seal_interval_ms_,
        "How long what was recorded waits for its seal, after which it is signed; 0: for ever");
    Add("access-lines", config.access_lines, "A diagnostics line for each request (true, false)");
  }

  CLI::App& app() { return app_; }
  const std::string& file() const { return file_; }

  // Takes from the file what neither a flag nor a variable has given.
  Status TakeFile() {
    CONNTRAIL_ASSIGN_OR_RETURN(const auto values, ReadFile(file_));
    for (const auto& [name, value] : values) {
      const auto found = options_.find(name);
      if (found == options_.end() || name == "config") {
        return Status::InvalidArgument(
            fmt::format("{}: there is no option \"{}\"; see conntraild --help", file_, name));
      }
      CLI::Option* option = found->second;
      if (option->count() > 0) continue;
      try {
        option->add_result(value);
        option->run_callback();
      } catch (const CLI::Error& error) {
        return Status::InvalidArgument(fmt::format("{}: {}", file_, error.what()));
      }
    }
    return Status::Ok();
  }

  Status Finish() {
    config_.decision_wait = std::chrono::milliseconds(decision_wait_ms_);
    config_.drain_wait = std::chrono::milliseconds(drain_wait_ms_);
    config_.seal_interval = std::chrono::milliseconds(seal_interval_ms_);
    if (config_.data.empty()) {
      return Status::InvalidArgument("--data is missing: the data directory");
    }
    if (!config_.log.log.empty()) {
      CONNTRAIL_RETURN_IF_ERROR(ParseLogAddress(config_.log.log).status());
    }
    CONNTRAIL_RETURN_IF_ERROR(ParseAccepted(config_.log.unsafe).status());
    CONNTRAIL_RETURN_IF_ERROR(FinishNodes());
    CONNTRAIL_RETURN_IF_ERROR(FinishOutcomes());
    const auto address = ParseAddress(config_.listen);
    if (!address) {
      return Status::InvalidArgument("--listen \"" + config_.listen +
                                     "\" is not HOST:PORT, like 127.0.0.1:8411");
    }
    config_.address = *address;
    if (config_.tls_certificate.empty() != config_.tls_key.empty()) {
      return Status::InvalidArgument("--tls-certificate and --tls-key belong together");
    }
    if (config_.oidc_issuer.empty()) return Status::Ok();
    if (config_.oidc_audience.empty()) {
      return Status::InvalidArgument("--oidc-issuer needs --oidc-audience beside it");
    }
    if (!config_.oidc_jwks_file.empty()) return Status::Ok();
    return CheckJwksPlace({config_.oidc_issuer, config_.oidc_jwks_url, config_.oidc_ca_file});
  }

 private:
  Status FinishNodes() {
    if (!config_.partitions.empty() && !config_.group.empty()) {
      return Status::InvalidArgument("--partitions and --group exclude each other");
    }
    CONNTRAIL_ASSIGN_OR_RETURN(config_.chosen, ParsePartitions(config_.partitions));
    for (const std::string& url : PartsOf(peers_)) {
      CONNTRAIL_RETURN_IF_ERROR(client::ServerUrl::Parse(url).status());
      config_.peers.push_back(url);
    }
    if (!config_.restore_from.empty()) {
      CONNTRAIL_RETURN_IF_ERROR(client::ServerUrl::Parse(config_.restore_from).status());
    }
    if (config_.advertise.empty()) return Status::Ok();
    return client::ServerUrl::Parse(config_.advertise).status();
  }

  Status FinishOutcomes() {
    std::string& outcomes = config_.log.outcomes;
    if (outcomes.empty() && options_.at("outcomes")->count() > 0) outcomes = "true";  // no value
    if (outcomes.empty() || outcomes == "true" || outcomes == "false") return Status::Ok();
    return Status::InvalidArgument("--outcomes \"" + outcomes + "\" is neither true nor false");
  }

  template <typename T>
  CLI::Option& Add(const std::string& name, T& value, const std::string& about) {
    std::string variable = "CONNTRAIL_";
    std::string key;
    for (const char c : name) {
      key += c == '-' ? '_' : c;
      variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    CLI::Option* option = app_.add_option("--" + name, value, about);
    option->envname(variable)->capture_default_str();
    if constexpr (std::is_same_v<T, uint64_t>) option->check(CLI::NonNegativeNumber);
    options_[key] = option;
    return *option;
  }

  Config& config_;
  CLI::App app_{kAbout, "conntraild"};
  std::string file_;
  std::string peers_;
  uint64_t decision_wait_ms_ = 10'000;
  uint64_t drain_wait_ms_ = 30'000;
  uint64_t seal_interval_ms_ = 1000;
  std::map<std::string, CLI::Option*> options_;
};

ConfigResult Wrong(const std::string& what) {
  return {.exit_code = 2, .output = "conntraild: " + what + "; see conntraild --help\n"};
}

}  // namespace

ConfigResult ReadConfig(const std::vector<std::string>& arguments) {
  Config config;
  Options options(config);
  try {
    options.app().parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, wrong;
    const int code = options.app().exit(error, out, wrong);
    if (code == 0) return {.exit_code = 0, .output = out.str()};
    return Wrong(error.what());
  }
  if (!options.file().empty()) {
    const Status taken = options.TakeFile();
    if (!taken.ok()) return Wrong(taken.message());
  }
  const Status finished = options.Finish();
  if (!finished.ok()) return Wrong(finished.message());
  return {.config = std::move(config)};
}

}  // namespace conntrail
