#include "services/client/server_url.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/base/number.h"

namespace conntrail::client {
namespace {

constexpr uint16_t kHttpPort = 80;
constexpr uint16_t kHttpsPort = 443;

Status Wrong(std::string_view why) {
  // The text is not repeated: somebody may have put a password into it.
  return Status::InvalidArgument(
      fmt::format("the server's URL {}; write it like https://audit.example.com", why));
}

bool IsHost(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  });
}

bool IsPath(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace

Result<ServerUrl> ServerUrl::Parse(std::string_view text) {
  ServerUrl url;
  if (text.starts_with("https://")) {
    url.tls = true;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return Wrong("must begin with https:// or http://");
  }
  const size_t slash = std::min(text.find('/'), text.size());
  std::string_view authority = text.substr(0, slash);
  std::string_view path = text.substr(slash);
  if (authority.find('@') != std::string_view::npos) return Wrong("must not have a user in it");
  if (text.find_first_of("?#") != std::string_view::npos) {
    return Wrong("must have no query and no fragment");
  }
  while (path.ends_with('/')) path.remove_suffix(1);
  if (!IsPath(path)) return Wrong("has a character in its path that is not allowed there");
  url.base = path;
  const size_t bracket = authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
  size_t colon = authority.find(':');
  if (bracket != std::string_view::npos) {
    url.host = authority.substr(1, bracket - 1);
    colon = authority.find(':', bracket);
    if (authority.size() > bracket + 1 && colon != bracket + 1) return Wrong("has no good host");
  } else {
    url.host = authority.substr(0, colon);
    if (url.host.find(':') != std::string::npos) return Wrong("has no good host");
  }
  if (!IsHost(url.host)) return Wrong("has no good host");
  url.port = url.tls ? kHttpsPort : kHttpPort;
  if (colon != std::string_view::npos) {
    const auto port = ParseNumber<uint16_t>(authority.substr(colon + 1));
    if (!port || *port == 0) return Wrong("has no good port");
    url.port = *port;
  }
  return url;
}

std::string ServerUrl::Authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port == (tls ? kHttpsPort : kHttpPort)) return name;
  return fmt::format("{}:{}", name, port);
}

std::string ServerUrl::ToString() const {
  return fmt::format("{}://{}{}", tls ? "https" : "http", Authority(), base);
}

bool ServerUrl::is_loopback() const {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string PercentEncoded(std::string_view text) {
  static constexpr std::string_view kPlain = "-._~";
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || kPlain.find(c) != std::string_view::npos;
    encoded += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<uint8_t>(c));
  }
  return encoded;
}

}  // namespace conntrail::client
