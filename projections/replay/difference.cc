#include "projections/replay/difference.h"

#include <fmt/format.h>

namespace conntrail {

std::string Difference::ToString() const {
  std::string text = fmt::format("partition {}", partition.value);
  if (seal) text += fmt::format(", seal {}", *seal);
  if (!org.empty()) text += ", org " + org;
  text += ": " + what;
  if (!expected.empty()) text += ": expected " + expected;
  if (!found.empty()) text += ", found " + found;
  return text;
}

}  // namespace conntrail
