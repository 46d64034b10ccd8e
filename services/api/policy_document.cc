#include "services/api/policy_document.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "events/secret/token_shapes.h"
#include "services/api/json_body.h"

namespace conntrail::api {
namespace {

constexpr std::string_view kResourceType = "restriction_policy";
constexpr size_t kBoundPrincipalsMax = 1500;  // 32 bytes each in an event that must fit a record
constexpr std::string_view kConnectionPrefix = "connection:";

// What somebody sent, to be shown to them again; nothing that may be a secret.
std::string_view Shown(std::string_view sent) {
  const bool showable = sent.size() <= 100 && !HasControl(sent) && FindTokenShape(sent).empty();
  return showable ? sent : "…";
}

bool IsKnownKind(std::string_view kind) {
  return kind == "org" || kind == "role" || kind == "team" || kind == "user";
}

class PolicyReader {
 public:
  PolicyReader(const JsonValue& root, const OrgId& org) : reader_(root), org_(org), root_(root) {}

  void Read(const ConnectionId& connection);

  bool ok() const { return !observed_ && reader_.ok(); }
  Fault fault() const { return observed_ ? *observed_ : reader_.fault(); }
  std::vector<Grant> TakeGrants();

 private:
  void ReadBinding(const JsonValue& binding);
  void ReadPrincipal(const JsonValue& value, Relation relation);
  // A fault in the API's own words, which name the place themselves.
  void Observe(std::string detail) {
    if (ok()) observed_ = Fault{.detail = std::move(detail)};
  }

  BodyReader reader_;
  const OrgId& org_;
  const JsonValue& root_;
  std::optional<Fault> observed_;
  std::vector<Grant> grants_;
};

void PolicyReader::Read(const ConnectionId& connection) {
  const JsonValue* attributes = ReadEnvelope(reader_, root_, kResourceType, IdRule::kRequired,
                                             RestrictedResourceOf(connection));
  if (attributes == nullptr) return;
  const JsonValue* bindings = reader_.Require(*attributes, "bindings");
  reader_.RefuseOthers(*attributes, "bindings");
  if (bindings == nullptr) return;
  for (const JsonValue& binding : reader_.Items(*bindings)) ReadBinding(binding);
  if (grants_.size() > kBoundPrincipalsMax) {
    reader_.Fail(*bindings,
                 fmt::format("must not name more than {} principals", kBoundPrincipalsMax));
  }
}

void PolicyReader::ReadBinding(const JsonValue& binding) {
  const JsonValue* relation = reader_.Require(binding, "relation");
  const JsonValue* principals = reader_.Require(binding, "principals");
  reader_.RefuseOthers(binding, "relation, principals");
  if (relation == nullptr || principals == nullptr) return;
  const std::optional<Relation> parsed = ParseRelation(reader_.Text(*relation));
  if (!parsed || *parsed == Relation::kNone) {
    return reader_.Fail(*relation, "must be one of: viewer, resolver, editor");
  }
  const std::vector<JsonValue>& items = reader_.Items(*principals);
  if (items.empty()) reader_.Fail(*principals, "must not be empty");
  for (const JsonValue& item : items) {
    if (!ok()) return;
    ReadPrincipal(item, *parsed);
  }
}

void PolicyReader::ReadPrincipal(const JsonValue& value, Relation relation) {
  const std::string& text = reader_.Text(value);
  if (!reader_.ok()) return;
  const size_t colon = text.find(':');
  if (colon == std::string::npos) {
    return reader_.Fail(value, "must be user:<uuid>, role:<uuid>, team:<uuid> or org:<uuid>");
  }
  if (!IsKnownKind(std::string_view(text).substr(0, colon))) {
    return Observe(fmt::format(
        "Invalid request: [PrincipalTypeInvalidForRelation] principal \"{}\" is not supported by "
        "\"{}\" relation, supported types: \"org, role, team, user\"",
        Shown(text), RelationName(relation)));
  }
  const std::optional<Principal> principal = Principal::Parse(text);
  if (!principal) return reader_.Fail(value, "must end with a UUID in lower case");
  if (principal->kind == PrincipalKind::kOrg && principal->id != org_.uuid) {
    return reader_.Fail(value, "is not the organisation of the caller");
  }
  grants_.push_back({relation, *principal});
}

std::vector<Grant> PolicyReader::TakeGrants() {
  std::sort(grants_.begin(), grants_.end());
  grants_.erase(std::unique(grants_.begin(), grants_.end()), grants_.end());
  return std::move(grants_);
}

// The API has no service accounts of their own.
Principal AsWritten(Principal principal) {
  if (principal.kind == PrincipalKind::kServiceAccount) principal.kind = PrincipalKind::kUser;
  return principal;
}

}  // namespace

Parsed<ConnectionId> ReadRestrictedResource(std::string_view resource_id) {
  const size_t colon = resource_id.find(':');
  const std::string_view type = resource_id.substr(0, colon);
  if (colon == std::string_view::npos || type.empty() || colon + 1 == resource_id.size()) {
    return Fault{.detail = fmt::format("Invalid resource: '{}' is not in a valid format",
                                       Shown(resource_id))};
  }
  if (!resource_id.starts_with(kConnectionPrefix)) {
    return Fault{
        .detail = fmt::format("Invalid resource type: '{}' does not support restriction policies",
                              Shown(type))};
  }
  const std::optional<Uuid> id = Uuid::Parse(resource_id.substr(kConnectionPrefix.size()));
  if (!id) {
    return Fault{.detail = fmt::format("Invalid resource: '{}' is not in a valid format",
                                       Shown(resource_id))};
  }
  return ConnectionId{*id};
}

std::string RestrictedResourceOf(const ConnectionId& connection) {
  return std::string(kConnectionPrefix) + connection.ToString();
}

Parsed<bool> ReadAllowSelfLockout(const std::string* parameter) {
  if (parameter == nullptr || *parameter == "false") return false;
  if (*parameter == "true") return true;
  return Fault{.detail = "must be true or false", .parameter = "allow_self_lockout"};
}

Parsed<PolicyReplaced> ReadPolicy(std::string_view body, const ConnectionId& connection,
                                  const OrgId& org, bool allow_self_lockout) {
  const Parsed<JsonValue> root = ParseBody(body);
  if (!root.ok()) return root.fault();
  PolicyReader reader(*root, org);
  reader.Read(connection);
  if (!reader.ok()) return reader.fault();
  PolicyReplaced policy{.connection = connection,
                        .grants = reader.TakeGrants(),
                        .allow_self_lockout = allow_self_lockout};
  policy.restore_default = policy.grants.empty();
  return policy;
}

void WritePolicy(JsonWriter& out, const Connection& connection) {
  std::vector<Grant> grants;
  for (const HeldGrant& held : connection.grants) {
    grants.push_back({held.grant.relation, AsWritten(held.grant.principal)});
  }
  std::sort(grants.begin(), grants.end());
  grants.erase(std::unique(grants.begin(), grants.end()), grants.end());

  out.BeginObject();
  out.Name("type");
  out.Text(kResourceType);
  out.Name("id");
  out.Text(RestrictedResourceOf(connection.id));
  out.Name("attributes");
  out.BeginObject();
  out.Name("bindings");
  out.BeginArray();
  for (auto at = grants.begin(); at != grants.end();) {
    const Relation relation = at->relation;
    out.BeginObject();
    out.Name("relation");
    out.Text(RelationName(relation));
    out.Name("principals");
    out.BeginArray();
    for (; at != grants.end() && at->relation == relation; ++at) out.Text(at->principal.ToString());
    out.EndArray();
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  out.EndObject();
}

}  // namespace conntrail::api
