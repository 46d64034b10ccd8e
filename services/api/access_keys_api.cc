// API and application keys: create, list, change their rights, revoke. The text of a key is in one
// answer only, that of its creation; what is kept is its digest.

#include "events/base/time.h"
#include "services/api/endpoints.h"
#include "services/api/entity_answers.h"
#include "services/api/json_body.h"
#include "services/auth/key_material.h"
#include "services/auth/rights.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

std::string_view KindName(KeyKind kind) { return kind == KeyKind::kApi ? "api" : "application"; }

void WriteRights(JsonWriter& out, uint64_t rights) {
  out.BeginArray();
  for (uint64_t bit = 1; bit <= right::kAll; bit <<= 1) {
    if ((rights & bit) != 0) out.Text(RightNames(bit));
  }
  out.EndArray();
}

void WriteKey(JsonWriter& out, const AccessKey& key, const std::string* text) {
  out.BeginObject();
  out.Name("id");
  out.Text(key.id.ToString());
  out.Name("type");
  out.Text("access_keys");
  out.Name("attributes");
  out.BeginObject();
  out.Name("created_at");
  out.Text(FormatTime(key.life.created.time_ms));
  out.Name("expires_at");
  if (key.expires_at_ms) {
    out.Text(FormatTime(*key.expires_at_ms));
  } else {
    out.Null();
  }
  if (text != nullptr) {
    out.Name("key");
    out.Text(*text);
  }
  out.Name("kind");
  out.Text(KindName(key.kind));
  out.Name("name");
  out.Text(key.name);
  out.Name("owner");
  if (key.owner) {
    out.Text(key.owner->ToString());
  } else {
    out.Null();
  }
  out.Name("revision");
  out.Uint(key.life.revision.value);
  out.Name("revoked");
  out.Bool(key.life.deleted);
  out.Name("scopes");
  WriteRights(out, key.rights);
  out.EndObject();
  out.EndObject();
}

http::Response KeyAnswer(const Call& call, int status, const AccessKey& key,
                         const std::string* text) {
  http::Response response =
      DataAnswer(call, status, [&](JsonWriter& out) { WriteKey(out, key, text); });
  response.headers.push_back({"ETag", EtagOf(key.life.revision)});
  return response;
}

uint64_t ReadScopes(BodyReader& reader, const JsonValue& in) {
  uint64_t rights = 0;
  for (const JsonValue& item : reader.Items(in)) {
    const auto right = ParseRight(reader.Text(item));
    if (!right) {
      reader.Fail(item, "must be one of " + RightNames(right::kAll));
      break;
    }
    rights |= *right;
  }
  return rights;
}

Parsed<KeyCreated> ReadNewKey(const Call& call) {
  const Parsed<JsonValue> root = ParseBody(call.request.body);
  if (!root.ok()) return root.fault();
  BodyReader reader(*root);
  KeyCreated action;
  action.key = {Uuid::NewTimeOrdered(call.service.Now())};
  action.owner = call.caller.principal;
  if (const JsonValue* in = ReadEnvelope(reader, *root, "access_keys")) {
    if (const JsonValue* kind = reader.Require(*in, "kind")) {
      const std::string& text = reader.Text(*kind);
      if (text == "api") action.kind = KeyKind::kApi;
      if (text == "application") action.kind = KeyKind::kApplication;
      if (action.kind == KeyKind::kUnspecified) {
        reader.Fail(*kind, "must be \"api\" or \"application\"");
      }
    }
    if (const JsonValue* name = reader.Require(*in, "name")) {
      action.name = reader.Line(*name, 255, 1020);
    }
    if (const JsonValue* scopes = reader.Require(*in, "scopes")) {
      action.rights = ReadScopes(reader, *scopes);
    }
    if (const JsonValue* owner = reader.Find(*in, "owner")) {
      const auto principal = Principal::Parse(reader.Text(*owner));
      if (!principal || !principal->is_account()) {
        reader.Fail(*owner, "must be user:<uuid> or service_account:<uuid>");
      } else {
        action.owner = *principal;
      }
    }
    if (const JsonValue* expires = reader.Find(*in, "expires_at")) {
      action.expires_at_ms = ParseTime(reader.Text(*expires));
      if (!action.expires_at_ms) reader.Fail(*expires, "must be a time, like 2026-05-03T14:03:00Z");
    }
    reader.RefuseOthers(*in, "kind, name, scopes, owner and expires_at");
  }
  if (!reader.ok()) return reader.fault();
  if (action.kind == KeyKind::kApi) action.owner.reset();
  return action;
}

