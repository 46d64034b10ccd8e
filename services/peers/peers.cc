#include "services/peers/peers.h"

#include <algorithm>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "events/base/json_reader.h"
#include "events/base/json_writer.h"
#include "events/base/number.h"
#include "services/peers/peer_events.h"

namespace conntrail {
namespace {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kAskWaitMax{2'000};
constexpr std::chrono::milliseconds kMovePause{50};
constexpr size_t kRoutesMax = 10'000;

// Without telling by the time that it takes how much of it is right.
bool SameToken(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    difference |= static_cast<unsigned>(a[i] ^ b[i]);
  }
  return difference == 0;
}

// "P:N" as a partition and an offset.
std::optional<std::pair<PartitionId, Offset>> ParsePair(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto partition = ParseNumber<uint16_t>(text.substr(0, colon));
  const auto offset = ParseNumber<uint64_t>(text.substr(colon + 1));
  if (!partition || !offset) return std::nullopt;
  return std::pair(PartitionId(*partition), Offset(*offset));
}

// Who is asking, as far as the headers tell.
std::string Credentials(const http::Request& request) {
  std::string text;
  for (const std::string_view name : {"dd-api-key", "dd-application-key", "authorization"}) {
    text += request.Find(name);
    text += '\n';
  }
  return text;
}

// What the node that gave this answer serves.
void AddServed(const http::Response& response, std::set<uint16_t>& served) {
  for (const http::Header& header : response.headers) {
    if (header.name != kServesHeader) continue;
    std::string_view list = header.value;
    while (!list.empty()) {
      const size_t comma = std::min(list.find(','), list.size());
      if (const auto partition = ParseNumber<uint16_t>(list.substr(0, comma))) {
        served.insert(*partition);
      }
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
}

bool MayRepeat(const http::Request& request) {
  return request.method == http::Method::kGet || request.method == http::Method::kHead;
}

}  // namespace

bool IsFromPeer(const http::Request& request, std::string_view token) {
  const std::string_view given = request.Find(kPeerHeader);
  return !given.empty() && SameToken(given, token);
}

struct Peers::Peer {
  std::string url;
  std::unique_ptr<client::Upstream> requests;
  std::unique_ptr<client::Upstream> questions;  // with less patience
  std::map<PartitionId, Offset> partitions;     // that it answers for
  bool reachable = true;
  bool gone = false;  // no peer any more
  std::unique_ptr<asio::steady_timer> timer;
};

Peers::Peers(asio::io_context& io, Options options) : io_(io), options_(std::move(options)) {}

Peers::~Peers() { Stop(); }

void Peers::SetUrls(const std::vector<std::string>& urls) {
  std::map<std::string, std::shared_ptr<Peer>> peers;
  for (const std::string& url : urls) {
    if (url == own_url_ || peers.contains(url)) continue;
    const auto known = peers_.find(url);
    if (known != peers_.end()) {
      peers[url] = known->second;
      continue;
    }
    const auto parsed = client::ServerUrl::Parse(url);
    if (!parsed.ok()) {
      options_.diagnostics("a peer cannot be reached: " + parsed.status().message());
      continue;
    }
    auto peer = std::make_shared<Peer>();
    peer->url = url;
    client::UpstreamOptions upstream{.url = *parsed, .ca_file = options_.ca_file};
    peer->requests = std::make_unique<client::Upstream>(io_, upstream);
    upstream.answer_wait_max = kAskWaitMax;
    upstream.idle_max = 1;
    peer->questions = std::make_unique<client::Upstream>(io_, upstream);
    peer->timer = std::make_unique<asio::steady_timer>(io_);
    peers[url] = peer;
    if (started_) asio::co_spawn(io_, Watch(peer), asio::detached);
  }
  for (const auto& [url, peer] : peers_) {
    if (peers.contains(url)) continue;
    peer->gone = true;
    peer->timer->cancel();
  }
  peers_ = std::move(peers);
}

void Peers::Start() {
  started_ = true;
  for (const auto& [url, peer] : peers_) asio::co_spawn(io_, Watch(peer), asio::detached);
}

void Peers::Stop() {
  started_ = false;
  for (const auto& [url, peer] : peers_) {
    peer->gone = true;
    peer->timer->cancel();
  }
  peers_.clear();
}

asio::awaitable<void> Peers::Watch(std::shared_ptr<Peer> peer) {
  const auto every = options_.ask_every;
  const auto diagnostics = options_.diagnostics;
  while (!peer->gone) {
    const bool was_reachable = peer->reachable;
    peer->reachable = co_await Ask(*peer);
    if (peer->gone) co_return;  // this may be gone too
    if (!peer->reachable) peer->partitions.clear();
    if (was_reachable != peer->reachable) {
      diagnostics(fmt::format("the node {} {}", peer->url,
                              peer->reachable ? "answers again" : "does not answer"));
    }
    boost::system::error_code ignored;
    peer->timer->expires_after(every);
    co_await peer->timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

asio::awaitable<bool> Peers::Ask(Peer& peer) {
  http::Request request;
  request.method = http::Method::kGet;
  request.target = std::string(kNodePath);
  request.id = "peer";
  std::vector<http::Header> added;
  added.push_back({std::string(kPeerHeader), options_.token});
  const client::Passed passed = co_await peer.questions->Pass(request, added);
  if (passed.fate != client::Passed::Fate::kAnswered) co_return false;
  if (passed.response.status != 200) {
    if (peer.reachable && !peer.gone) {
      options_.diagnostics(fmt::format(
          "the node {} does not take this one for a peer (status {}): do both have the same "
          "keys/fingerprint.key?",
          peer.url, passed.response.status));
    }
    co_return false;
  }
  const Result<JsonValue> root = ParseJson(passed.response.body);
  if (!root.ok()) co_return false;
  JsonReader reader(*root);
  std::map<PartitionId, Offset> partitions;
  if (const JsonValue* list = reader.Require(*root, "partitions")) {
    for (const JsonValue& item : list->items) {
      const auto pair = ParsePair(reader.Text(item));
      if (pair) partitions.insert(*pair);
    }
  }
  peer.partitions = std::move(partitions);
  co_return reader.ok();
}

bool Peers::AnotherServes(PartitionId partition) const { return !UrlOf(partition).empty(); }

std::string Peers::UrlOf(PartitionId partition) const {
  const auto found = std::find_if(peers_.begin(), peers_.end(), [&](const auto& peer) {
    return peer.second->partitions.contains(partition);
  });
  return found == peers_.end() ? "" : found->first;
}

std::string Peers::Uncovered() const {
  const std::map<PartitionId, Offset> own = options_.own();
  std::string uncovered;
  for (uint16_t p = 0; p < options_.partition_count; ++p) {
    const PartitionId partition(p);
    if (own.contains(partition) || AnotherServes(partition)) continue;
    uncovered += fmt::format("{}{}", uncovered.empty() ? "" : ", ", p);
  }
  return uncovered;
}

bool Peers::IsFromPeer(const http::Request& request) const {
  return conntrail::IsFromPeer(request, options_.token);
}

std::optional<Offset> Peers::FloorOf(const http::Request& request, PartitionId partition) {
  std::string_view list = request.Find(kFloorHeader);
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    const auto pair = ParsePair(list.substr(0, comma));
    if (pair && pair->first == partition) return pair->second;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return std::nullopt;
}

http::Response Peers::NotHere() const {
  http::Response response = http::PlainFault(421, "not answered by this node", "");
  std::string serves;
  for (const auto& [partition, applied] : options_.own()) {
    serves += fmt::format("{}{}", serves.empty() ? "" : ",", partition.value);
  }
  response.headers.push_back({std::string(kServesHeader), std::move(serves)});
  return response;
}

http::Response Peers::Describe(const http::Request& request) const {
  if (!IsFromPeer(request)) return http::PlainFault(404, "Not Found", request.target);
  JsonWriter out;
  out.BeginObject();
  out.Name("partitions");
  out.BeginArray();
  for (const auto& [partition, applied] : options_.own()) {
    out.Text(fmt::format("{}:{}", partition.value, applied.value));
  }
  out.EndArray();
  out.Name("url");
  out.Text(own_url_);
  out.EndObject();
  http::Response response;
  response.content_type = "application/json";
  response.body = out.Take();
  return response;
}

void Peers::RaiseFloor(PartitionId partition, Offset applied) {
  Offset& floor = floors_[partition];
  floor = std::max(floor, applied);
}

std::string Peers::FloorText() const {
  std::string text;
  for (const auto& [partition, floor] : floors_) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", partition.value, floor.value);
  }
  return text;
}

// Takes out of the answer what it says to this node alone.
void Peers::TakeApplied(http::Response& response) {
  std::erase_if(response.headers, [&](const http::Header& header) {
    if (header.name != kAppliedHeader) return false;
    if (const auto pair = ParsePair(header.value)) RaiseFloor(pair->first, pair->second);
    return true;
  });
}

// The one that knew who is asking the last time comes first.
std::vector<std::shared_ptr<Peers::Peer>> Peers::InOrder(const SipHash128& who) const {
  std::vector<std::shared_ptr<Peer>> order;
  const auto route = routes_.find({who.low, who.high});
  for (const auto& [url, peer] : peers_) order.push_back(peer);
  std::stable_sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    const auto rank = [&](const Peer& peer) {
      if (route != routes_.end() && peer.url == route->second) return 0;
      return peer.reachable ? 1 : 2;
    };
    return rank(*a) < rank(*b);
  });
  return order;
}

asio::awaitable<std::vector<Submission>> Peers::Submit(PartitionId partition,
                                                       std::vector<EncodedEvent> events) {
  http::Request request;
  request.method = http::Method::kPost;
  request.target = fmt::format("{}?partition={}", kEventsPath, partition.value);
  request.id = "peer";
  request.body = WritePeerEvents(events);
  std::vector<http::Header> added;
  added.push_back({std::string(kPeerHeader), options_.token});
  Submission undecided;
  undecided.fate = Submission::Fate::kTurnedAway;
  undecided.detail = fmt::format("no node answers for partition {} now", partition.value);
  const auto peers = peers_;  // it may change meanwhile
  for (const auto& [url, peer] : peers) {
    if (!peer->partitions.contains(partition)) continue;
    const client::Passed passed = co_await peer->requests->Pass(request, added);
    if (passed.fate == client::Passed::Fate::kNotSent) continue;
    const bool is_answer = passed.fate == client::Passed::Fate::kAnswered;
    if (is_answer && passed.response.status == 421) continue;
    if (is_answer && passed.response.status == 200) {
      Result<std::vector<Submission>> submissions = ReadPeerSubmissions(passed.response.body);
      if (submissions.ok() && submissions->size() == events.size()) co_return *submissions;
    }
    undecided.fate = Submission::Fate::kUnknown;
    undecided.detail = fmt::format("{} broke off: {}", url, passed.detail);
    break;
  }
  co_return std::vector<Submission>(events.size(), undecided);
}

asio::awaitable<Peers::Handed> Peers::PassOn(const http::Request& request) {
  const SipHash128 who = hasher_(Credentials(request));
  const auto give_up = Steady::now() + options_.move_wait_max;
  Handed handed;
  while (true) {
    std::set<uint16_t> asked;  // partitions, of which none knows who is asking
    for (const std::shared_ptr<Peer>& peer : InOrder(who)) {
      std::vector<http::Header> added;
      added.push_back({std::string(kPeerHeader), options_.token});
      added.push_back({std::string(kFloorHeader), FloorText()});
      added.push_back({std::string(kForHeader), request.peer});
      client::Passed passed = co_await peer->requests->Pass(request, added);
      if (passed.fate == client::Passed::Fate::kAnswered && passed.response.status == 421) {
        AddServed(passed.response, asked);
      } else if (passed.fate == client::Passed::Fate::kAnswered) {
        TakeApplied(passed.response);
        if (routes_.size() >= kRoutesMax) routes_.clear();
        routes_[{who.low, who.high}] = peer->url;
        handed.fate = Handed::Fate::kAnswered;
        handed.response = std::move(passed.response);
        co_return handed;
      } else if (passed.fate == client::Passed::Fate::kUnknown && !MayRepeat(request)) {
        handed.fate = Handed::Fate::kUnknown;
        handed.detail = "the node that had the request broke off: " + passed.detail;
        co_return handed;
      }
    }
    for (const auto& [partition, applied] : options_.own()) asked.insert(partition.value);
    if (asked.size() >= options_.partition_count) {
      handed.fate = Handed::Fate::kUnknownCaller;
      co_return handed;
    }
    if (Steady::now() >= give_up) break;
    asio::steady_timer timer(io_, kMovePause);
    co_await timer.async_wait(asio::use_awaitable);
  }
  const std::string uncovered = Uncovered();
  handed.detail = uncovered.empty()
                      ? "no node answers this request now"
                      : fmt::format("no node answers for partition {} now", uncovered);
  co_return handed;
}

}  // namespace conntrail
