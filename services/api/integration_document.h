#pragma once

#include <span>
#include <string_view>

#include "events/base/json_writer.h"
#include "events/event.h"
#include "events/secret/fingerprint.h"
#include "projections/fold/entity.h"
#include "services/api/fault.h"

// Connected integrations (accounts whose credentials reach actions by themselves) as documents, in
// the API's conventions: an addition of this project.
namespace conntrail::api {

// GitHub, Jira, PagerDuty, Slack.
std::span<const std::string_view> ConnectableTypes();

// The body of POST /api/v2/integrations: {"data":{"type":"integration","attributes":{"type",
// "account","consent"?:{"client_id","scopes"?,"given_by"?,"provider"?},"secrets"?:{"<name>":"…"}}}}.
// Each secret becomes a fingerprint at "secrets.<name>". Consent is `caller`'s if it names nobody.
Parsed<IntegrationConnected> ReadNewConnectedIntegration(std::string_view body, const Uuid& id,
                                                         const Principal& caller,
                                                         const Fingerprinter& fingerprinter);

// Writes the resource, each secret as "".
void WriteConnectedIntegration(JsonWriter& out, const Integration& integration);

}  // namespace conntrail::api
