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

const std::string* Request::Parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace conntrail::http
