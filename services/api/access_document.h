#pragma once

#include <string>
#include <vector>

#include "projections/views/access_view.h"
#include "projections/views/counts_view.h"
#include "projections/views/org_view.h"

namespace conntrail::api {

// Answers about access as JSON documents:
//   {"data":[{"id","type","attributes":{"relation","paths":[…],…}}],"meta":{"page":{"total"}}}
// A path tells what was granted to whom since when, and through what the account is reached:
// "direct", "group" (with the group's name and when the account joined), "org" or "default".

// Who can: type "account_access".
std::string AccountAccessDocument(const std::vector<AccountAccess>& accounts);

// What somebody can: type "connection_access"; beside them, as "included", the connected
// integrations that they reach, type "integration_access".
std::string ConnectionAccessDocument(const std::vector<ConnectionAccess>& connections,
                                     const std::vector<IntegrationAccess>& integrations);

// {"data":{"id":<org>,"type":"org_counts","attributes":{…,"by_type":[{"count","type","verdict"}]}}}
std::string CountsDocument(const OrgState& org, const OrgCounts& counts);

}  // namespace conntrail::api
