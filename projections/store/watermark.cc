#include "projections/store/watermark.h"

#include "events/base/bytes.h"
#include "projections/store/store.h"

namespace conntrail {

std::string WatermarkKey(PartitionId partition) {
  std::string key(kRowKeysEnd);
  key += "!off";
  AppendBigEndian(key, partition.value, 2);
  return key;
}

std::string WatermarkValue(Offset next) {
  std::string value;
  AppendBigEndian(value, next.value, 8);
  return value;
}

Result<Offset> ParseWatermark(std::string_view value) {
  if (value.size() != 8) {
    return Status::Corruption("a watermark has " + std::to_string(value.size()) +
                              " bytes instead of 8");
  }
  return Offset(ReadBigEndian(value));
}

}  // namespace conntrail
