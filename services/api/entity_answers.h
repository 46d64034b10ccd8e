#pragma once

#include <functional>

#include "services/api/decision.h"
#include "services/api/json_answer.h"

// What endpoints of every kind of thing share: keys, workflows, connected integrations, accounts.
namespace conntrail::api {

// {"data":[…]}: what of that kind there is as of `as_of`. `write` leaves out what does not belong
// into the list.
http::Response EntityListAnswer(const Call& call, EntityKind kind,
                                const std::function<void(JsonWriter&, const Entity&)>& write);

// What there is under that id at `at`; nullopt for nothing and for what is deleted.
template <typename T>
Result<std::optional<T>> FindLive(const OrgView& view, EntityKind kind, const Uuid& id,
                                  const Place& at = keys::kPlaceMax) {
  CONNTRAIL_ASSIGN_OR_RETURN(std::optional<Entity> entity, view.EntityAt(kind, id, at));
  if (!entity || LifecycleOf(*entity)->deleted) return std::optional<T>();
  return std::optional(std::get<T>(std::move(*entity)));
}

// Submits an intent whose answer has no body.
boost::asio::awaitable<http::Response> AnswerWithoutBody(Call& call, Action action);

// For what a key alone cannot ask, since it takes a person or a service account.
Fault ActorNeeded();

}  // namespace conntrail::api
