#include "events/log/kafka/kafka_settings.h"

#include <fstream>

#include <fmt/format.h>

#include "events/log/kafka/kafka_findings.h"

namespace conntrail {
namespace {

// What kafka_client.cc, the cursor and the producer set.
const std::set<std::string, std::less<>> kOurs = {
    "acks",
    "auto.offset.reset",
    "bootstrap.servers",
    "check.crcs",
    "delivery.timeout.ms",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "enable.partition.eof",
    "group.id",
    "isolation.level",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "message.send.max.retries",
    "message.timeout.ms",
    "metadata.broker.list",
    "queue.buffering.backpressure.threshold",
    "request.required.acks",
    "retries",
    "transactional.id",
};

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

}  // namespace

Result<KafkaProperties> ReadKafkaProperties(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Status::Io("cannot read " + path);
  KafkaProperties properties;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string_view text = Trimmed(line);
    if (text.empty() || text.front() == '#') continue;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      return Status::InvalidArgument(fmt::format("{}, line {}: is not NAME=VALUE", path, number));
    }
    const std::string name(Trimmed(text.substr(0, equals)));
    if (kOurs.contains(name)) {
      return Status::InvalidArgument(fmt::format(
          "{}, line {}: {} is set by conntrail, whose promises rest on it", path, number, name));
    }
    properties[name] = Trimmed(text.substr(equals + 1));
  }
  return properties;
}

Result<std::set<std::string>> ParseAccepted(const std::string& text) {
  std::set<std::string> accepted;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t comma = rest.find(',');
    const std::string name(rest.substr(0, comma));
    if (name != "all" && !IsFindingName(name)) {
      return Status::InvalidArgument(
          fmt::format("\"{}\" is nothing that could be accepted: all, {}", name, FindingNames()));
    }
    accepted.insert(name);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return accepted;
}

}  // namespace conntrail
