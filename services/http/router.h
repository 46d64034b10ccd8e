#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "services/http/message.h"

namespace conntrail::http {

// What the braces of a route's pattern captured, decoded. Views into the request and the route:
// valid as long as the exchange lasts.
class PathParameters {
 public:
  PathParameters() = default;
  PathParameters(const PathParameters&) = delete;
  PathParameters& operator=(const PathParameters&) = delete;

  // "" if the pattern has no such name.
  std::string_view Find(std::string_view name) const;
  // REQUIRES: the pattern has that name.
  std::string_view operator[](std::string_view name) const;

 private:
  friend class Router;
  std::vector<std::pair<std::string_view, std::string_view>> captured_;
  std::string tail_;  // what `{name...}` captured
};

// Answers a request of one route. Runs on the thread of the server's io_context.
//
// If the client vanishes while the handler waits, the server cancels it (cancellation_type
// terminal): the wait at which it stands throws boost::system::system_error operation_aborted, and
// so does each later co_await. Whatever must not be lost belongs before the first co_await, or to
// somebody else than this coroutine. Other exceptions become a 500.
using RouteHandler =
    std::function<boost::asio::awaitable<Response>(const Request&, const PathParameters&)>;

// Finds the handler of a request by the segments of its path.
//
// A pattern is "/api/v2/connections/{connection_id}/history": segments are literal, or `{name}` for
// one segment that is not empty, or, as the last, `{name...}` for one segment or more, joined by
// "/" (for trees of files: it takes no segment that contains "/", "\" or NUL after decoding). A
// literal is preferred to a name, a name to a tail. HEAD goes to the handler of GET.
//
// Thread-safety: Find is const; add all routes before the server starts.
class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  // REQUIRES: no other route has that method and pattern, whatever the names in it.
  void Add(Method method, std::string_view pattern, RouteHandler handler);

  // How to say 404 and 405. The answer to 405 gets its Allow header from the router.
  void SetFault(FaultAnswer fault);

  struct Match {
    const RouteHandler* handler = nullptr;  // null: answer Refuse(request, *this)
    std::string_view route;  // the pattern as added, for metrics; "" if there is none for the path
    PathParameters parameters;
    std::string allow;  // the methods the path has, if it has not this one; "": unknown path
  };
  // `match` is overwritten. Its views live as long as `segments` and this router do.
  void Find(Method method, const std::vector<std::string>& segments, Match& match) const;

  // 404, or 405 with Allow. REQUIRES: match.handler is null.
  Response Refuse(const Request& request, const Match& match) const;

  // All routes in the order in which they were added, for documentation and its tests.
  std::vector<std::pair<Method, std::string_view>> Routes() const;

 private:
  struct Route;
  struct Node;
  struct Search;

  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Route>> routes_;
  FaultAnswer fault_;
};

}  // namespace conntrail::http
