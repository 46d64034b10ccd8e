#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "projections/views/org_view.h"
#include "services/api/decision.h"
#include "services/api/scim/messages.h"
#include "services/api/scim/user_document.h"
#include "services/api/service.h"

// What the endpoints of Users and of Groups have in common. For scim_*_api.cc only.
namespace conntrail::api {

using ScimAnswer = boost::asio::awaitable<http::Response>;

// A path, not a URL: by which name a client has reached the server, only the client knows.
inline constexpr std::string_view kScimBase = "/scim/v2";

// Collects a list: counts what meets the query's filter, keeps what is on its page.
class ScimPage {
 public:
  explicit ScimPage(const scim::ListQuery& query) : query_(query) {}

  // `document` makes the resource; it is called only if it must be looked at.
  void Take(const std::function<JsonValue()>& document);
  http::Response Answer(const OrgView& view) const;

 private:
  const scim::ListQuery& query_;
  size_t total_ = 0;
  std::vector<JsonValue> resources_;
};

// One resource, with the attributes that are asked for.
http::Response ScimResource(const Call& call, const OrgView& view, int status, JsonValue resource);

ScimAnswer ListUsers(Call& call);
ScimAnswer CreateUser(Call& call);
ScimAnswer GetUser(Call& call);
ScimAnswer ReplaceUser(Call& call);
ScimAnswer PatchUser(Call& call);
ScimAnswer DeleteUser(Call& call);

ScimAnswer ListGroups(Call& call);
ScimAnswer CreateGroup(Call& call);
ScimAnswer GetGroup(Call& call);
ScimAnswer ReplaceGroup(Call& call);
ScimAnswer PatchGroup(Call& call);
ScimAnswer DeleteGroup(Call& call);

// The body as a tree; 400 invalidSyntax if it is none.
Parsed<JsonValue> ScimBody(const Call& call);

http::Response ScimNotFound(const Call& call);

// Intents for `actions`, in their order, of which each counts on the one before it. `revision` is
// the subject's now.
template <typename T>
Parsed<std::vector<Event>> ScimIntents(const Call& call, const std::vector<T>& actions,
                                       Revision revision) {
  std::vector<Event> events;
  for (const T& action : actions) {
    Parsed<Event> event = NewIntent(call, action);
    if (!event.ok()) return event.fault();
    if (!events.empty()) {
      event->expected_revision = Revision(revision.value + events.size());
    } else if (actions.size() > 1 && !event->expected_revision) {
      event->expected_revision = revision;
    }
    events.push_back(std::move(*event));
  }
  return events;
}

// The live account or group with that id. A service account is no User of a directory.
Result<std::optional<Account>> FindAnyAccount(const OrgView& view, const Uuid& id);
Result<std::optional<Account>> FindUser(const OrgView& view, const Uuid& id);
Result<std::optional<Group>> FindGroup(const OrgView& view, const Uuid& id);

// Live accounts of any kind.
scim::AccountLookup LookupIn(const OrgView& view);

// Submits a change that says nothing about somebody who is not there, or that the caller may not
// make: the refusal stands in the trail, and its words are the answer.
ScimAnswer Refused(Call& call, Action action);

}  // namespace conntrail::api
