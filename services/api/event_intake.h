#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/api/fault.h"
#include "services/auth/caller.h"
#include "services/gateway/gateway.h"

namespace conntrail::api {

inline constexpr size_t kIntakeItemsMax = 5'000;
inline constexpr size_t kIntakeBytesMax = size_t{8} << 20;

// One item of an intake: an event, or why it is none.
struct IntakeItem {
  Event event;
  std::string fault;          // "": `event` can be submitted
  EncodedEvent encoded = {};  // what to submit, once it is admitted
};

// The items of a body, in their order. Forms, by media type:
//
//   application/json                 an array of events in their canonical JSON form, or one event
//   application/x-ndjson             one event a line; empty lines are passed over
//   application/vnd.conntrail.events repeated: u32 little-endian length, then an event of event.fbs
//
// The fault if the body as a whole is none of these.
Parsed<std::vector<IntakeItem>> ReadIntake(std::string_view media_type, std::string_view body);

// Puts an event under the caller's name, or says why it may not be submitted: it must be an
// observation of the caller's own org, and no key, org or reading of the trail can be observed;
// people and groups take a key that may manage access; what its source may is what the key may,
// whatever it claims; without a producer it is the key's; no text in it may look like a token.
void Admit(IntakeItem& item, const Caller& caller);

}  // namespace conntrail::api
