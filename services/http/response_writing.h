#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "services/http/message.h"

namespace conntrail::http {

// How the body of a response is delimited.
enum class Delimiting { kLength, kChunks, kClose };

// What surrounds a response. Views live during the call.
struct Surroundings {
  bool version_11 = true;
  bool keep_alive = true;
  Delimiting delimiting = Delimiting::kLength;
  std::string_view date;
  std::string_view request_id;
};

// Appends the status line and all headers, with the empty line that ends them. Bytes that would end
// a header early (CR, LF, NUL) become "_", wherever they come from.
void AppendHead(const Response& response, const Surroundings& around, std::string& out);

// False for a status that has no body: 1xx, 204, 304.
bool MayHaveBody(int status);

// The Date header's value (RFC 9110 section 5.6.7), made once a second.
class DateText {
 public:
  std::string_view Now();

 private:
  time_t second_ = 0;
  std::string text_;
};

}  // namespace conntrail::http
