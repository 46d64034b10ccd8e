#pragma once

#include <cstdint>

#include "events/base/bytes.h"

namespace conntrail {

// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of what `crc` is the sum of, followed by `bytes`;
// start with 0. Uses the processor's instruction where there is one.
uint32_t ExtendCrc32c(uint32_t crc, ByteSpan bytes);

// The same without the instruction.
uint32_t ExtendCrc32cPortable(uint32_t crc, ByteSpan bytes);

}  // namespace conntrail
