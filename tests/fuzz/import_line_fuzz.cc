// One line of an import, as an observation and as a use. Whatever the bytes are: either an event
// that encodes to a record and comes back the same, or a refusal that holds no secret.

#include <cstdint>
#include <string_view>

#include "events/base/check.h"
#include "events/event_codec.h"
#include "events/log/event_log.h"
#include "events/secret/token_shapes.h"
#include "tools/conntrail/import/observation_line.h"

namespace {

using namespace conntrail;

void Check(const Result<Event>& event) {
  if (!event.ok()) {
    CONNTRAIL_CHECK(event.status().code() == StatusCode::kInvalidArgument);
    CONNTRAIL_CHECK(!event.status().message().empty());
    CONNTRAIL_CHECK(FindTokenShape(event.status().message()).empty());
    return;
  }
  const Bytes record = EncodeEvent(*event);
  CONNTRAIL_CHECK(record.size() <= kRecordBytesMax);
  CONNTRAIL_CHECK(event->producer_sequence.value_or(0) != 0);
  CONNTRAIL_CHECK(FindTokenShape(event->context.reason).empty());
  const DecodedEvent decoded = DecodeEvent(record);
  CONNTRAIL_CHECK(decoded.fault == DecodeFault::kNone && decoded.event == *event);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(bytes), size);
  const ImportSource source{{{1, 2}}, "import:fuzz"};
  Check(ReadObservationLine(line, source));
  Check(ReadUseLine(line, 1, source));
  return 0;
}
