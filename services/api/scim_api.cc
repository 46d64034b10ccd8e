// SCIM 2.0 (RFC 7643, RFC 7644): a directory keeps the accounts and groups of an org in step.

#include "services/api/endpoints.h"
#include "services/api/entity_answers.h"
#include "services/api/json_body.h"
#include "services/api/scim/messages.h"
#include "services/api/scim_handlers.h"

namespace conntrail::api {

Parsed<JsonValue> ScimBody(const Call& call) {
  Parsed<JsonValue> body = ParseBody(call.request.body);
  if (body.ok()) return body;
  Fault fault = body.fault();
  fault.title = "invalidSyntax";
  return fault;
}

http::Response ScimNotFound(const Call& call) {
  return ErrorResponse(call.errors, {.status = 404, .title = "Not Found", .detail = "not found"});
}

void ScimPage::Take(const std::function<JsonValue()>& document) {
  std::optional<JsonValue> resource;
  if (query_.filter) {
    resource = document();
    if (!query_.filter->Matches(*resource)) return;
  }
  ++total_;
  if (total_ < query_.start_index || resources_.size() >= query_.count) return;
  resources_.push_back(resource ? std::move(*resource) : document());
}

http::Response ScimPage::Answer(const OrgView& view) const {
  http::Response response = scim::ListResponse(resources_, total_, query_);
  SayIndex(response, view);
  return response;
}

http::Response ScimResource(const Call& call, const OrgView& view, int status, JsonValue resource) {
  // What is asked beside the attributes is about lists.
  const Parsed<scim::ListQuery> query = scim::ReadListQuery(call.request);
  if (query.ok()) resource = scim::Chosen(std::move(resource), *query);
  http::Response response = scim::ResourceResponse(status, resource);
  SayIndex(response, view);
  return response;
}

Result<std::optional<Account>> FindAnyAccount(const OrgView& view, const Uuid& id) {
  return FindLive<Account>(view, EntityKind::kAccount, id);
}

Result<std::optional<Account>> FindUser(const OrgView& view, const Uuid& id) {
  CONNTRAIL_ASSIGN_OR_RETURN(std::optional<Account> account, FindAnyAccount(view, id));
  if (account && account->id.kind != PrincipalKind::kUser) account.reset();
  return account;
}

Result<std::optional<Group>> FindGroup(const OrgView& view, const Uuid& id) {
  return FindLive<Group>(view, EntityKind::kGroup, id);
}

scim::AccountLookup LookupIn(const OrgView& view) {
  return [&view](const Uuid& id) -> std::optional<Principal> {
    const auto account = FindAnyAccount(view, id);
    if (!account.ok() || !*account) return std::nullopt;
    return (*account)->id;
  };
}

ScimAnswer Refused(Call& call, Action action) {
  Parsed<Event> event = NewIntent(call, std::move(action));
  if (!event.ok()) co_return ErrorResponse(call.errors, event.fault());
  Decided decided = co_await Decide(call, std::move(*event));
  if (!decided.applied) co_return std::move(decided.refusal);
  co_return ScimNotFound(call);  // it came to be meanwhile: who asks again finds it
}

namespace {

ScimAnswer GetConfig(Call&) { co_return scim::ServiceProviderConfig(kScimBase); }
ScimAnswer ListTypes(Call&) { co_return scim::ResourceTypes(kScimBase); }
ScimAnswer ListSchemas(Call&) { co_return scim::Schemas(kScimBase); }

ScimAnswer GetType(Call& call) {
  auto type = scim::ResourceType(kScimBase, call.path["id"]);
  co_return type ? std::move(*type) : ScimNotFound(call);
}

ScimAnswer GetSchema(Call& call) {
  auto schema = scim::Schema(kScimBase, call.path["id"]);
  co_return schema ? std::move(*schema) : ScimNotFound(call);
}

}  // namespace

std::span<const Endpoint> ScimEndpoints() {
  using enum http::Method;
  constexpr ErrorForm kForm = ErrorForm::kScim;
  constexpr uint64_t kRead = right::kUserAccessManage;
  static constexpr std::string_view kUsers = "/scim/v2/Users";
  static constexpr std::string_view kUser = "/scim/v2/Users/{id}";
  static constexpr std::string_view kGroups = "/scim/v2/Groups";
  static constexpr std::string_view kGroup = "/scim/v2/Groups/{id}";
  static const Endpoint kEndpoints[] = {
      {kGet, kUsers, kForm, kRead, ListUsers, "ListScimUsers", "List users, by filter and page"},
      {kPost, kUsers, kForm, 0, CreateUser, "CreateScimUser", "Add a user"},
      {kGet, kUser, kForm, kRead, GetUser, "GetScimUser", "Get a user"},
      {kPut, kUser, kForm, 0, ReplaceUser, "ReplaceScimUser",
       "Replace a user; what is left out stays as it was"},
      {kPatch, kUser, kForm, 0, PatchUser, "PatchScimUser", "Change a user, or deactivate it"},
      {kDelete, kUser, kForm, 0, DeleteUser, "DeleteScimUser", "Remove a user"},
      {kGet, kGroups, kForm, kRead, ListGroups, "ListScimGroups",
       "List groups, by filter and page"},
      {kPost, kGroups, kForm, 0, CreateGroup, "CreateScimGroup", "Add a group"},
      {kGet, kGroup, kForm, kRead, GetGroup, "GetScimGroup", "Get a group with its members"},
      {kPut, kGroup, kForm, 0, ReplaceGroup, "ReplaceScimGroup",
       "Replace a group; members that are left out altogether stay"},
      {kPatch, kGroup, kForm, 0, PatchGroup, "PatchScimGroup",
       "Change a group: its name, members that come and go"},
      {kDelete, kGroup, kForm, 0, DeleteGroup, "DeleteScimGroup", "Delete a group"},
      {kGet, "/scim/v2/ServiceProviderConfig", kForm, kRead, GetConfig,
       "GetScimServiceProviderConfig", "What of SCIM is supported"},
      {kGet, "/scim/v2/ResourceTypes", kForm, kRead, ListTypes, "ListScimResourceTypes",
       "List the types of resources"},
      {kGet, "/scim/v2/ResourceTypes/{id}", kForm, kRead, GetType, "GetScimResourceType",
       "Get one type of resources"},
      {kGet, "/scim/v2/Schemas", kForm, kRead, ListSchemas, "ListScimSchemas",
       "List the schemas of resources"},
      {kGet, "/scim/v2/Schemas/{id}", kForm, kRead, GetSchema, "GetScimSchema", "Get one schema"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
