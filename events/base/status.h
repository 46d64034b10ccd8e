#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace conntrail {

// What a caller can do about a failure of the world; a code exists only if it changes that.
enum class StatusCode {
  kOk,
  kInvalidArgument,     // the caller's words are wrong: correct them
  kNotFound,            // there is no such thing
  kUnavailable,         // not now, fate possibly unknown: retry with the same event id
  kCorruption,          // stored bytes are not what was written: stop, look, restore
  kFailedPrecondition,  // the state of the system forbids it: the message says what to do first
  kIo,                  // the operating system refused: disk full, no permission, no such device
};

// "ok", "invalid argument", ...
std::string_view StatusCodeName(StatusCode code);

// The result of something that can fail because of the world: a code and a message that names the
// place and the remedy. Immutable. Must be looked at.
class [[nodiscard]] Status {
 public:
  Status() = default;

  static Status Ok() { return {}; }
  static Status InvalidArgument(std::string message) {
    return {StatusCode::kInvalidArgument, std::move(message)};
  }
  static Status NotFound(std::string message) {
    return {StatusCode::kNotFound, std::move(message)};
  }
  static Status Unavailable(std::string message) {
    return {StatusCode::kUnavailable, std::move(message)};
  }
  static Status Corruption(std::string message) {
    return {StatusCode::kCorruption, std::move(message)};
  }
  static Status FailedPrecondition(std::string message) {
    return {StatusCode::kFailedPrecondition, std::move(message)};
  }
  static Status Io(std::string message) { return {StatusCode::kIo, std::move(message)}; }

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // "corruption: record 17 ..." for diagnostics; "ok" if ok.
  std::string ToString() const;

 private:
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {}

  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

}  // namespace conntrail

// Returns from the enclosing function if `expression` (a Status) is not ok.
#define CONNTRAIL_RETURN_IF_ERROR(expression)              \
  do {                                                     \
    ::conntrail::Status conntrail_status_ = (expression);  \
    if (!conntrail_status_.ok()) return conntrail_status_; \
  } while (false)
