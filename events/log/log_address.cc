#include "events/log/log_address.h"

#include <algorithm>

namespace conntrail {
namespace {

constexpr std::string_view kKafka = "kafka:";
constexpr size_t kTopicBytesMax = 249;  // Kafka's own limit

bool IsTopic(std::string_view topic) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !topic.empty() && topic.size() <= kTopicBytesMax && topic != "." && topic != ".." &&
         topic.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool IsServer(std::string_view server) {
  const size_t colon = server.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view port = server.substr(colon + 1);
  return !port.empty() && port.size() <= 5 &&
         port.find_first_not_of("0123456789") == std::string_view::npos &&
         server.find_first_of(" /\t") == std::string_view::npos;
}

bool IsBootstrap(std::string_view servers) {
  while (true) {
    const size_t comma = servers.find(',');
    if (!IsServer(servers.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    servers.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string LogAddress::ToString() const {
  return is_kafka() ? std::string(kKafka) + bootstrap + "/" + topic : "embedded";
}

Result<LogAddress> ParseLogAddress(std::string_view text) {
  if (text == "embedded") return LogAddress();
  const auto wrong = [&](const char* what) {
    return Status::InvalidArgument("the log \"" + std::string(text) + "\" " + what +
                                   "; it is \"embedded\" or \"kafka:HOST:PORT,.../TOPIC\"");
  };
  if (!text.starts_with(kKafka)) return wrong("is of no kind that there is");
  const std::string_view rest = text.substr(kKafka.size());
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return wrong("names no topic");
  if (!IsBootstrap(rest.substr(0, slash))) return wrong("has servers that are not HOST:PORT");
  if (!IsTopic(rest.substr(slash + 1))) return wrong("has a topic that Kafka would not take");
  return LogAddress{std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1))};
}

}  // namespace conntrail
