#pragma once

#include <optional>
#include <string_view>

#include "events/base/bytes.h"
#include "events/event.h"

namespace conntrail {

// Limits that a valid event keeps; beyond them it is `invalid`.
inline constexpr size_t kTextBytesMax = 4096;   // any one text
inline constexpr size_t kFieldsMax = 256;       // fields or changes of one event
inline constexpr size_t kListItemsMax = 1024;   // items of one list value
inline constexpr size_t kPrincipalsMax = 2048;  // grants or members of one event

// What a decoder found in bytes that are no event, or none that keeps the rules.
enum class DecodeFault : uint8_t {
  kNone = 0,
  kNotAnEvent = 1,   // the frame: not a FlatBuffer with our identifier → outcome `malformed`
  kUnknownType = 2,  // a later schema's action, or none → outcome `unsupported`
  kInvalid = 3,      // UTF-8, enum range, length, a missing part → outcome `invalid`
};

struct DecodedEvent {
  DecodeFault fault = DecodeFault::kNone;
  const char* place = "";  // the field at fault, a string constant; "" if none
  Event event;  // whole if fault is kNone; else id, org, actor as far as they could be read
};

enum class DecodeDepth {
  kWhole,
  kDecisive,  // leaves Event::context empty but for the interface (all is checked): what the fold
              // needs, at half the price
};

// Reads one event. Total: every byte string gives an answer and touches no memory outside of it.
// `bytes` need not be aligned. The result owns all it holds.
//
// Besides the FlatBuffers verifier's structure this checks what that does not: UTF-8 and no NUL in
// every text, enum ranges, digest lengths, the limits above, and that ids are there: the event's,
// its org's (nil only if the authority is the log) and its subject's (optional if
// `refused_by_source`). A buffer that by sharing parts describes more than kRecordBytesMax bytes is
// kInvalid.
//
// Fields, changes and list values come out normal, in whatever order they were written; a path that
// stands twice is kInvalid.
DecodedEvent DecodeEvent(ByteSpan bytes, DecodeDepth depth = DecodeDepth::kWhole);

// Writes one event; DecodeEvent(EncodeEvent(e)).event == e for every valid e whose fields are
// normal (see NormalizeFields). The same event gives the same bytes.
Bytes EncodeEvent(const Event& event);

}  // namespace conntrail
