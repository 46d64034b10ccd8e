// Groups of a directory: teams and roles. What a directory adds is a team.

#include "services/api/json_answer.h"
#include "services/api/random_ids.h"
#include "services/api/scim/group_document.h"
#include "services/api/scim/messages.h"
#include "services/api/scim/patch.h"
#include "services/api/scim_handlers.h"

namespace conntrail::api {
namespace {

using scim::GroupFields;

http::Response GroupAnswer(Call& call, int status, const Uuid& id) {
  const auto view = call.service.View(call.caller.address);
  const auto group =
      view.ok() ? FindGroup(**view, id) : Result<std::optional<Group>>(view.status());
  if (!group.ok()) return Failed(call, group.status());
  if (!*group) return ScimNotFound(call);
  return ScimResource(call, **view, status, scim::GroupDocument(**group, kScimBase));
}

GroupChanged Saying(const Principal& group, GroupChange change) {
  GroupChanged action;
  action.group = group;
  action.change = change;
  return action;
}

// Accounts, and whoever is a member already: a removed account stays one until the directory says
// otherwise.
scim::AccountLookup LookupFor(const OrgView& view, const Group* current) {
  return [current, known = LookupIn(view)](const Uuid& id) -> std::optional<Principal> {
    if (current != nullptr) {
      for (const Member& member : current->members) {
        if (member.principal.id == id) return member.principal;
      }
    }
    return known(id);
  };
}

ScimAnswer Submit(Call& call, const Group& current, const GroupFields& wanted) {
  std::vector<GroupChanged> changes = scim::GroupChanges(&current, current.id, wanted);
  if (changes.empty()) {
    if (call.request.Find("if-match").empty()) co_return GroupAnswer(call, 200, current.id.id);
    // That it is as it was read must still be decided.
    changes.push_back(Saying(current.id, GroupChange::kChanged));
  }
  Parsed<std::vector<Event>> events = ScimIntents(call, changes, current.life.revision);
  if (!events.ok()) co_return ErrorResponse(call.errors, events.fault());
  Decided decided = co_await DecideAll(call, std::move(*events));
  if (!decided.applied) co_return std::move(decided.refusal);
  co_return GroupAnswer(call, 200, current.id.id);
}

// PUT and PATCH.
ScimAnswer Change(Call& call, bool is_patch) {
  const auto id = Uuid::Parse(call.path["id"]);
  if (!id) co_return ScimNotFound(call);
  // Refused at the fold, before anything is looked up that they may not know.
  Action nothing = Saying(Principal::Team(*id), GroupChange::kChanged);
  if (!call.caller.Has(right::kUserAccessManage)) {
    co_return co_await Refused(call, std::move(nothing));
  }
  const auto view = call.service.View(call.caller.address);
  const auto group =
      view.ok() ? FindGroup(**view, *id) : Result<std::optional<Group>>(view.status());
  if (!group.ok()) co_return Failed(call, group.status());
  if (!*group) co_return co_await Refused(call, std::move(nothing));
  const Group& current = **group;
  Parsed<JsonValue> body = ScimBody(call);
  if (!body.ok()) co_return ErrorResponse(call.errors, body.fault());
  if (is_patch) body = scim::ApplyPatch(scim::GroupDocument(current, kScimBase), *body);
  if (!body.ok()) co_return ErrorResponse(call.errors, body.fault());
  Parsed<GroupFields> wanted = scim::ReadGroup(*body, LookupFor(**view, &current));
  if (!wanted.ok()) co_return ErrorResponse(call.errors, wanted.fault());
  if (is_patch) {
    // A PATCH that leaves nobody takes the attribute away.
    if (!wanted->members) wanted->members.emplace();
    if (wanted->external_id.empty() && !current.external_id.empty()) {
      co_return ErrorResponse(call.errors,
                              {.status = 400,
                               .title = "mutability",
                               .detail = "externalId can be replaced but not removed"});
    }
  } else if (wanted->external_id.empty()) {
    wanted->external_id = current.external_id;
  }
  co_return co_await Submit(call, current, *wanted);
}

}  // namespace

ScimAnswer ListGroups(Call& call) {
  const Parsed<scim::ListQuery> query = scim::ReadListQuery(call.request);
  if (!query.ok()) co_return ErrorResponse(call.errors, query.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  ScimPage page(*query);
  const Status read =
      (*view)->ForEachEntity(EntityKind::kGroup, keys::kPlaceMax, [&](const Entity& entity) {
        const Group& group = std::get<Group>(entity);
        if (!group.life.deleted) page.Take([&] { return scim::GroupDocument(group, kScimBase); });
        return true;
      });
  if (!read.ok()) co_return Failed(call, read);
  co_return page.Answer(**view);
}

ScimAnswer GetGroup(Call& call) {
  const auto id = Uuid::Parse(call.path["id"]);
  co_return id ? GroupAnswer(call, 200, *id) : ScimNotFound(call);
}

ScimAnswer CreateGroup(Call& call) {
  const Principal id = Principal::Team(NewRandomUuid());
  if (!call.caller.Has(right::kUserAccessManage)) {
    Action nothing = Saying(id, GroupChange::kChanged);
    co_return co_await Refused(call, std::move(nothing));
  }
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const Parsed<JsonValue> body = ScimBody(call);
  if (!body.ok()) co_return ErrorResponse(call.errors, body.fault());
  const Parsed<GroupFields> wanted = scim::ReadGroup(*body, LookupFor(**view, nullptr));
  if (!wanted.ok()) co_return ErrorResponse(call.errors, wanted.fault());
  Parsed<std::vector<Event>> events =
      ScimIntents(call, scim::GroupChanges(nullptr, id, *wanted), Revision());
  if (!events.ok()) co_return ErrorResponse(call.errors, events.fault());
  Decided decided = co_await DecideAll(call, std::move(*events));
  if (!decided.applied) co_return std::move(decided.refusal);
  co_return GroupAnswer(call, 201, decided.line.subject.id);
}

ScimAnswer ReplaceGroup(Call& call) { return Change(call, false); }
ScimAnswer PatchGroup(Call& call) { return Change(call, true); }

ScimAnswer DeleteGroup(Call& call) {
  const auto id = Uuid::Parse(call.path["id"]);
  if (!id) co_return ScimNotFound(call);
  // A role is deleted as the role that it is.
  const auto view = call.service.View(call.caller.address);
  const auto group =
      view.ok() ? FindGroup(**view, *id) : Result<std::optional<Group>>(view.status());
  if (!group.ok()) co_return Failed(call, group.status());
  const Principal subject = *group ? (*group)->id : Principal::Team(*id);
  Parsed<Event> event = NewIntent(call, Saying(subject, GroupChange::kDeleted));
  if (!event.ok()) co_return ErrorResponse(call.errors, event.fault());
  Decided decided = co_await Decide(call, std::move(*event));
  if (!decided.applied) co_return std::move(decided.refusal);
  co_return NoContent();
}

}  // namespace conntrail::api
