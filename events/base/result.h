#pragma once

#include <optional>
#include <utility>

#include "events/base/check.h"
#include "events/base/status.h"

namespace conntrail {

// A value, or the Status that tells why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}         // NOLINT: implicit by intent
  Result(Status status) : status_(std::move(status)) {  // NOLINT: implicit by intent
    CONNTRAIL_CHECK(!status_.ok());
  }

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }

  // REQUIRES: ok().
  const T& value() const& {
    CONNTRAIL_CHECK(ok());
    return *value_;
  }
  T& value() & {
    CONNTRAIL_CHECK(ok());
    return *value_;
  }
  T&& value() && {
    CONNTRAIL_CHECK(ok());
    return std::move(*value_);
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace conntrail

#define CONNTRAIL_CONCAT_INNER_(a, b) a##b
#define CONNTRAIL_CONCAT_(a, b) CONNTRAIL_CONCAT_INNER_(a, b)

// `CONNTRAIL_ASSIGN_OR_RETURN(auto x, F());` sets x, or returns F's Status from the enclosing
// function.
#define CONNTRAIL_ASSIGN_OR_RETURN(target, expression)                                      \
  CONNTRAIL_ASSIGN_OR_RETURN_INNER_(CONNTRAIL_CONCAT_(conntrail_result_, __LINE__), target, \
                                    expression)
#define CONNTRAIL_ASSIGN_OR_RETURN_INNER_(result, target, expression) \
  auto result = (expression);                                         \
  if (!result.ok()) return result.status();                           \
  target = std::move(result).value()
