#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace conntrail::http {

// Takes a chunked body apart (RFC 9112 section 7.1), in pieces of any size:
//
//   body    := chunk* "0" ext? CRLF trailer* CRLF
//   chunk   := size ext? CRLF bytes CRLF     size: 1 to 8 hex digits
//   ext     := ";" anything but control characters; dropped, as trailers are
//   trailer := one character or more, no control characters, CRLF
//
// Extensions and trailers together may have kExtraBytesMax.
class ChunkedBody {
 public:
  enum class State { kMore, kEnd, kFault, kTooLarge };
  static constexpr size_t kExtraBytesMax = size_t{8} * 1024;

  // REQUIRES: done once per body. `bytes_max`: of the body without its framing.
  void Begin(uint64_t bytes_max);

  // Appends the payload of `bytes` to `body` and takes what it read off the front of `bytes`; what
  // follows the end of the body stays. REQUIRES: the last answer was kMore, or Begin.
  State Consume(std::string_view& bytes, std::string& body);

 private:
  enum class At { kSize, kExtension, kSizeLf, kBytes, kBytesCr, kBytesLf, kTrailer, kTrailerLf };

  State ConsumeOne(char c);
  State SizeEnded();

  At at_ = At::kSize;
  uint64_t size_ = 0;       // of this chunk; then what is left of it
  uint64_t bytes_max_ = 0;  // what is left for all
  int digits_ = 0;
  size_t extra_bytes_ = 0;
  bool trailer_empty_ = true;
};

}  // namespace conntrail::http
