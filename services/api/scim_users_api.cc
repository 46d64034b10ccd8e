// Users of a directory: accounts that came by it, and all others of people.

#include <algorithm>
#include <utility>

#include "services/api/json_answer.h"
#include "services/api/random_ids.h"
#include "services/api/scim/messages.h"
#include "services/api/scim/patch.h"
#include "services/api/scim_handlers.h"

namespace conntrail::api {
namespace {

using scim::UserFields;

Fault NameTaken() {
  return {.status = 409, .title = "uniqueness", .detail = "another user has that userName"};
}

// Somebody other than `own` who has that name.
std::optional<Uuid> OwnerOfName(const Call& call, std::string_view name, const Uuid& own) {
  for (const Uuid& id : call.service.ring().AccountsNamed(call.caller.org, name)) {
    if (id != own) return id;
  }
  return std::nullopt;
}

http::Response UserAnswer(Call& call, int status, const Uuid& id) {
  const auto view = call.service.View(call.caller.address);
  const auto user =
      view.ok() ? FindUser(**view, id) : Result<std::optional<Account>>(view.status());
  if (!user.ok()) return Failed(call, user.status());
  if (!*user) return ScimNotFound(call);
  return ScimResource(call, **view, status, scim::UserDocument(**user, kScimBase));
}

// The accounts that can meet the filter: those of a name or an id if that is all that is asked for.
Result<std::vector<Account>> Candidates(const Call& call, const OrgView& view,
                                        const std::optional<scim::Filter>& filter) {
  std::vector<Account> users;
  const auto only = filter ? filter->OnlyEquality() : std::nullopt;
  if (only && (only->first == "username" || only->first == "id")) {
    std::vector<Uuid> ids;
    if (only->first == "username") {
      ids = call.service.ring().AccountsNamed(call.caller.org, only->second);
    }
    // Of an account without a user name the id stands in for it.
    const auto own = Uuid::Parse(scim::LowerCase(only->second));
    if (own && std::find(ids.begin(), ids.end(), *own) == ids.end()) ids.push_back(*own);
    for (const Uuid& id : ids) {
      CONNTRAIL_ASSIGN_OR_RETURN(std::optional<Account> user, FindUser(view, id));
      if (user) users.push_back(std::move(*user));
    }
    return users;
  }
  CONNTRAIL_RETURN_IF_ERROR(
      view.ForEachEntity(EntityKind::kAccount, keys::kPlaceMax, [&](const Entity& entity) {
        const Account& account = std::get<Account>(entity);
        if (!account.life.deleted && account.id.kind == PrincipalKind::kUser) {
          users.push_back(account);
        }
        return true;
      }));
  return users;
}

// A change that says nothing.
Action EmptyChange(const Uuid& id) {
  AccountChanged change;
  change.account = Principal::User(id);
  change.change = AccountChange::kChanged;
  return change;
}

ScimAnswer Submit(Call& call, const Account& current, const UserFields& wanted) {
  const bool renamed = !wanted.user_name.empty() && wanted.user_name != current.user_name;
  const NameClaim claim(call.service, call.caller.org,
                        scim::LowerCase(renamed ? wanted.user_name : current.id.ToString()));
  if (renamed && (!claim.holds() || OwnerOfName(call, wanted.user_name, current.id.id))) {
    co_return ErrorResponse(call.errors, NameTaken());
  }
  std::vector<AccountChanged> changes = scim::UserChanges(&current, current.id, wanted);
  if (changes.empty()) {
    if (call.request.Find("if-match").empty()) co_return UserAnswer(call, 200, current.id.id);
    // That it is as it was read must still be decided.
    changes.push_back({.account = current.id, .change = AccountChange::kChanged});
  }
  Parsed<std::vector<Event>> events = ScimIntents(call, changes, current.life.revision);
  if (!events.ok()) co_return ErrorResponse(call.errors, events.fault());
  Decided decided = co_await DecideAll(call, std::move(*events));
  if (!decided.applied) co_return std::move(decided.refusal);
  co_return UserAnswer(call, 200, current.id.id);
}

// PUT and PATCH.
ScimAnswer Change(Call& call, bool is_patch) {
  const auto id = Uuid::Parse(call.path["id"]);
  if (!id) co_return ScimNotFound(call);
  // Refused at the fold, before anything is looked up that they may not know.
  Action nothing = EmptyChange(*id);
  if (!call.caller.Has(right::kUserAccessManage)) {
    co_return co_await Refused(call, std::move(nothing));
  }
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const auto account = FindAnyAccount(**view, *id);
  if (!account.ok()) co_return Failed(call, account.status());
  if (!*account) co_return co_await Refused(call, std::move(nothing));
  const Account& current = **account;
  if (current.id.kind != PrincipalKind::kUser) co_return ScimNotFound(call);

  Parsed<JsonValue> body = ScimBody(call);
  if (!body.ok()) co_return ErrorResponse(call.errors, body.fault());
  if (is_patch) body = scim::ApplyPatch(scim::UserDocument(current, kScimBase), *body);
  if (!body.ok()) co_return ErrorResponse(call.errors, body.fault());
  const scim::AccountLookup known = LookupIn(**view);
  const Parsed<UserFields> wanted =
      scim::ReadUser(*body, [&](const Uuid& manager) -> std::optional<Principal> {
        // Who was removed meanwhile stays the manager until somebody says otherwise.
        if (current.manager && current.manager->id == manager) return current.manager;
        return known(manager);
      });
  if (!wanted.ok()) co_return ErrorResponse(call.errors, wanted.fault());
  if (is_patch) {
    if (const auto fault = scim::RefuseRemoval(current, *wanted)) {
      co_return ErrorResponse(call.errors, *fault);
    }
  }
  co_return co_await Submit(call, current, *wanted);
}

}  // namespace

ScimAnswer ListUsers(Call& call) {
  const Parsed<scim::ListQuery> query = scim::ReadListQuery(call.request);
  if (!query.ok()) co_return ErrorResponse(call.errors, query.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const Result<std::vector<Account>> users = Candidates(call, **view, query->filter);
  if (!users.ok()) co_return Failed(call, users.status());
  ScimPage page(*query);
  for (const Account& user : *users) {
    page.Take([&] { return scim::UserDocument(user, kScimBase); });
  }
  co_return page.Answer(**view);
}

ScimAnswer GetUser(Call& call) {
  const auto id = Uuid::Parse(call.path["id"]);
  co_return id ? UserAnswer(call, 200, *id) : ScimNotFound(call);
}

ScimAnswer CreateUser(Call& call) {
  Principal id = Principal::User(NewRandomUuid());
  if (!call.caller.Has(right::kUserAccessManage)) {
    Action nothing = EmptyChange(id.id);
    co_return co_await Refused(call, std::move(nothing));
  }
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const Parsed<JsonValue> body = ScimBody(call);
  if (!body.ok()) co_return ErrorResponse(call.errors, body.fault());
  const Parsed<UserFields> wanted = scim::ReadUser(*body, LookupIn(**view));
  if (!wanted.ok()) co_return ErrorResponse(call.errors, wanted.fault());
  const NameClaim claim(call.service, call.caller.org, scim::LowerCase(wanted->user_name));
  if (!claim.holds()) co_return ErrorResponse(call.errors, NameTaken());
  // Of a name that is taken the owner cannot be added once more, says the fold; unless this is the
  // repetition of the very request that has added them.
  const auto owner = OwnerOfName(call, wanted->user_name, id.id);
  if (owner) id.id = *owner;
  std::vector<AccountChanged> changes = scim::UserChanges(nullptr, id, *wanted);
  if (owner) changes.resize(1);
  Parsed<std::vector<Event>> events = ScimIntents(call, changes, Revision());
  if (!events.ok()) co_return ErrorResponse(call.errors, events.fault());
  Decided decided = co_await DecideAll(call, std::move(*events));
  if (decided.line.reason == Reason::kSubjectExists) {
    co_return ErrorResponse(call.errors, NameTaken());
  }
  if (!decided.applied) co_return std::move(decided.refusal);
  co_return UserAnswer(call, 201, decided.line.subject.id);
}

ScimAnswer ReplaceUser(Call& call) { return Change(call, false); }
ScimAnswer PatchUser(Call& call) { return Change(call, true); }

ScimAnswer DeleteUser(Call& call) {
  const auto id = Uuid::Parse(call.path["id"]);
  if (!id) co_return ScimNotFound(call);
  const auto view = call.service.View(call.caller.address);
  const auto account =
      view.ok() ? FindAnyAccount(**view, *id) : Result<std::optional<Account>>(view.status());
  if (!account.ok()) co_return Failed(call, account.status());
  if (*account && (*account)->id.kind != PrincipalKind::kUser) co_return ScimNotFound(call);
  Parsed<Event> event = NewIntent(
      call, AccountChanged{.account = Principal::User(*id), .change = AccountChange::kRemoved});
  if (!event.ok()) co_return ErrorResponse(call.errors, event.fault());
  Decided decided = co_await Decide(call, std::move(*event));
  if (!decided.applied) co_return std::move(decided.refusal);
  co_return NoContent();
}

}  // namespace conntrail::api
