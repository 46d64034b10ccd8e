#pragma once

#include <string>

#include "events/base/status.h"
#include "services/auth/bootstrap.h"

namespace conntrail {

// Writes the file that tells a script that requests are answered, and where: JSON with "url",
// "org", "user", "version" and, on the first start, "api_key", "application_key" and
// "application_key_id". Mode 0600; it appears whole or not at all.
Status WriteReadyFile(const std::string& path, const std::string& url,
                      const FirstAdministrator& administrator);

// Writes the administrator's keys as headers of a request, one a line, for `curl -H @FILE`. Mode
// 0600. REQUIRES: the keys are known.
Status WriteHeaderFile(const std::string& path, const FirstAdministrator& administrator);

}  // namespace conntrail
