#pragma once

#include <string>

#include "events/base/uuid.h"

namespace conntrail::api {

// Version 4 (RFC 9562 section 5.4), from the system's random source: the form of connection ids
// that clients of this API know.
Uuid NewRandomUuid();

// 32 hexadecimal digits in lower case, random: an AWS external id.
std::string NewExternalId();

}  // namespace conntrail::api
