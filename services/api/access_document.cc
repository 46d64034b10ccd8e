#include "services/api/access_document.h"

#include "events/base/json_writer.h"

namespace conntrail::api {
namespace {

void WriteText(JsonWriter& out, std::string_view name, std::string_view value) {
  out.Name(name);
  out.Text(value);
}

void WriteFlag(JsonWriter& out, std::string_view name, bool value) {
  out.Name(name);
  out.Bool(value);
}

void WriteNumber(JsonWriter& out, std::string_view name, uint64_t value) {
  out.Name(name);
  out.Uint(value);
}

void WritePlace(JsonWriter& out, const std::string& name, const Place& place) {
  WriteText(out, name + "_at", FormatTime(place.time_ms));
  WriteNumber(out, name + "_index", place.index.value);
}

std::string_view WayOf(const AccessPath& path) {
  if (path.by_default) return "default";
  if (path.joined) return "group";
  return path.grant.principal.kind == PrincipalKind::kOrg ? "org" : "direct";
}

void WritePaths(JsonWriter& out, const std::vector<AccessPath>& paths) {
  out.Name("paths");
  out.BeginArray();
  for (const AccessPath& path : paths) {
    out.BeginObject();
    WritePlace(out, "granted", path.granted);
    if (path.joined) {
      WriteText(out, "group_name", path.group_name);
      WritePlace(out, "joined", *path.joined);
    }
    WriteText(out, "principal", path.grant.principal.ToString());
    WriteText(out, "relation", RelationName(path.grant.relation));
    WriteText(out, "via", WayOf(path));
    out.EndObject();
  }
  out.EndArray();
}

// `write` writes the attributes and the id of one.
template <typename Item, typename Write>
void WriteList(JsonWriter& out, std::string_view name, const std::vector<Item>& items,
               std::string_view type, const Write& write) {
  out.Name(name);
  out.BeginArray();
  for (const Item& item : items) {
    out.BeginObject();
    write(out, item);
    WriteText(out, "type", type);
    out.EndObject();
  }
  out.EndArray();
}

void WriteIntegration(JsonWriter& out, const IntegrationAccess& access) {
  out.Name("attributes");
  out.BeginObject();
  WriteText(out, "account", access.account);
  WritePlace(out, "connected", access.connected);
  out.Name("scopes");
  out.BeginArray();
  for (const std::string& scope : access.scopes) out.Text(scope);
  out.EndArray();
  WriteText(out, "type", access.type);
  out.EndObject();
  WriteText(out, "id", access.integration.ToString());
}

// {"data":[…],"included"?:[…],"meta":{"page":{"total":…}}}
template <typename Item, typename Write>
std::string ListDocument(const std::vector<Item>& items, std::string_view type, const Write& write,
                         const std::vector<IntegrationAccess>* included = nullptr) {
  JsonWriter out;
  out.BeginObject();
  WriteList(out, "data", items, type, write);
  if (included != nullptr) {
    WriteList(out, "included", *included, "integration_access", WriteIntegration);
  }
  out.Name("meta");
  out.BeginObject();
  out.Name("page");
  out.BeginObject();
  WriteNumber(out, "total", items.size());
  out.EndObject();
  out.EndObject();
  out.EndObject();
  return out.Take();
}

}  // namespace

std::string AccountAccessDocument(const std::vector<AccountAccess>& accounts) {
  return ListDocument(accounts, "account_access", [](JsonWriter& out, const AccountAccess& access) {
    out.Name("attributes");
    out.BeginObject();
    WriteFlag(out, "active", access.active);
    WritePaths(out, access.paths);
    WriteText(out, "relation", RelationName(access.relation));
    out.EndObject();
    WriteText(out, "id", access.account.ToString());
  });
}

std::string ConnectionAccessDocument(const std::vector<ConnectionAccess>& connections,
                                     const std::vector<IntegrationAccess>& integrations) {
  const auto write = [](JsonWriter& out, const ConnectionAccess& access) {
    out.Name("attributes");
    out.BeginObject();
    WriteText(out, "name", access.name);
    WritePaths(out, access.paths);
    WriteText(out, "relation", RelationName(access.relation));
    WriteFlag(out, "suspended", access.suspended);
    out.EndObject();
    WriteText(out, "id", access.connection.ToString());
  };
  return ListDocument(connections, "connection_access", write, &integrations);
}

std::string CountsDocument(const OrgState& org, const OrgCounts& counts) {
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  out.BeginObject();
  out.Name("attributes");
  out.BeginObject();
  WriteNumber(out, "accounts", counts.accounts);
  out.Name("by_type");
  out.BeginArray();
  for (const TypeCount& count : counts.by_type) {
    out.BeginObject();
    WriteNumber(out, "count", count.count);
    WriteText(out, "type", count.type == EventType::kNone ? "none" : EventTypeName(count.type));
    WriteText(out, "verdict", VerdictName(static_cast<Verdict>(count.verdict)));
    out.EndObject();
  }
  out.EndArray();
  WriteNumber(out, "connections", counts.connections);
  WriteNumber(out, "connections_deleted", counts.connections_deleted);
  WriteNumber(out, "connections_suspended", counts.connections_suspended);
  WriteNumber(out, "connections_without_policy", counts.connections_without_policy);
  WriteNumber(out, "grants", counts.grants);
  WriteNumber(out, "groups", counts.groups);
  WriteText(out, "last_time", FormatTime(org.effective_time_ms));
  WriteText(out, "name", org.name);
  WriteNumber(out, "records", counts.records);
  out.EndObject();
  WriteText(out, "id", org.id.ToString());
  WriteText(out, "type", "org_counts");
  out.EndObject();
  out.EndObject();
  return out.Take();
}

}  // namespace conntrail::api
