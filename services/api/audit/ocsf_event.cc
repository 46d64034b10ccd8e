#include "services/api/audit/ocsf_event.h"

#include "services/api/audit/event_words.h"

namespace conntrail::api {
namespace {

struct Class {
  uint64_t uid = 0;
  std::string_view name;
  uint64_t category_uid = 0;
  std::string_view category_name;
};

constexpr Class kEntity{3004, "Entity Management", 3, "Identity & Access Management"};
constexpr Class kAccess{3005, "User Access Management", 3, "Identity & Access Management"};
constexpr Class kApi{6003, "API Activity", 6, "Application Activity"};

struct Activity {
  uint64_t id = 99;
  std::string_view name = "Other";
};

constexpr Activity kAssign{1, "Assign Privileges"};
constexpr Activity kRevoke{2, "Revoke Privileges"};

Activity ActivityOf(std::string_view action) {
  if (action == "created") return {1, "Create"};
  if (action == "queried" || action == "accessed") return {2, "Read"};
  if (action == "modified") return {3, "Update"};
  if (action == "deleted") return {4, "Delete"};
  return {};
}

std::string_view TextAt(const AuditEvent& event, std::string_view path) {
  const Tree* found = event.document.attributes.Find(path);
  return found == nullptr || found->text() == nullptr ? std::string_view() : *found->text();
}

Tree UserTree(const Principal& principal) {
  Tree user = Tree::Object();
  const bool is_user = principal.kind == PrincipalKind::kUser;
  const bool is_service = principal.kind == PrincipalKind::kServiceAccount;
  user.Set("type", is_user ? "User" : is_service ? "Service" : PrincipalKindName(principal.kind));
  user.Set("type_id", Tree::Number(uint64_t{is_user ? 1u : is_service ? 4u : 99u}));
  user.Set("uid", principal.ToString());
  return user;
}

Tree MetadataTree(const AuditEvent& event, const OrgState& org, const Class& of) {
  Tree metadata = Tree::Object();
  metadata.SetText("correlation_uid", TextAt(event, "conntrail.request_id"));
  metadata.Set("event_code", TextAt(event, "conntrail.event_type"));
  metadata.Set("log_name", "audit");
  metadata.SetText("original_time", TextAt(event, "conntrail.occurred_at"));
  metadata.Set("product.name", "conntrail");
  metadata.Set("product.vendor_name", "conntrail");
  if (of.category_uid == 3) metadata.Set("profiles", Tree::List({Tree("host")}));
  metadata.Set("sequence", Tree::Number(event.line.place.index.value));
  metadata.Set("tenant_uid", org.id.ToString());
  metadata.Set("uid", event.document.id);
  metadata.Set("version", kOcsfVersion);
  return metadata;
}

Tree ActorTree(const AuditEvent& event) {
  Tree actor = Tree::Object();
  const Event* said = event.event();
  const auto* used = said == nullptr ? nullptr : std::get_if<ConnectionUsed>(&said->action);
  if (event.line.actor) {
    actor.Set("user", UserTree(*event.line.actor));
  } else if (used != nullptr && used->principal) {
    actor.Set("user", UserTree(*used->principal));
  } else {
    actor.Set("app_name", ActorText(event.line, event.event()));
  }
  return actor;
}

Tree SourceTree(const AuditEvent& event) {
  Tree source = Tree::Object();
  const std::string_view ip = TextAt(event, "network.client.ip");
  source.SetText("ip", ip);
  if (ip.empty()) source.Set("svc_name", TextAt(event, "emitted_source"));
  return source;
}

// What all classes have.
Tree BaseTree(const AuditEvent& event, const OrgState& org, const Class& of,
              const Activity& activity) {
  const std::string& status = event.document.status;
  const bool is_success = status == "info";
  Tree out = Tree::Object();
  out.Set("activity_id", Tree::Number(activity.id));
  out.Set("activity_name", activity.name);
  out.Set("actor", ActorTree(event));
  out.Set("category_name", of.category_name);
  out.Set("category_uid", Tree::Number(of.category_uid));
  out.Set("class_name", of.name);
  out.Set("class_uid", Tree::Number(of.uid));
  const std::string_view agent = TextAt(event, "http.useragent");
  out.SetText("http_request.user_agent", agent);
  out.Set("message", event.document.message);
  out.Set("metadata", MetadataTree(event, org, of));
  out.Set("severity", is_success ? "Informational" : status == "warn" ? "Low" : "Medium");
  out.Set("severity_id", Tree::Number(uint64_t{is_success ? 1u : status == "warn" ? 2u : 3u}));
  out.Set("src_endpoint", SourceTree(event));
  out.Set("status", is_success ? "Success" : "Failure");
  out.Set("status_code", VerdictName(event.line.verdict));
  out.SetText("status_detail", ReasonName(event.line.reason));
  out.Set("status_id", Tree::Number(uint64_t{is_success ? 1u : 2u}));
  out.Set("time", Tree::Number(event.line.place.time_ms));
  out.Set("type_name", std::string(of.name) + ": " + std::string(activity.name));
  out.Set("type_uid", Tree::Number(of.uid * 100 + activity.id));
  return out;
}

// The subject, as classes name what an event is about.
Tree AssetTree(const AuditEvent& event) {
  Tree asset = Tree::Object();
  const bool is_connection = event.line.subject.kind == EntityKind::kConnection;
  const std::string_view type = is_connection ? "custom_connection" : TextAt(event, "asset.type");
  const std::string_view id = TextAt(event, "asset.id");
  const std::string_view name = TextAt(event, "asset.name");
  asset.SetText("name", name.empty() && id.empty() ? type : name);
  asset.Set("type", type);
  asset.SetText("uid", id);
  return asset;
}

Tree EntityEvent(const AuditEvent& event, const OrgState& org) {
  Tree out = BaseTree(event, org, kEntity, ActivityOf(TextAt(event, "action")));
  out.SetText("comment", TextAt(event, "conntrail.comment"));
  Tree entity = AssetTree(event);
  Tree result = entity;
  const Tree* before = event.document.attributes.Find("asset.prev_value");
  const Tree* after = event.document.attributes.Find("asset.new_value");
  if (before != nullptr) entity.Set("data", *before);
  out.Set("entity", std::move(entity));
  if (after != nullptr) {
    result.Set("data", *after);
    result.Set("version", std::to_string(event.line.revision.value));
    out.Set("entity_result", std::move(result));
  }
  return out;
}

Tree AccessEvent(const AuditEvent& event, const OrgState& org, const Grant& grant,
                 const Activity& activity) {
  Tree out = BaseTree(event, org, kAccess, activity);
  out.Set("privileges", Tree::List({Tree(RelationName(grant.relation))}));
  out.Set("resource", AssetTree(event));
  out.Set("user", UserTree(grant.principal));
  return out;
}

Tree ApiEvent(const AuditEvent& event, const OrgState& org) {
  Tree out = BaseTree(event, org, kApi, ActivityOf(TextAt(event, "action")));
  out.Set("api.operation", TextAt(event, "conntrail.event_type"));
  out.SetText("api.request.uid", TextAt(event, "conntrail.request_id"));
  out.Set("api.service.name", "conntrail");
  if (event.line.subject.kind != EntityKind::kNone) {
    out.Set("resources", Tree::List({AssetTree(event)}));
  }
  return out;
}

bool IsCall(EventType type) {
  switch (type) {
    case EventType::kNone:
    case EventType::kConnectionUsed:
    case EventType::kAuditTrailRead:
    case EventType::kOrgOpened:
    case EventType::kRulesActivated:
    case EventType::kSeal:
    case EventType::kAttemptUnreadable:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::vector<Tree> OcsfEventsOf(const AuditEvent& event, const OrgState& org) {
  std::vector<Tree> events;
  const Event* said = event.event();
  if (said == nullptr || IsCall(event.line.type)) {
    events.push_back(ApiEvent(event, org));
    return events;
  }
  if (const auto* replaced = std::get_if<PolicyReplaced>(&said->action)) {
    for (const Grant& grant : replaced->grants) {
      events.push_back(AccessEvent(event, org, grant, kAssign));
    }
  }
  if (const auto* patched = std::get_if<PolicyPatched>(&said->action)) {
    for (const Grant& grant : patched->added) {
      events.push_back(AccessEvent(event, org, grant, kAssign));
    }
    for (const Grant& grant : patched->removed) {
      events.push_back(AccessEvent(event, org, grant, kRevoke));
    }
  }
  // A policy that names nobody, or is taken away, is itself what changed.
  if (events.empty()) events.push_back(EntityEvent(event, org));
  return events;
}

}  // namespace conntrail::api
