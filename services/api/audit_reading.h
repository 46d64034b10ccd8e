#pragma once

#include <optional>

#include "services/api/service.h"

namespace conntrail::api {

// Records that the caller reads the trail: by which query, and how many rows. An answer if that
// could not be done: then there is no other.
boost::asio::awaitable<std::optional<http::Response>> RecordReading(Call& call, const Digest& query,
                                                                    uint64_t rows);

}  // namespace conntrail::api