Result<std::optional<AccessKey>> FindKey(const Call& call, const KeyId& id) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto view, call.service.View(call.caller.address));
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Entity> entity,
                             view->EntityAt(EntityKind::kKey, id.uuid, keys::kPlaceMax));
  if (!entity) return std::optional<AccessKey>();
  return std::optional(std::get<AccessKey>(*entity));
}

asio::awaitable<http::Response> Create(Call& call) {
  Parsed<KeyCreated> read = ReadNewKey(call);
  if (!read.ok()) co_return ErrorResponse(call.errors, read.fault());
  const KeyMaterial material = GenerateKey(read->kind);
  read->digest = material.digest;
  const KeyId id = read->key;
  Action action = std::move(*read);
  Decided decided = co_await Decide(call, std::move(action));
  if (!decided.applied) co_return std::move(decided.refusal);
  const KeyId made{decided.line.subject.id};
  const auto key = FindKey(call, made);
  if (!key.ok()) co_return Failed(call, key.status());
  if (!*key) co_return Failed(call, Status::NotFound("key not found"));
  // The key of a repeated request was told then; nobody knows it any more.
  co_return KeyAnswer(call, 201, **key, made == id ? &material.text : nullptr);
}

asio::awaitable<http::Response> List(Call& call) {
  co_return EntityListAnswer(call, EntityKind::kKey, [](JsonWriter& out, const Entity& entity) {
    WriteKey(out, std::get<AccessKey>(entity), nullptr);
  });
}

asio::awaitable<http::Response> Change(Call& call) {
  const Parsed<Uuid> id = UuidOfPath(call, "key_id");
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  const Parsed<JsonValue> root = ParseBody(call.request.body);
  if (!root.ok()) co_return ErrorResponse(call.errors, root.fault());
  BodyReader reader(*root);
  KeyRightsChanged change{.key = {*id}};
  if (const JsonValue* in =
          ReadEnvelope(reader, *root, "access_keys", IdRule::kOptional, id->ToString())) {
    if (const JsonValue* scopes = reader.Require(*in, "scopes")) {
      change.rights = ReadScopes(reader, *scopes);
    }
    reader.RefuseOthers(*in, "scopes");
  }
  if (!reader.ok()) co_return ErrorResponse(call.errors, reader.fault());
  Action action = change;
  Decided decided = co_await Decide(call, std::move(action));
  if (!decided.applied) co_return std::move(decided.refusal);
  const auto key = FindKey(call, change.key);
  if (!key.ok()) co_return Failed(call, key.status());
  if (!*key) co_return Failed(call, Status::NotFound("key not found"));
  co_return KeyAnswer(call, 200, **key, nullptr);
}

asio::awaitable<http::Response> Revoke(Call& call) {
  const Parsed<Uuid> id = UuidOfPath(call, "key_id");
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  Action action = KeyRevoked{.key = {*id}};
  co_return co_await AnswerWithoutBody(call, std::move(action));
}

}  // namespace

std::span<const Endpoint> AccessKeyEndpoints() {
  using enum http::Method;
  static constexpr std::string_view kAll = "/api/v2/access_keys";
  static constexpr std::string_view kOne = "/api/v2/access_keys/{key_id}";
  static const Endpoint kEndpoints[] = {
      {kGet, kAll, ErrorForm::kObjects, right::kUserAccessManage, List, "ListAccessKeys",
       "List API and application keys, revoked ones too; never their text"},
      {kPost, kAll, ErrorForm::kObjects, 0, Create, "CreateAccessKey",
       "Create a key; its text is in this answer and nowhere else"},
      {kPatch, kOne, ErrorForm::kObjects, 0, Change, "UpdateAccessKey",
       "Change the scopes of a key"},
      {kDelete, kOne, ErrorForm::kObjects, 0, Revoke, "RevokeAccessKey", "Revoke a key for good"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
