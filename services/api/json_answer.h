#pragma once

#include <functional>
#include <string>

#include "events/base/json_writer.h"
#include "services/api/service.h"

namespace conntrail::api {

// A JSON answer in the media type of the call's form.
http::Response JsonAnswer(const Call& call, int status, std::string body);

// {"data": …}, with what `write` writes.
http::Response DataAnswer(const Call& call, int status,
                          const std::function<void(JsonWriter&)>& write);

// 204.
http::Response NoContent();

// A read's answer says which record it was answered from: `X-Conntrail-Index`, the number of
// records of the org's trail that it has seen.
void SayIndex(http::Response& response, const OrgView& view);

// An answer for a failure of the store or the view: 404 for kNotFound, 400 for kInvalidArgument,
// else 500 without details.
http::Response Failed(const Call& call, const Status& status);

// A UUID of the path. The fault of that name if it is none.
Parsed<Uuid> UuidOfPath(const Call& call, std::string_view name);

// The moment of `as_of` ("now", a time, an index); now without one.
Parsed<Moment> AsOf(const Call& call);

// A parameter that is "true" or "false"; `unless` if it is not there.
Parsed<bool> FlagParameter(const Call& call, std::string_view name, bool unless);

// A page parameter: 1 to `max`; `unless` if it is not there.
Parsed<size_t> NumberParameter(const Call& call, std::string_view name, size_t unless, size_t max);

}  // namespace conntrail::api
