#include "services/http/router.h"

#include <algorithm>
#include <array>

#include "events/base/check.h"

namespace conntrail::http {
namespace {

constexpr std::array kAnswered = {Method::kGet, Method::kPost, Method::kPut, Method::kPatch,
                                  Method::kDelete};

// "/a/{b}" → "a", "{b}"; "/" → none.
std::vector<std::string_view> PatternSegments(std::string_view pattern) {
  CONNTRAIL_CHECK(pattern.starts_with('/'));
  std::vector<std::string_view> segments;
  while (pattern.size() > 1) {
    pattern.remove_prefix(1);
    const size_t end = std::min(pattern.find('/'), pattern.size());
    segments.push_back(pattern.substr(0, end));
    pattern.remove_prefix(end);
  }
  return segments;
}

// A segment that a tree of files can take as a name.
bool IsPlain(const std::string& segment) {
  return segment.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
}

}  // namespace

struct Router::Route {
  Method method;
  std::string pattern;
  std::vector<std::string> names;  // of the braces, in order; a tail's is the last
  RouteHandler handler;
};

struct Router::Node {
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;  // sorted
  std::unique_ptr<Node> named;
  std::array<const Route*, kAnswered.size()> routes{};  // that end here
  std::array<const Route*, kAnswered.size()> tails{};   // that take all that follows

  Node* Literal(std::string_view segment) const {
    const auto at = std::lower_bound(
        literals.begin(), literals.end(), segment,
        [](const auto& literal, std::string_view wanted) { return literal.first < wanted; });
    return at != literals.end() && at->first == segment ? at->second.get() : nullptr;
  }
};

// One walk down the tree: takes the first route that has the method, and gathers the methods of
// those that have it not.
struct Router::Search {
  size_t method;  // index in kAnswered; its size if the method is none of them
  const std::vector<std::string>& segments;
  std::vector<std::pair<std::string_view, std::string_view>>& captured;
  std::string& tail;
  std::array<bool, kAnswered.size()> allowed{};
  const Route* pattern = nullptr;  // the first of the path, whatever its method

  const Route* Pick(const std::array<const Route*, kAnswered.size()>& routes) {
    for (size_t i = 0; i < routes.size(); ++i) {
      if (routes[i] == nullptr) continue;
      allowed[i] = true;
      if (pattern == nullptr) pattern = routes[i];
    }
    return method < routes.size() ? routes[method] : nullptr;
  }

  const Route* Tail(const Node& node, size_t depth) {
    if (depth == segments.size()) return nullptr;
    if (std::all_of(node.tails.begin(), node.tails.end(), [](auto* r) { return r == nullptr; })) {
      return nullptr;
    }
    if (!std::all_of(segments.begin() + static_cast<ptrdiff_t>(depth), segments.end(), IsPlain)) {
      return nullptr;
    }
    const Route* route = Pick(node.tails);
    if (route == nullptr) return nullptr;
    for (size_t i = depth; i < segments.size(); ++i) {
      if (i > depth) tail += '/';
      tail += segments[i];
    }
    captured.emplace_back(std::string_view{}, tail);
    return route;
  }

  const Route* Below(const Node& node, size_t depth) {
    if (depth == segments.size()) return Pick(node.routes);
    if (const Node* next = node.Literal(segments[depth])) {
      if (const Route* route = Below(*next, depth + 1)) return route;
    }
    if (node.named != nullptr && !segments[depth].empty()) {
      captured.emplace_back(std::string_view{}, segments[depth]);
      if (const Route* route = Below(*node.named, depth + 1)) return route;
      captured.pop_back();
    }
    return Tail(node, depth);
  }
};

std::string_view PathParameters::Find(std::string_view name) const {
  for (const auto& [key, value] : captured_) {
    if (key == name) return value;
  }
  return {};
}

std::string_view PathParameters::operator[](std::string_view name) const {
  for (const auto& [key, value] : captured_) {
    if (key == name) return value;
  }
  CONNTRAIL_CHECK(!"the pattern of the route has that name");
  return {};
}

Router::Router() : root_(std::make_unique<Node>()), fault_(PlainFault) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::Add(Method method, std::string_view pattern, RouteHandler handler) {
  auto route = std::make_unique<Route>(Route{method, std::string(pattern), {}, std::move(handler)});
  Node* node = root_.get();
  bool tail = false;
  for (const std::string_view segment : PatternSegments(route->pattern)) {
    CONNTRAIL_CHECK(!tail);  // nothing follows a tail
    if (!segment.starts_with('{')) {
      const auto at = std::lower_bound(
          node->literals.begin(), node->literals.end(), segment,
          [](const auto& literal, std::string_view wanted) { return literal.first < wanted; });
      if (at != node->literals.end() && at->first == segment) {
        node = at->second.get();
      } else {
        node = node->literals.emplace(at, segment, std::make_unique<Node>())->second.get();
      }
      continue;
    }
    CONNTRAIL_CHECK(segment.ends_with('}'));
    tail = segment.ends_with("...}");
    route->names.emplace_back(segment.substr(1, segment.size() - (tail ? 5 : 2)));
    if (tail) continue;
    if (node->named == nullptr) node->named = std::make_unique<Node>();
    node = node->named.get();
  }
  const auto index = std::find(kAnswered.begin(), kAnswered.end(), method) - kAnswered.begin();
  const Route*& place = (tail ? node->tails : node->routes).at(static_cast<size_t>(index));
  CONNTRAIL_CHECK(place == nullptr);  // one handler a route
  place = route.get();
  routes_.push_back(std::move(route));
}

void Router::SetFault(FaultAnswer fault) { fault_ = std::move(fault); }

void Router::Find(Method method, const std::vector<std::string>& segments, Match& match) const {
  match.handler = nullptr;
  match.route = {};
  match.allow.clear();
  match.parameters.captured_.clear();
  match.parameters.tail_.clear();
  if (method == Method::kHead) method = Method::kGet;
  const auto index = std::find(kAnswered.begin(), kAnswered.end(), method) - kAnswered.begin();
  Search search{static_cast<size_t>(index), segments, match.parameters.captured_,
                match.parameters.tail_};
  const Route* route = search.Below(*root_, 0);
  if (route != nullptr) {
    match.handler = &route->handler;
    match.route = route->pattern;
    for (size_t i = 0; i < route->names.size(); ++i) {
      match.parameters.captured_[i].first = route->names[i];
    }
    return;
  }
  if (search.pattern == nullptr) return;
  match.route = search.pattern->pattern;
  for (size_t i = 0; i < kAnswered.size(); ++i) {
    if (!search.allowed[i]) continue;
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += MethodName(kAnswered[i]);
    if (kAnswered[i] == Method::kGet) match.allow += ", HEAD";
  }
}

Response Router::Refuse(const Request& request, const Match& match) const {
  CONNTRAIL_CHECK(match.handler == nullptr);
  if (match.allow.empty()) return fault_(404, "Not found", request.target);
  Response response = fault_(405, "Method not allowed", request.target);
  response.headers.push_back({"Allow", match.allow});
  return response;
}

std::vector<std::pair<Method, std::string_view>> Router::Routes() const {
  std::vector<std::pair<Method, std::string_view>> routes;
  routes.reserve(routes_.size());
  for (const auto& route : routes_) routes.emplace_back(route->method, route->pattern);
  return routes;
}

}  // namespace conntrail::http
