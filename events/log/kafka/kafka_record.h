#pragma once

#include <optional>
#include <string>

#include "events/base/bytes.h"
#include "events/base/strong_id.h"
#include "events/base/uuid.h"

namespace conntrail {

// How a log lies in a topic. Stored; never change.
//
//   partition := origin record*
//   origin    := key: u128(0)    value: "conntrail log 1 " uuid(log id) " partition " number
//   record    := key: u128(org)  value: the payload
//
// The origin is what tells this topic from any other of its name: one that was deleted and made
// again has another or none. It takes Kafka offset 0, so record n of the log has Kafka offset n
// + 1. Integers are big-endian. A key of 36 characters that are a UUID counts as that org; any
// other key, or none, as the nil org.
inline constexpr int64_t kOriginRecords = 1;

inline int64_t ToKafka(Offset offset) {
  return static_cast<int64_t>(offset.value) + kOriginRecords;
}
inline Offset FromKafka(int64_t offset) {
  return Offset(static_cast<uint64_t>(offset - kOriginRecords));
}

std::string OriginText(const Uuid& log_id, PartitionId partition);
// The log id, if `value` is the origin of that partition.
std::optional<Uuid> ParseOrigin(std::string_view value, PartitionId partition);

std::string KeyBytes(const OrgId& org);
OrgId ParseKey(std::string_view key);

}  // namespace conntrail
