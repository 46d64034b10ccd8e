#include "services/auditd/jwks_fetcher.h"

#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "events/base/json_reader.h"
#include "services/client/client.h"

namespace conntrail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kDiscovery = "/.well-known/openid-configuration";
constexpr size_t kBodyBytesMax = size_t{1} << 20;
constexpr seconds kUsualPause{3600};
constexpr seconds kPauseAfterFailure{30};

struct Address {
  client::ServerUrl server;  // with the path
  std::string query;         // "" or "?…"
};

Result<Address> AddressOf(const std::string& url) {
  Address address;
  const size_t question = std::min(url.find('?'), url.size());
  CONNTRAIL_ASSIGN_OR_RETURN(address.server, client::ServerUrl::Parse(url.substr(0, question)));
  address.query = url.substr(question);
  if (!address.server.tls && !address.server.is_loopback()) {
    return Status::InvalidArgument("the keys of an issuer must come by https, not from " + url);
  }
  return address;
}

std::string DiscoveryOf(std::string issuer) {
  while (issuer.ends_with('/')) issuer.pop_back();
  return issuer.append(kDiscovery);
}

Result<std::string> Get(const std::string& url, const std::string& ca_file,
                        const std::function<bool(milliseconds)>& sleep) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Address address, AddressOf(url));
  client::ClientOptions options;
  options.url = address.server;
  options.ca_file = ca_file;
  options.headers = {{"Accept", "application/json"}};
  options.connect_wait_max = seconds(5);
  options.answer_wait_max = seconds(5);
  options.body_bytes_max = kBodyBytesMax;
  options.tries_max = 2;
  options.pause_max = seconds(5);
  options.sleep = sleep;
  client::ClientRequest request;
  request.target = (address.server.base.empty() ? "/" : "") + address.query;
  client::Client client(std::move(options));
  CONNTRAIL_ASSIGN_OR_RETURN(client::Answer answer, client.Send(request));
  if (answer.status == 200) return std::move(answer.body);
  return Status::Unavailable(fmt::format("{} answers {}", url, answer.status));
}

// The document's own issuer must be the one that was asked, byte by byte (section 4.3).
Result<std::string> JwksUriOf(std::string_view document, const std::string& issuer) {
  const std::string of = "the discovery document of " + issuer;
  const Result<JsonValue> root = ParseJson(document);
  if (!root.ok()) return Status::InvalidArgument(of + ": " + root.status().message());
  JsonReader reader(*root);
  const JsonValue* own = reader.Require(*root, "issuer");
  const JsonValue* uri = reader.Require(*root, "jwks_uri");
  if (own != nullptr && reader.Text(*own) != issuer) reader.Fail(*own, "is another issuer");
  std::string text = uri == nullptr ? "" : reader.Text(*uri);
  if (!reader.ok()) return Status::InvalidArgument(of + ": " + reader.status().message());
  return text;
}

}  // namespace

Status CheckJwksPlace(const JwksPlace& place) {
  const std::string url = place.url.empty() ? DiscoveryOf(place.issuer) : place.url;
  return AddressOf(url).status();
}

Result<std::string> FetchJwks(const JwksPlace& place,
                              const std::function<bool(milliseconds)>& sleep) {
  std::string url = place.url;
  if (url.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const std::string document,
                               Get(DiscoveryOf(place.issuer), place.ca_file, sleep));
    CONNTRAIL_ASSIGN_OR_RETURN(url, JwksUriOf(document, place.issuer));
  }
  return Get(url, place.ca_file, sleep);
}

JwksFetcher::JwksFetcher(boost::asio::io_context& io, JwksPlace place, Take take)
    : io_(io),
      place_(std::move(place)),
      take_(std::move(take)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void JwksFetcher::Ask() {
  {
    const std::lock_guard lock(mutex_);
    asked_ = true;
  }
  changed_.notify_all();
}

// False: it is time to end.
bool JwksFetcher::Sleep(const std::stop_token& stop, milliseconds time, bool until_asked) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, time, [&] { return until_asked && asked_; });
  return !stop.stop_requested();
}

void JwksFetcher::Run(const std::stop_token& stop) {
  do {
    {
      const std::lock_guard lock(mutex_);
      asked_ = false;
    }
    auto keys = FetchJwks(place_, [&](milliseconds time) { return Sleep(stop, time, false); });
    if (stop.stop_requested()) return;
    const bool came = keys.ok();
    boost::asio::post(io_, [take = take_, keys = std::move(keys)] { take(keys); });
    if (!Sleep(stop, came ? kUsualPause : kPauseAfterFailure, true)) return;
  } while (true);
}

}  // namespace conntrail
