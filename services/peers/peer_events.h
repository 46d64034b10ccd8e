#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/gateway/gateway.h"

// How nodes hand each other events: a body of requests and answers at kEventsPath.
namespace conntrail {

inline constexpr std::string_view kEventsPath = "/internal/v1/events";

// Of each event: u32 bytes | org | event id | its bytes, big-endian.
std::string WritePeerEvents(const std::vector<EncodedEvent>& events);
// kInvalidArgument: not of that form.
Result<std::vector<EncodedEvent>> ReadPeerEvents(std::string_view body);

// Of each submission a line: its fate and its verdict, as numbers. What more a record says is asked
// for where it is.
std::string WritePeerSubmissions(const std::vector<Submission>& submissions);
// kInvalidArgument: not of that form.
Result<std::vector<Submission>> ReadPeerSubmissions(std::string_view body);

}  // namespace conntrail
