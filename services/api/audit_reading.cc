#include "services/api/audit_reading.h"

#include "services/api/decision.h"

namespace conntrail::api {

namespace asio = boost::asio;

asio::awaitable<std::optional<http::Response>> RecordReading(Call& call, const Digest& query,
                                                             uint64_t rows) {
  AuditTrailRead action;
  action.query_digest = query;
  action.rows = rows;
  Parsed<Event> event = NewIntent(call, action);
  if (!event.ok()) co_return ErrorResponse(call.errors, event.fault());
  // Not an edit of anything: no revision is expected, and no repetition is meant.
  event->expected_revision.reset();
  event->idempotency_key.clear();
  event->request_hash.reset();
  Decided decided = co_await Decide(call, std::move(*event));
  if (decided.applied) co_return std::nullopt;
  co_return std::move(decided.refusal);
}

}  // namespace conntrail::api
