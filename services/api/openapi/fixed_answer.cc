#include "services/api/openapi/fixed_answer.h"

#include "events/base/bytes.h"
#include "events/base/sha256.h"

namespace conntrail::api {
namespace {

std::string EntityTagOf(std::string_view body) {
  const auto digest = Sha256(AsBytes(body));
  return '"' + ToHex(std::as_bytes(std::span(digest)).first(16)) + '"';
}

}  // namespace

FixedAnswer::FixedAnswer(std::string body, std::string_view content_type,
                         std::vector<http::Header> headers)
    : body_(std::move(body)), content_type_(content_type), headers_(std::move(headers)) {
  headers_.insert(headers_.begin(),
                  {{"ETag", EntityTagOf(body_)}, {"Cache-Control", "public, max-age=300"}});
}

http::Response FixedAnswer::To(const http::Request& request) const {
  http::Response response;
  response.headers = headers_;
  const std::string& etag = headers_.front().value;
  const std::string_view known = request.Find("if-none-match");
  if (known == "*" || known.find(etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.content_type = content_type_;
  response.body = body_;
  return response;
}

}  // namespace conntrail::api
