#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "events/base/result.h"

// One HTTP exchange as values (RFC 9110). Nothing here knows of audit, and nothing of sockets.
namespace conntrail::http {

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOther };

std::string_view MethodName(Method method);

struct Header {
  std::string name;  // of a request: lower-case
  std::string value;
};

struct Request {
  Method method = Method::kGet;
  std::string target;                                      // as it was sent
  std::vector<std::string> segments;                       // of the path, each percent-decoded
  std::vector<std::pair<std::string, std::string>> query;  // decoded; "+" is a space
  std::vector<Header> headers;
  std::string body;
  std::string peer;  // address of the other end, as text
  std::string id;    // made by the server, or taken from X-Request-Id if that is well-formed

  // The first header of that lower-case name; "" if there is none.
  std::string_view Find(std::string_view name) const;
  // Whether there is a header of that lower-case name, be it empty.
  bool Has(std::string_view name) const;
  // The first query parameter of that name; null if there is none.
  const std::string* Parameter(std::string_view name) const;
};

// A body that is made while it is sent.
class BodySource {
 public:
  virtual ~BodySource() = default;

  // Replaces `chunk` by the next bytes; false: the body has ended. Asked again only when the client
  // has taken what came before. An error cuts the connection off, so that the client notices.
  virtual boost::asio::awaitable<Result<bool>> Next(std::string& chunk) = 0;
};

struct Response {
  int status = 200;
  std::string content_type;  // "": there is no body
  std::string body;
  std::vector<Header> headers;
  std::unique_ptr<BodySource> source;  // instead of `body`; sent chunked
};

// Answers a request. Runs on the thread of the server's io_context.
using Handler = std::function<boost::asio::awaitable<Response>(const Request&)>;

// Words an error of the server's own or of its router: `status`, what is wrong in a few words, and
// the target as it was sent ("" if it was not read), by which the form of the answer may differ.
using FaultAnswer =
    std::function<Response(int status, std::string_view text, std::string_view target)>;

// The text alone, as text/plain.
Response PlainFault(int status, std::string_view text, std::string_view target);

}  // namespace conntrail::http
