#include "events/log/kafka/kafka_record.h"

namespace conntrail {
namespace {

constexpr std::string_view kOrigin = "conntrail log 1 ";
constexpr size_t kUuidTextBytes = 36;
constexpr size_t kUuidBytes = 16;

}  // namespace

std::string OriginText(const Uuid& log_id, PartitionId partition) {
  return std::string(kOrigin) + log_id.ToString() + " partition " + std::to_string(partition.value);
}

std::optional<Uuid> ParseOrigin(std::string_view value, PartitionId partition) {
  if (!value.starts_with(kOrigin)) return std::nullopt;
  const auto log_id = Uuid::Parse(value.substr(kOrigin.size(), kUuidTextBytes));
  if (!log_id || value != OriginText(*log_id, partition)) return std::nullopt;
  return log_id;
}

std::string KeyBytes(const OrgId& org) {
  std::string key;
  key.reserve(kUuidBytes);
  AppendBigEndian(key, org.uuid.hi, 8);
  AppendBigEndian(key, org.uuid.lo, 8);
  return key;
}

OrgId ParseKey(std::string_view key) {
  if (key.size() == kUuidBytes) {
    return {{ReadBigEndian(key.substr(0, 8)), ReadBigEndian(key.substr(8))}};
  }
  if (key.size() != kUuidTextBytes) return {};
  return {Uuid::Parse(key).value_or(Uuid())};
}

}  // namespace conntrail
