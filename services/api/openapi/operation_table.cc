#include "services/api/openapi/operation_table.h"

#include <algorithm>

namespace conntrail::api {
namespace {

using namespace trait;

constexpr std::string_view kConnections = "Connections";
constexpr std::string_view kPolicies = "Restriction policies";
constexpr std::string_view kAccess = "Access and history";
constexpr std::string_view kTrail = "Audit trail";
constexpr std::string_view kEvidence = "Evidence";
constexpr std::string_view kEvents = "Events";
constexpr std::string_view kWorkflows = "Workflows";
constexpr std::string_view kIntegrations = "Integrations";
constexpr std::string_view kKeys = "Keys";

constexpr OperationGroup kGroups[] = {
    {kConnections, "Named credentials: their description, never their secrets."},
    {kPolicies, "Who may view, resolve or edit a connection."},
    {kAccess, "Who can use what, by which paths, and how it came to be so; at any moment."},
    {kTrail, "Every change, use and refusal, in order; reading it is itself recorded."},
    {kEvidence,
     "The signed Merkle tree over the trail, in the formats of C2SP: who keeps a checkpoint sees "
     "any "
     "later change of what was recorded before it."},
    {kEvents, "Reports of producers, and what became of each."},
    {kWorkflows, "Who runs as whom, and which step uses which connection."},
    {kIntegrations, "Accounts whose credentials reach all actions by themselves."},
    {kKeys, "API and application keys, and which of them are registered for actions."},
    {"Operation", "For whoever operates the server."},
};

constexpr std::string_view kEditHeaders = "If-Match Idempotency-Key";

constexpr std::string_view kNewConnectionExample =
    R"({"data":{"type":"action_connection","attributes":{"name":"pager","tags":["team:ops"],)"
    R"("integration":{"type":"PagerDuty","credentials":{"type":"PagerDutyAPIToken",)"
    R"("api_token":"made-up"}}}}})";
constexpr std::string_view kPatchExample =
    R"({"data":{"type":"action_connection","attributes":{"name":"pager of operations"}}})";
constexpr std::string_view kCredentialExample =
    R"({"data":{"type":"credential","attributes":{"cause":"consent","consent":{)"
    R"("client_id":"app-1","scopes":["chat:write"]},"expires_at":"2027-01-01T00:00:00Z"}}})";
constexpr std::string_view kSearchExample =
    R"({"filter":{"query":"@action:deleted","from":"now-1d","to":"now"},"page":{"limit":50},)"
    R"("sort":"-timestamp"})";

constexpr std::string_view kEventsExample =
    R"([{"id":"0190b7a4-5f6e-7c10-9d1a-2b3c4d5e6f70","org":"6a0f5c1e-3a8b-4d6f-9f5e-0c1d2e3f4a5b",)"
    R"("authority":"observation","type":"connection.used","occurred_at":"2026-05-03T14:03:00Z",)"
    R"("action":{"connection":"4f1d9c36-2f0b-4c7e-9a51-0d6f0c8b7e21","count":1,"mode":"manual",)"
    R"("principal":"user:0b1e7c1a-8d25-4a39-8a1e-5f3f6f1f7f10"}}])";

constexpr OperationShape kOperations[] = {
    {.name = "CreateActionConnection",
     .group = kConnections,
     .description = "Secrets become fingerprints before anything is stored; they are answered as "
                    "empty texts, here and ever after.",
     .parameters = "Idempotency-Key",
     .request = "ConnectionCreateRequest",
     .status = 201,
     .answer = "ConnectionAnswer",
     .traits = kWrites | kEtag | kIndex,
     .decided = right::kConnectionsWrite,
     .example = kNewConnectionExample},
    {.name = "ListActionConnections",
     .group = kConnections,
     .description = "Those that the caller may view now.",
     .parameters = "filter[name] filter[integration] filter[tag] filter[principal] "
                   "filter[suspended] filter[has_credential] filter[deleted] connections_sort "
                   "page[limit] page[cursor] as_of",
     .answer = "ConnectionListAnswer",
     .traits = kIndex | kMissing},
    {.name = "GetActionConnection",
     .group = kConnections,
     .description = "Who may view it now may also look at its past.",
     .parameters = "as_of",
     .answer = "ConnectionAnswer",
     .traits = kEtag | kIndex | kMissing},
    {.name = "UpdateActionConnection",
     .group = kConnections,
     .description =
         "Members that are left out stay as they are; null takes an optional one away; an empty "
         "text for a secret that is there keeps it. Lists of named entries are merged by name, and "
         "\"deleted\": true takes an entry away; tags are replaced as a whole. The type of the "
         "integration cannot change; the type of the credentials can, if they are then complete.",
     .parameters = kEditHeaders,
     .request = "ConnectionPatchRequest",
     .answer = "ConnectionAnswer",
     .traits = kWrites | kEtag | kIndex | kMissing,
     .decided = right::kConnectionsWrite,
     .example = kPatchExample},
    {.name = "DeleteActionConnection",
     .group = kConnections,
     .description = "Its history and what it was at any moment stay.",
     .parameters = kEditHeaders,
     .status = 204,
     .traits = kWrites | kMissing,
     .decided = right::kConnectionsWrite},
    {.name = "SuspendActionConnection",
     .group = kConnections,
     .description = "",
     .parameters = kEditHeaders,
     .status = 204,
     .traits = kWrites | kMissing,
     .decided = right::kConnectionsWrite},
    {.name = "ResumeActionConnection",
     .group = kConnections,
     .description = "",
     .parameters = kEditHeaders,
     .status = 204,
     .traits = kWrites | kMissing,
     .decided = right::kConnectionsWrite},
    {.name = "GiveCredential",
     .group = kConnections,
     .description =
         "What is kept of a secret is its fingerprint, and of an OAuth grant who consented to "
         "which "
         "scopes and until when; access and refresh tokens are not to be sent. A connection whose "
         "credential was withdrawn gets a new one, with nothing of the one before.",
     .parameters = kEditHeaders,
     .request = "CredentialRequest",
     .answer = "ConnectionAnswer",
     .traits = kWrites | kEtag | kIndex | kMissing,
     .decided = right::kConnectionsWrite,
     .example = kCredentialExample},
    {.name = "WithdrawCredential",
     .group = kConnections,
     .description = "Its fingerprints stay: a secret that comes back is recognised.",
     .parameters = "cause If-Match Idempotency-Key",
     .status = 204,
     .traits = kWrites | kMissing,
     .decided = right::kConnectionsWrite},

    {.name = "GetRestrictionPolicy",
     .group = kPolicies,
     .description = "Without a policy there are no bindings, and the default counts: the author "
                    "edits, the rest of the organisation views.",
     .parameters = "as_of",
     .answer = "RestrictionPolicyAnswer",
     .traits = kEtag | kIndex | kMissing},
    {.name = "UpdateRestrictionPolicy",
     .group = kPolicies,
     .description = "Replaces the whole policy. Takes the editor relation, or user_access_manage.",
     .parameters = "allow_self_lockout If-Match Idempotency-Key",
     .request = "RestrictionPolicyRequest",
     .answer = "RestrictionPolicyAnswer",
     .traits = kWrites | kEtag | kIndex | kMissing},
    {.name = "DeleteRestrictionPolicy",
     .group = kPolicies,
     .description = "Takes the editor relation, or user_access_manage.",
     .parameters = "allow_self_lockout If-Match Idempotency-Key",
     .status = 204,
     .traits = kWrites | kMissing},

    {.name = "ListConnectionAccess",
     .group = kAccess,
     .description = "",
     .parameters = "relation as_of",
     .answer = "AccountAccessListAnswer",
     .traits = kIndex | kMissing},
    {.name = "ListPrincipalAccess",
     .group = kAccess,
     .description = "",
     .parameters = "relation as_of",
     .answer = "ConnectionAccessListAnswer",
     .traits = kIndex | kMissing},
    {.name = "GetConnectionHistory",
     .group = kAccess,
     .description = "For holders of audit_logs_read, and for whoever may view the connection.",
     .parameters = "changes_only states trail_sort page[limit] page[cursor]",
     .answer = "HistoryAnswer",
     .traits = kIndex | kMissing},
    {.name = "ListConnectionStates",
     .group = kAccess,
     .description = "In the canonical form: all that is known, for whoever may read the trail.",
     .parameters = "filter[name] filter[integration] filter[tag] filter[principal] "
                   "filter[suspended] filter[has_credential] filter[deleted] connections_sort "
                   "page[limit] page[cursor] as_of",
     .answer = "ConnectionStateListAnswer",
     .traits = kIndex | kMissing},
    {.name = "GetConnectionState",
     .group = kAccess,
     .description = "In the canonical form, deleted or not, with its uses until now.",
     .parameters = "as_of",
     .answer = "ConnectionStateAnswer",
     .traits = kIndex | kMissing},
    {.name = "GetCounts",
     .group = kAccess,
     .description = "",
     .parameters = "as_of",
     .answer = "CountsAnswer",
     .traits = kIndex | kMissing},

    {.name = "ListAuditLogs",
     .group = kTrail,
     .description = "Without filter[from]: the last 15 minutes.",
     .parameters = "filter[query] filter[from] filter[to] trail_sort audit_limit page[cursor]",
     .answer = "AuditListAnswer",
     .traits = kRecords | kIndex},
    {.name = "SearchAuditLogs",
     .group = kTrail,
     .description = "Without a body: everything of the last 15 minutes.",
     .request = "AuditSearchRequest",
     .answer = "AuditListAnswer",
     .traits = kRecords | kIndex | kOptional,
     .example = kSearchExample},
    {.name = "ExportAuditLogs",
     .group = kTrail,
     .description = "One line a record, as one stream. Without filter[from]: all of the trail.",
     .parameters = "filter[query] filter[from] filter[to] trail_sort format",
     .answer = "Lines",
     .traits = kRecords | kIndex,
     .answer_media = "application/x-ndjson text/csv"},
    {.name = "ListTrailRecords",
     .group = kTrail,
     .description = "All conditions must hold. Quicker than a search, and with what is on the log.",
     .parameters = "filter[subject] filter[actor] filter[type] filter[outcome] filter[mark] "
                   "filter[first_time] filter[last_time] events trail_sort page[limit] "
                   "page[cursor]",
     .answer = "TrailRecordListAnswer",
     .traits = kRecords | kIndex},
    {.name = "StreamAuditLogs",
     .group = kTrail,
     .description = "Each event's id is the index of its record: a client that reconnects with "
                    "Last-Event-ID misses none and sees none twice. Does not end by itself.",
     .parameters = "Last-Event-ID last_event_id",
     .answer = "EventStream",
     .traits = kRecords,
     .answer_media = "text/event-stream"},

    {.name = "GetEvidence",
     .group = kEvidence,
     .description = "",
     .answer = "EvidenceAnswer",
     .traits = kIndex},
    {.name = "GetInclusionProof",
     .group = kEvidence,
     .description = "A C2SP tlog-proof, with the signed checkpoint that it leads to.",
     .answer = "Lines",
     .traits = kMissing,
     .answer_media = "text/plain"},
    {.name = "GetConsistencyProof",
     .group = kEvidence,
     .description = "PROOF of RFC 6962, section 2.1.2. Hashes are in base 64.",
     .parameters = "from to",
     .answer = "ConsistencyProofAnswer",
     .traits = kMissing},
    {.name = "GetTlogFile",
     .group = kEvidence,
     .description =
         "A file of the log as C2SP tlog-tiles lays it out. Reading entries is recorded, "
         "once in ten minutes for each reader.",
     .answer = "Lines",
     .traits = kMissing | kRecords,
     .answer_media = "text/plain application/octet-stream"},

    {.name = "CreateConnectionEvents",
     .group = kEvents,
     .description =
         "At most 5,000 events in 8 MiB: an array or one event in JSON, one a line (NDJSON), or in "
         "FlatBuffers, each after its length (32 bits, little-endian). There is an outcome for "
         "each, in order; \"refused\" ones are not recorded. An event may be sent again: the "
         "second is a duplicate.",
     .request = "Events",
     .answer = "EventOutcomeListAnswer",
     .traits = kWrites | kAnyKey,
     .request_media = "application/json application/x-ndjson application/vnd.conntrail.events",
     .example = kEventsExample},
    {.name = "GetConnectionEvent",
     .group = kEvents,
     .description = "Where a 504 has left the outcome open, this tells it.",
     .answer = "EventOutcomeAnswer",
     .traits = kIndex | kMissing | kAnyKey},
    {.name = "ListProducers",
     .group = kEvents,
     .description = "",
     .answer = "ProducerListAnswer",
     .traits = kIndex | kAnyKey},

    {.name = "ListWorkflows",
     .group = kWorkflows,
     .description = "",
     .parameters = "as_of",
     .answer = "WorkflowListAnswer",
     .traits = kIndex | kMissing},
    {.name = "GetWorkflow",
     .group = kWorkflows,
     .description = "",
     .parameters = "as_of",
     .answer = "WorkflowAnswer",
     .traits = kEtag | kIndex | kMissing},
    {.name = "SaveWorkflow",
     .group = kWorkflows,
     .description = "Makes it or replaces it. Attaching a connection takes the resolver relation "
                    "on it.",
     .parameters = kEditHeaders,
     .request = "WorkflowRequest",
     .answer = "WorkflowAnswer",
     .traits = kWrites | kEtag | kIndex | kMissing | kMayBeGone,
     .decided = right::kConnectionsWrite},
    {.name = "SetStepConnection",
     .group = kWorkflows,
     .description = "",
     .parameters = kEditHeaders,
     .request = "StepConnectionRequest",
     .answer = "WorkflowAnswer",
     .traits = kWrites | kEtag | kIndex | kMissing,
     .decided = right::kConnectionsWrite},
    {.name = "DeleteWorkflow",
     .group = kWorkflows,
     .description = "Ends what it could use.",
     .parameters = kEditHeaders,
     .status = 204,
     .traits = kWrites | kMissing,
     .decided = right::kConnectionsWrite},

    {.name = "ListIntegrations",
     .group = kIntegrations,
     .description = "",
     .parameters = "as_of",
     .answer = "ConnectedIntegrationListAnswer",
     .traits = kIndex | kMissing},
    {.name = "ConnectIntegration",
     .group = kIntegrations,
     .description = "",
     .parameters = "Idempotency-Key",
     .request = "ConnectIntegrationRequest",
     .status = 201,
     .answer = "ConnectedIntegrationAnswer",
     .traits = kWrites,
     .decided = right::kConnectionsWrite},
    {.name = "DisconnectIntegration",
     .group = kIntegrations,
     .description = "",
     .parameters = kEditHeaders,
     .status = 204,
     .traits = kWrites | kMissing,
     .decided = right::kConnectionsWrite},

    {.name = "ListAccessKeys",
     .group = kKeys,
     .description = "",
     .parameters = "as_of",
     .answer = "AccessKeyListAnswer",
     .traits = kIndex | kMissing},
    {.name = "OpenOrg",
     .group = kKeys,
     .description = "For operators. The keys of its first administrator are in this answer and "
                    "nowhere else.",
     .parameters = "Idempotency-Key",
     .request = "OrgCreateRequest",
     .status = 201,
     .answer = "OrgAnswer",
     .traits = kWrites},
    {.name = "CreateAccessKey",
     .group = kKeys,
     .description = "Nobody can give a key more scopes than their own.",
     .parameters = "Idempotency-Key",
     .request = "AccessKeyCreateRequest",
     .status = 201,
     .answer = "AccessKeyAnswer",
     .traits = kWrites | kEtag,
     .decided = right::kUserAccessManage},
    {.name = "UpdateAccessKey",
     .group = kKeys,
     .description = "",
     .parameters = kEditHeaders,
     .request = "AccessKeyPatchRequest",
     .answer = "AccessKeyAnswer",
     .traits = kWrites | kEtag | kMissing,
     .decided = right::kUserAccessManage},
    {.name = "RevokeAccessKey",
     .group = kKeys,
     .description = "",
     .parameters = kEditHeaders,
     .status = 204,
     .traits = kWrites | kMissing,
     .decided = right::kUserAccessManage},
    {.name = "ListAppKeyRegistrations",
     .group = kKeys,
     .description = "",
     .parameters = "page[size] page[number]",
     .answer = "AppKeyRegistrationListAnswer",
     .traits = kIndex},
    {.name = "GetAppKeyRegistration",
     .group = kKeys,
     .description = "",
     .answer = "AppKeyRegistrationAnswer",
     .traits = kMissing},
    {.name = "RegisterAppKey",
     .group = kKeys,
     .description = "An application key works with connections only after this.",
     .parameters = kEditHeaders,
     .status = 201,
     .answer = "AppKeyRegistrationAnswer",
     .traits = kWrites | kMissing,
     .decided = right::kUserAccessManage},
    {.name = "UnregisterAppKey",
     .group = kKeys,
     .description = "",
     .parameters = kEditHeaders,
     .status = 204,
     .traits = kWrites | kMissing,
     .decided = right::kUserAccessManage},
};

constexpr PlainEndpoint kPlain[] = {
    {"/healthz", "GetHealth", "Whether the process lives", "text/plain"},
    {"/readyz", "GetReadiness", "Whether it can take requests", "text/plain", true},
    {"/metrics", "GetMetrics", "Measurements, in the text form of Prometheus", "text/plain"},
    {"/openapi.json", "GetOpenApi", "This document", "application/json"},
    {"/docs", "GetReference", "This document as a page to read", "text/html"},
};

}  // namespace

std::span<const OperationShape> OperationTable() { return kOperations; }

const OperationShape* FindOperation(std::string_view name) {
  const auto found = std::find_if(std::begin(kOperations), std::end(kOperations),
                                  [&](const OperationShape& shape) { return shape.name == name; });
  return found == std::end(kOperations) ? nullptr : &*found;
}

std::span<const OperationGroup> OperationGroups() { return kGroups; }

std::span<const PlainEndpoint> PlainEndpoints() { return kPlain; }

}  // namespace conntrail::api
