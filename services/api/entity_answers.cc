#include "services/api/entity_answers.h"

namespace conntrail::api {

http::Response EntityListAnswer(const Call& call, EntityKind kind,
                                const std::function<void(JsonWriter&, const Entity&)>& write) {
  const Parsed<Moment> moment = AsOf(call);
  if (!moment.ok()) return ErrorResponse(call.errors, moment.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) return Failed(call, view.status());
  const Result<Place> at = (*view)->Resolve(*moment);
  if (!at.ok()) return Failed(call, at.status());
  Status read;
  http::Response response = DataAnswer(call, 200, [&](JsonWriter& out) {
    out.BeginArray();
    read = (*view)->ForEachEntity(kind, *at, [&](const Entity& entity) {
      write(out, entity);
      return true;
    });
    out.EndArray();
  });
  if (!read.ok()) return Failed(call, read);
  SayIndex(response, **view);
  return response;
}

boost::asio::awaitable<http::Response> AnswerWithoutBody(Call& call, Action action) {
  Decided decided = co_await Decide(call, std::move(action));
  if (!decided.applied) co_return std::move(decided.refusal);
  co_return NoContent();
}

Fault ActorNeeded() {
  return {.status = 403, .title = "Forbidden", .detail = SentenceOf(Reason::kActorRequired)};
}

}  // namespace conntrail::api
