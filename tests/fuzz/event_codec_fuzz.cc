#include <cstddef>
#include <cstdint>

#include "events/base/check.h"
#include "events/event_codec.h"

// Whatever the bytes are, DecodeEvent answers and touches nothing outside of them; what it takes
// for an event can be written again and is then the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace conntrail;  // NOLINT: the function cannot stand in a namespace
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  const DecodedEvent whole = DecodeEvent(bytes);
  const DecodedEvent decisive = DecodeEvent(bytes, DecodeDepth::kDecisive);
  CONNTRAIL_CHECK(whole.fault == decisive.fault);
  if (whole.fault != DecodeFault::kNone) return 0;

  const Bytes written = EncodeEvent(whole.event);
  const DecodedEvent again = DecodeEvent(written);
  CONNTRAIL_CHECK(again.fault == DecodeFault::kNone);
  CONNTRAIL_CHECK(again.event == whole.event);
  CONNTRAIL_CHECK(EncodeEvent(again.event) == written);
  return 0;
}
