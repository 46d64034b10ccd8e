#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/fold/outcome.h"
#include "services/api/service.h"

namespace conntrail::api {

// The event of an intent: who asks, by which keys, from where, and what the request's headers say
// of it (If-Match, Idempotency-Key). The fault if one of these is not well-formed.
Parsed<Event> NewIntent(const Call& call, Action action);

// How an intent was answered.
struct Decided {
  bool applied = false;    // or a repetition of one that was
  bool repeated = false;   // `line` is the first one's
  TrailLine line;          // of the record that counts
  http::Response refusal;  // if not applied
};

// Submits the event and waits for its decision. A refusal names its reason and says it in words, in
// the form of the call; a 504 names the event, whose fate can be asked for later.
boost::asio::awaitable<Decided> Decide(Call& call, Event event);

// The same for NewIntent of that action; a refusal may be what is wrong with the headers.
// Name the action before the co_await: g++ 12 destroys such temporaries of one twice.
boost::asio::awaitable<Decided> Decide(Call& call, Action action);

// The same for what only several events can say: they are appended together, and each may count on
// the ones before it. `decided` is that of the first one, or of the first that was refused. An
// Idempotency-Key counts for all of them as they are.
boost::asio::awaitable<Decided> DecideAll(Call& call, std::vector<Event> events);

// What a client is told of a verdict: 200, 400, 403, 404, 409 or 412.
int StatusOf(Verdict verdict, Reason reason);
// The reason in a sentence.
std::string SentenceOf(Reason reason);
// The fault of a record that was not applied.
Fault FaultOf(const TrailLine& line);

// The outcome of a submission that was not decided, as a response: 503 or 504.
http::Response Undecided(ErrorForm errors, const EventId& event, const Submission& submission);

std::string EtagOf(Revision revision);  // "\"3\""

}  // namespace conntrail::api
