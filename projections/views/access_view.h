#pragma once

#include <optional>
#include <string>
#include <vector>

#include "projections/views/org_view.h"

namespace conntrail {

// One way by which somebody holds a relation.
struct AccessPath {
  Grant grant;                  // what the policy (or the default) says
  Place granted;                // since when
  std::optional<Place> joined;  // through a group: since when a member of it
  std::string group_name;       // of that group, if it has one
  bool by_default = false;      // there is no policy: creator is editor, the org viewer
};

struct AccountAccess {
  Principal account;
  Relation relation = Relation::kNone;  // the highest of all paths
  bool active = true;                   // false: deactivated or removed, yet still granted
  std::vector<AccessPath> paths;        // all of them, highest relation first
};

struct ConnectionAccess {
  ConnectionId connection;
  std::string name;
  bool suspended = false;
  Relation relation = Relation::kNone;
  std::vector<AccessPath> paths;
};

// A connected integration: its credential reaches every action by itself, without a connection.
struct IntegrationAccess {
  Uuid integration;
  std::string type;  // "Slack"
  std::string account;
  TextList scopes;  // that were consented to
  Place connected;
};

// The highest relation that `account` holds on `connection`, a state of it as of `at`: directly,
// through a team or role, or through the org.
Result<Relation> RelationOf(const OrgView& org, const Connection& connection,
                            const Principal& account, const Place& at);

// Who holds at least `relation` on a connection: every account, with every path; sorted by account.
// A grant to the org reaches all of its accounts that are known and active; while none is, it
// stands for itself. One to another org reaches nobody. kNotFound: the connection did not exist, or
// was deleted, at that moment.
Result<std::vector<AccountAccess>> WhoCan(const OrgView& org, const ConnectionId& connection,
                                          Relation relation, const Moment& at);

// On which connections `principal` holds at least `relation`; an account's groups and the org's
// grants count, for a team or role only what is granted to itself. Sorted by name, then id.
Result<std::vector<ConnectionAccess>> WhatCan(const OrgView& org, const Principal& principal,
                                              Relation relation, const Moment& at);

// The connected integrations that `principal` can act with: all of the org, if it is the org or one
// of its accounts, as whoever writes a workflow reaches them; none for a team or role. Sorted by
// type, account and id.
Result<std::vector<IntegrationAccess>> IntegrationsOf(const OrgView& org,
                                                      const Principal& principal, const Moment& at);

}  // namespace conntrail
