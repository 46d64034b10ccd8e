#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace conntrail {

// Scripts that complete verbs, options and fixed values in a shell, made from the tree of verbs
// itself: a verb or an option that there is, is completed.
std::string BashCompletion(const CLI::App& app);
std::string ZshCompletion(const CLI::App& app);
std::string FishCompletion(const CLI::App& app);

}  // namespace conntrail
