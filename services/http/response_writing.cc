#include "services/http/response_writing.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <boost/beast/http/status.hpp>

namespace conntrail::http {
namespace {

void AppendNumber(size_t number, std::string& out) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void AppendSafe(std::string_view text, std::string& out) {
  const size_t begin = out.size();
  out += text;
  std::replace_if(
      out.begin() + static_cast<ptrdiff_t>(begin), out.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, '_');
}

void AppendHeader(std::string_view name, std::string_view value, std::string& out) {
  AppendSafe(name, out);
  out += ": ";
  AppendSafe(value, out);
  out += "\r\n";
}

void AppendStatusLine(int status, std::string& out) {
  if (status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
    return;
  }
  const auto reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  out += "HTTP/1.1 ";
  AppendNumber(static_cast<size_t>(status), out);
  out += ' ';
  out.append(reason.data(), reason.size());
  out += "\r\n";
}

}  // namespace

bool MayHaveBody(int status) { return status >= 200 && status != 204 && status != 304; }

void AppendHead(const Response& response, const Surroundings& around, std::string& out) {
  AppendStatusLine(response.status, out);
  AppendHeader("Date", around.date, out);
  AppendHeader("X-Request-Id", around.request_id, out);
  if (!response.content_type.empty()) AppendHeader("Content-Type", response.content_type, out);
  for (const Header& header : response.headers) AppendHeader(header.name, header.value, out);
  if (MayHaveBody(response.status)) {
    if (around.delimiting == Delimiting::kLength) {
      out += "Content-Length: ";
      AppendNumber(response.body.size(), out);
      out += "\r\n";
    } else if (around.delimiting == Delimiting::kChunks) {
      out += "Transfer-Encoding: chunked\r\n";
    }
  }
  if (!around.keep_alive) {
    out += "Connection: close\r\n";
  } else if (!around.version_11) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

std::string_view DateText::Now() {
  const time_t now = std::time(nullptr);
  if (now != second_) {
    second_ = now;
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 32> text;
    // The locale of the process stays "C", so the names are the English ones.
    text_.assign(text.data(),
                 std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  }
  return text_;
}

}  // namespace conntrail::http
