#include <cstddef>
#include <cstdint>

#include "events/base/bytes.h"
#include "events/base/check.h"
#include "projections/store/keys.h"
#include "projections/views/cursor.h"

// Whatever a client hands back, DecodeCursor answers; what it takes has one spelling. And what is
// written is read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace conntrail;  // NOLINT: the function cannot stand in a namespace
  constexpr uint32_t kMark = 0x01020304;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Cursor> read = DecodeCursor(text, kMark);
  if (read.ok()) {
    CONNTRAIL_CHECK(EncodeCursor(*read, kMark) == text);
    CONNTRAIL_CHECK(!DecodeCursor(text, kMark + 1).ok());
  }

  if (size < keys::kPlaceBytes || size > 4096) return 0;
  const Cursor cursor{{static_cast<UnixMs>(ReadBigEndian(text.substr(0, 6))),
                       OrgIndex(ReadBigEndian(text.substr(6, 6)))},
                      std::string(text.substr(12))};
  CONNTRAIL_CHECK(DecodeCursor(EncodeCursor(cursor, kMark), kMark).value() == cursor);
  return 0;
}
