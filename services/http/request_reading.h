#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "services/http/message.h"

namespace conntrail::http {

// The head of a request: its first line and its headers, up to the empty line.
//
// We refuse, with 400, each form that two readers could take apart differently: a line that does
// not end in CRLF, CR, LF or NUL inside a line, a header continued on the next line, a space before
// the colon, HTTP/1.1 without Host or with two, Content-Length twice (even if equal), as a list, or
// with Transfer-Encoding, any Transfer-Encoding but exactly "chunked", and that one in HTTP/1.0.
// Boost.Beast 1.81 lets several of these pass (its pull request 3096 tells which).

// Finds the end of a head in bytes that arrive piece by piece.
class HeadScanner {
 public:
  enum class Found { kNothing, kEnd, kFault };

  // Looks at the bytes that are longer than those given before. kFault: what came already cannot be
  // the beginning of a head.
  Found Scan(std::string_view bytes);

  size_t size() const { return line_; }  // after kEnd: bytes of the head
  bool first_line_ended() const { return line_ > 0; }
  void Reset() { line_ = scanned_ = 0; }

 private:
  size_t line_ = 0;     // where the line that is not yet ended begins
  size_t scanned_ = 0;  // no LF from line_ to here
};

// What a request says of its body and its connection.
struct Framing {
  bool version_11 = true;  // else HTTP/1.0
  bool keep_alive = false;
  bool expect_continue = false;
  bool chunked = false;
  uint64_t content_bytes = 0;  // if not chunked
};

// Why a request is refused; status 0: it is not.
struct Refusal {
  int status = 0;
  std::string_view text;  // a constant

  bool ok() const { return status == 0; }
};

// Reads a head that HeadScanner has found whole. Sets method, target, segments, query and headers
// of `request`; if it refuses, request.target is what was read of it, or "".
Refusal ReadHead(std::string_view head, size_t target_bytes_max, Request& request,
                 Framing& framing);

}  // namespace conntrail::http
