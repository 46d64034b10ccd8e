#include "services/http/request_reading.h"

#include <algorithm>
#include <cstring>

#include <boost/beast/http/basic_parser.hpp>

#include "events/base/number.h"
#include "services/http/target.h"

namespace conntrail::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::error_code;
using boost::beast::iequals;
using boost::beast::string_view;

constexpr size_t kHeadersMax = 100;

Method MethodOf(beast::verb verb) {
  switch (verb) {
    case beast::verb::get:
      return Method::kGet;
    case beast::verb::head:
      return Method::kHead;
    case beast::verb::post:
      return Method::kPost;
    case beast::verb::put:
      return Method::kPut;
    case beast::verb::patch:
      return Method::kPatch;
    case beast::verb::delete_:
      return Method::kDelete;
    default:
      return Method::kOther;
  }
}

void AssignLower(string_view name, std::string& out) {
  out.resize(name.size());
  std::transform(name.begin(), name.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
}

// Characters that no host or port has, and that make others read another one.
bool IsHost(std::string_view host) {
  return !host.empty() && std::none_of(host.begin(), host.end(), [](char c) {
    return c <= ' ' || c >= 0x7f || std::strchr("/?#@\\,\"<>", c) != nullptr;
  });
}

// Lets Beast take the head apart, fills a Request with it, and is stricter. Only a head is put in;
// bodies are not read by it, as Beast 1.81 asserts what a client can break in the last chunk.
class HeadParser final : public beast::basic_parser<true> {
 public:
  HeadParser(Request& request, Framing& framing) : request_(request), framing_(framing) {
    request_.target.clear();
    header_limit(UINT32_MAX);  // the session has its own
    body_limit(boost::none);   // likewise, with an answer of its own (413)
  }

  // After the head was put in without an error.
  Refusal Finish(size_t target_bytes_max) {
    request_.headers.resize(headers_);
    if (!refusal_.ok()) return refusal_;
    if (request_.target.size() > target_bytes_max) return {414, "The target is too long"};
    if (hosts_ > 1 || (hosts_ == 0 && framing_.version_11)) {
      return {400, "There must be one Host header"};
    }
    if (framing_.chunked && lengths_ > 0) {
      return {400, "Content-Length and Transfer-Encoding exclude each other"};
    }
    if (framing_.chunked && !framing_.version_11) {
      return {400, "HTTP/1.0 has no Transfer-Encoding"};
    }
    if (!ParseTarget(request_.target, request_.Find("host"), request_.segments, request_.query)) {
      return {400, "The target is not a well-formed path and query"};
    }
    framing_.keep_alive = keep_alive();
    return {};
  }
  const Refusal& refusal() const { return refusal_; }

 private:
  void on_request_impl(beast::verb verb, string_view /*method*/, string_view target, int version,
                       error_code& ec) override {
    request_.method = MethodOf(verb);
    request_.target.assign(target.data(), target.size());
    framing_.version_11 = version == 11;
    if (verb == beast::verb::unknown || verb == beast::verb::connect) {
      Refuse(501, "There is no such method here", ec);
    }
  }

  void on_field_impl(beast::field field, string_view name, string_view value,
                     error_code& ec) override {
    if (headers_ == kHeadersMax) return Refuse(431, "Too many headers", ec);
    if (headers_ == request_.headers.size()) request_.headers.emplace_back();
    Header& header = request_.headers[headers_++];  // written over: it keeps its memory
    AssignLower(name, header.name);
    header.value.assign(value.data(), value.size());
    switch (field) {
      case beast::field::host:
        ++hosts_;
        if (!IsHost(header.value)) Refuse(400, "Host is not a host", ec);
        return;
      case beast::field::content_length:
        return ReadLength(header.value, ec);
      case beast::field::transfer_encoding:
        if (framing_.chunked || !iequals(value, "chunked")) {
          Refuse(400, "Transfer-Encoding may only be chunked", ec);
        }
        framing_.chunked = true;
        return;
      case beast::field::expect:
        framing_.expect_continue = iequals(value, "100-continue");
        if (!framing_.expect_continue) Refuse(417, "Only 100-continue can be expected", ec);
        return;
      default:
        return;
    }
  }

  void ReadLength(const std::string& value, error_code& ec) {
    if (++lengths_ > 1) return Refuse(400, "There must be one Content-Length", ec);
    const auto bytes = ParseNumber<uint64_t>(value);
    if (!bytes) return Refuse(400, "Content-Length is not a number", ec);
    framing_.content_bytes = *bytes;
  }

  void Refuse(int status, std::string_view text, error_code& ec) {
    refusal_ = {status, text};
    ec = beast::error::bad_value;  // any: it ends the parsing
  }

  // Never called for a request's head.
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>&, error_code&) override {}
  size_t on_body_impl(string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(uint64_t, string_view, error_code&) override {}
  size_t on_chunk_body_impl(uint64_t, string_view, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  Request& request_;
  Framing& framing_;
  Refusal refusal_;
  size_t headers_ = 0;
  int hosts_ = 0;
  int lengths_ = 0;
};

// "GET / HTTP/2.0" is a version we have not; "GET / HTML" is no request.
bool HasVersion(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\r'));
  if (std::count(line.begin(), line.end(), ' ') != 2) return false;
  const std::string_view version = line.substr(line.rfind(' ') + 1);
  return version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' &&
         std::isdigit(static_cast<unsigned char>(version[5])) != 0 &&
         std::isdigit(static_cast<unsigned char>(version[7])) != 0;
}

}  // namespace

HeadScanner::Found HeadScanner::Scan(std::string_view bytes) {
  const char* const begin = bytes.data();
  while (scanned_ < bytes.size()) {
    const auto* const lf =
        static_cast<const char*>(std::memchr(begin + scanned_, '\n', bytes.size() - scanned_));
    const size_t end = lf == nullptr ? bytes.size() : static_cast<size_t>(lf - begin);
    const size_t text = end - line_;
    if (line_ > 0 && text > 0 && (begin[line_] == ' ' || begin[line_] == '\t')) {
      return Found::kFault;  // obs-fold, or space before the first header
    }
    const auto* const cr = static_cast<const char*>(std::memchr(begin + line_, '\r', text));
    if (cr != nullptr && cr + 1 != begin + end) return Found::kFault;
    scanned_ = end;
    if (lf == nullptr) return Found::kNothing;
    if (cr == nullptr) return Found::kFault;
    const bool empty = text == 1;
    if (empty && line_ == 0) return Found::kFault;
    line_ = scanned_ = end + 1;
    if (empty) return Found::kEnd;
  }
  return Found::kNothing;
}

Refusal ReadHead(std::string_view head, size_t target_bytes_max, Request& request,
                 Framing& framing) {
  framing = {};
  HeadParser parser(request, framing);
  error_code ec;
  parser.put({head.data(), head.size()}, ec);
  if (!parser.refusal().ok()) return parser.refusal();
  if (ec == beast::error::bad_version && HasVersion(head)) return {505, "Only HTTP/1.1 and 1.0"};
  if (ec || !parser.is_header_done()) return {400, "This is not a well-formed request"};
  return parser.Finish(target_bytes_max);
}

}  // namespace conntrail::http
