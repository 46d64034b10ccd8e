#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "services/http/message.h"

namespace conntrail::api {

// What is wrong with a request, in words for whoever sent it.
struct Fault {
  int status = 400;
  std::string title = "Generic Error";
  std::string detail;
  std::string pointer;    // JSON pointer (RFC 6901) into the body, "" for none
  std::string parameter;  // of the query or path, "" for none
  std::string header;     // "" for none
};

// A value, or why there is none.
template <typename T>
class [[nodiscard]] Parsed {
 public:
  Parsed(T value) : value_(std::move(value)) {}      // NOLINT: implicit by intent
  Parsed(Fault fault) : fault_(std::move(fault)) {}  // NOLINT: implicit by intent

  bool ok() const { return value_.has_value(); }
  const T& operator*() const { return *value_; }
  T& operator*() { return *value_; }
  const T* operator->() const { return &*value_; }
  T* operator->() { return &*value_; }
  const Fault& fault() const { return fault_; }

 private:
  std::optional<T> value_;
  Fault fault_;
};

// The ways in which the API tells errors; an endpoint uses one of them, always.
enum class ErrorForm {
  kObjects,  // JSON:API: {"errors":[{"status","title","detail","source"}]},
             // application/vnd.api+json
  kTexts,    // {"errors":["..."]}, application/json
  kScim,     // RFC 7644 section 3.12, application/scim+json; `title` is the scimType, if it is one
};

// The media type of answers, errors or not, of endpoints with that form.
std::string_view MediaTypeOf(ErrorForm form);

http::Response ErrorResponse(ErrorForm form, const Fault& fault);

}  // namespace conntrail::api
