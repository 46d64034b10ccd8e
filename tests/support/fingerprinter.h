#pragma once

#include "events/secret/fingerprint.h"

namespace conntrail {

// One for this process, with a random key that is in no file any more.
const Fingerprinter& TestFingerprinter();

}  // namespace conntrail
