// Registrations of application keys with the actions API (contract, section 1.1). A key is
// registered while it has the right actions_api; so a registration is an event as everything else.

#include "services/api/endpoints.h"
#include "services/api/entity_answers.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

constexpr size_t kPageSizeDefault = 10;
constexpr size_t kPageSizeMax = 1000;

void WriteRegistration(JsonWriter& out, const KeyId& key) {
  out.BeginObject();
  out.Name("id");
  out.Text(key.ToString());
  out.Name("type");
  out.Text("app_key_registration");
  out.EndObject();
}

http::Response NotFound(const Call& call) {
  return ErrorResponse(call.errors,
                       {.status = 404, .title = "Not Found", .detail = "app key not found"});
}

// The application key of the path, if it is one that is worth something.
Result<std::optional<AccessKey>> KeyOfPath(const OrgView& view, const Uuid& id) {
  CONNTRAIL_ASSIGN_OR_RETURN(std::optional<AccessKey> key,
                             FindLive<AccessKey>(view, EntityKind::kKey, id));
  if (key && key->kind != KeyKind::kApplication) key.reset();
  return key;
}

Parsed<AccessKey> Find(Call& call, http::Response& refusal) {
  const Parsed<Uuid> id = UuidOfPath(call, "app_key_id");
  if (!id.ok()) {
    Fault fault = id.fault();
    fault.detail = "invalid parameter \"appKeyId\" in \"path\"; expected type \"uuid\"";
    refusal = ErrorResponse(call.errors, fault);
    return fault;
  }
  const auto view = call.service.View(call.caller.address);
  const auto key =
      view.ok() ? KeyOfPath(**view, *id) : Result<std::optional<AccessKey>>(view.status());
  if (!key.ok()) {
    refusal = Failed(call, key.status());
    return Fault{};
  }
  if (!*key) {
    refusal = NotFound(call);
    return Fault{};
  }
  return **key;
}

asio::awaitable<http::Response> Change(Call& call, const AccessKey& key, bool registered) {
  KeyRightsChanged change{.key = key.id};
  change.rights = registered ? key.rights | right::kActionsApi : key.rights & ~right::kActionsApi;
  Action action = change;
  Decided decided = co_await Decide(call, std::move(action));
  if (!decided.applied) co_return std::move(decided.refusal);
  if (!registered) co_return NoContent();
  co_return DataAnswer(call, 201, [&](JsonWriter& out) { WriteRegistration(out, key.id); });
}

asio::awaitable<http::Response> Register(Call& call) {
  http::Response refusal;
  const Parsed<AccessKey> key = Find(call, refusal);
  if (!key.ok()) co_return refusal;
  co_return co_await Change(call, *key, true);
}

asio::awaitable<http::Response> Unregister(Call& call) {
  http::Response refusal;
  const Parsed<AccessKey> key = Find(call, refusal);
  if (!key.ok()) co_return refusal;
  if ((key->rights & right::kActionsApi) == 0) co_return NotFound(call);
  co_return co_await Change(call, *key, false);
}

asio::awaitable<http::Response> Get(Call& call) {
  http::Response refusal;
  const Parsed<AccessKey> key = Find(call, refusal);
  if (!key.ok()) co_return refusal;
  if ((key->rights & right::kActionsApi) == 0) co_return NotFound(call);
  co_return DataAnswer(call, 200, [&](JsonWriter& out) { WriteRegistration(out, key->id); });
}

asio::awaitable<http::Response> List(Call& call) {
  const Parsed<size_t> size = NumberParameter(call, "page[size]", kPageSizeDefault, kPageSizeMax);
  if (!size.ok()) co_return ErrorResponse(call.errors, size.fault());
  const std::string* number = call.request.Parameter("page[number]");
  const bool first = number == nullptr || *number == "0";
  const Parsed<size_t> page =
      first ? Parsed<size_t>(size_t{0}) : NumberParameter(call, "page[number]", 0, 1'000'000);
  if (!page.ok()) co_return ErrorResponse(call.errors, page.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());

  std::vector<KeyId> registered;
  const Status read =
      (*view)->ForEachEntity(EntityKind::kKey, keys::kPlaceMax, [&](const Entity& entity) {
        const AccessKey& key = std::get<AccessKey>(entity);
        if (!key.life.deleted && key.kind == KeyKind::kApplication &&
            (key.rights & right::kActionsApi) != 0) {
          registered.push_back(key.id);
        }
        return true;
      });
  if (!read.ok()) co_return Failed(call, read);
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  out.BeginArray();
  for (size_t i = *page * *size; i < registered.size() && i < (*page + 1) * *size; ++i) {
    WriteRegistration(out, registered[i]);
  }
  out.EndArray();
  out.Name("meta");
  out.BeginObject();
  out.Name("total");
  out.Uint(registered.size());
  out.Name("total_filtered");
  out.Uint(registered.size());
  out.EndObject();
  out.EndObject();
  http::Response response = JsonAnswer(call, 200, out.Take());
  SayIndex(response, **view);
  co_return response;
}

}  // namespace

std::span<const Endpoint> AppKeyRegistrationEndpoints() {
  using enum http::Method;
  static constexpr std::string_view kAll = "/api/v2/actions/app_key_registrations";
  static constexpr std::string_view kOne = "/api/v2/actions/app_key_registrations/{app_key_id}";
  static const Endpoint kEndpoints[] = {
      {kGet, kAll, ErrorForm::kObjects, right::kUserAccessManage, List, "ListAppKeyRegistrations",
       "List the application keys that are registered for actions"},
      {kGet, kOne, ErrorForm::kObjects, right::kUserAccessManage, Get, "GetAppKeyRegistration",
       "Get the registration of an application key"},
      {kPut, kOne, ErrorForm::kObjects, 0, Register, "RegisterAppKey",
       "Register an application key for actions"},
      {kDelete, kOne, ErrorForm::kObjects, 0, Unregister, "UnregisterAppKey",
       "End the registration of an application key"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
