#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "events/base/status.h"

namespace conntrail::verify {

// One thing that was checked and found right.
struct Step {
  std::string name;  // "checkpoint", "tree", …
  std::string found;
  std::vector<std::pair<std::string, uint64_t>> counts;
};

// What was checked, in its order; what was refused, if anything was.
struct Report {
  std::string path;
  std::vector<Step> steps;
  Status refused;  // "FILE: …, expected …, found …"
};

// A line for each step, and one for the end.
std::string ReportText(const Report& report);

// {"path":…,"verified":…,"steps":[…],"refused":…}, one line.
std::string ReportJson(const Report& report);

}  // namespace conntrail::verify
