#include <cstddef>
#include <cstdint>

#include "events/base/check.h"
#include "events/base/json_reader.h"
#include "events/base/json_syntax.h"
#include "events/event_codec.h"
#include "events/event_json.h"

// Whatever the text is, EventFromJson answers; what it takes makes the round trip through JSON and
// through bytes. The walk that finds places finds none where the parser was content.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace conntrail;  // NOLINT: the function cannot stand in a namespace
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<JsonValue> tree = ParseJson(text);
  CONNTRAIL_CHECK(!tree.ok() || !FindJsonSyntaxFault(text));

  const Result<Event> event = EventFromJson(text);
  if (!event.ok()) return 0;
  const std::string canonical = EventToJson(*event);
  const Result<Event> again = EventFromJson(canonical);
  CONNTRAIL_CHECK(again.ok() && *again == *event);
  CONNTRAIL_CHECK(EventToJson(*again) == canonical);
  CONNTRAIL_CHECK(DecodeEvent(EncodeEvent(*event)).event == *event);
  return 0;
}
