#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "projections/views/org_view.h"

namespace conntrail {

// Which connections are asked for; an empty filter takes all that are not deleted.
struct ConnectionFilter {
  std::string name_contains;     // ASCII letters match in either case
  std::string integration_type;  // exact
  std::string tag;               // one of the tags, exact
  std::optional<bool> suspended;
  std::optional<bool> has_credential;
  std::optional<Principal> granted;  // named in its policy
  bool with_deleted = false;
  // Whether whoever asks may know of it; everything without it. No part of what a cursor is for.
  std::function<Result<bool>(const Connection&)> may_see = {};
};

enum class ConnectionOrder { kName, kId, kCreated, kChanged };

struct ConnectionQuery {
  ConnectionFilter filter;
  ConnectionOrder order = ConnectionOrder::kName;
  Moment at;
  size_t limit = 50;   // 0 counts as 1
  std::string cursor;  // of the page before; keeps the moment of the first page
};

struct ConnectionPage {
  std::vector<Connection> connections;
  size_t total = 0;         // that match, on all pages
  std::string next_cursor;  // empty: this was the last page
  Place at;                 // as of when
};

// One connection, deleted or not. kNotFound: it did not exist at that moment.
Result<Connection> FindConnection(const OrgView& org, const ConnectionId& id, const Moment& at);

// kInvalidArgument: the cursor is not one of this query.
Result<ConnectionPage> ListConnections(const OrgView& org, const ConnectionQuery& query);

// One record of an entity's history. A record that changed nothing has no changes.
struct HistoryEntry {
  TrailLine line;
  std::vector<FieldChange> changes;  // of the flat form (FlattenEntity), from the state before
  std::optional<Entity> after;       // where the record changed the entity
};

struct HistoryQuery {
  EntityKind kind = EntityKind::kConnection;
  Uuid id;
  bool newest_first = true;
  bool changes_only = false;  // leave out uses, refusals and other records that changed nothing
  size_t limit = 50;          // 0 counts as 1
  std::string cursor;         // of the page before
};

struct HistoryPage {
  std::vector<HistoryEntry> entries;
  std::string next_cursor;
};

// kInvalidArgument: the cursor is not one of this query.
Result<HistoryPage> ReadHistory(const OrgView& org, const HistoryQuery& query);

// An entity as one list of fields, so that any two states of it can be compared: its own fields,
// and "deleted", "suspended", "grants" ("resolver user:…"), "credential.version" and so on. A field
// of a connection's document that is named like one of these stands as "fields.<path>".
Fields FlattenEntity(const Entity& entity);

}  // namespace conntrail
