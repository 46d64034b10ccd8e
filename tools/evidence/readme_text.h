#pragma once

#include <string>

#include "tools/verify/manifest.h"

namespace conntrail::evidence {

// README.md of an export: what it is, and how whoever gets it checks it. All of the manifest but
// its files is filled in.
std::string ReadmeText(const verify::Manifest& manifest);

}  // namespace conntrail::evidence
