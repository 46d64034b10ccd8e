#include "services/http/message.h"

#include <array>

namespace conntrail::http {

std::string_view MethodName(Method method) {
  static constexpr std::array<std::string_view, 7> kNames = {"GET",   "HEAD",   "POST", "PUT",
                                                             "PATCH", "DELETE", "other"};
  return kNames[static_cast<size_t>(method)];
}

std::string_view Request::Find(std::string_view name) const {
  for (const Header& header : headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

bool Request::Has(std::string_view name) const {
  for (const Header& header : headers) {
    if (header.name == name) return true;
  }
  return false;
}

const std::string* Request::Parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return &value;
  }
  return nullptr;
}

Response PlainFault(int status, std::string_view text, std::string_view /*target*/) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::string(text) + "\n";
  return response;
}

}  // namespace conntrail::http
