#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/http/message.h"

namespace conntrail::api {

// Answers that never change while the process lives, such as the document: 200 with an ETag, or 304
// if the request names that one.
class FixedAnswer {
 public:
  FixedAnswer(std::string body, std::string_view content_type,
              std::vector<http::Header> headers = {});

  http::Response To(const http::Request& request) const;

 private:
  const std::string body_;
  const std::string content_type_;
  std::vector<http::Header> headers_;  // the ETag is the first
};

}  // namespace conntrail::api
