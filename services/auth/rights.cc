#include "services/auth/rights.h"

#include "events/model/enum_names.h"

namespace conntrail {

std::string RightNames(uint64_t rights) {
  std::string names;
  for (size_t bit = 0; bit < kRightNames.size(); ++bit) {
    if ((rights >> bit & 1) == 0) continue;
    if (!names.empty()) names += ", ";
    names += kRightNames[bit];
  }
  return names;
}

std::optional<uint64_t> ParseRight(std::string_view name) {
  for (size_t bit = 0; bit < kRightNames.size(); ++bit) {
    if (kRightNames[bit] == name) return uint64_t{1} << bit;
  }
  return std::nullopt;
}

}  // namespace conntrail
