#include "tests/support/actions.h"

#include <utility>

namespace conntrail {

ConnectionCreated Create(std::string_view connection, Fields more) {
  ConnectionCreated action{.connection = ConnectionNamed(connection), .fields = std::move(more)};
  SetField(action.fields, "name", std::string(connection));
  return action;
}

ConnectionCreated CreateWithSecret(std::string_view connection, std::string_view secret) {
  ConnectionCreated action = Create(connection);
  action.secrets = {FingerprintNamed("token", secret)};
  action.has_credential = true;
  return action;
}

ConnectionEdited Edit(std::string_view connection, std::string_view path, FieldValue after,
                      FieldValue before) {
  return {.connection = ConnectionNamed(connection),
          .changes = {{std::string(path), std::move(before), std::move(after)}}};
}

ConnectionDeleted Delete(std::string_view connection) {
  return {.connection = ConnectionNamed(connection)};
}
ConnectionSuspended Suspend(std::string_view connection) { return {ConnectionNamed(connection)}; }
ConnectionResumed Resume(std::string_view connection) { return {ConnectionNamed(connection)}; }

CredentialIssued Issue(std::string_view connection, std::string_view secret) {
  return {.connection = ConnectionNamed(connection),
          .secrets = {FingerprintNamed("token", secret)}};
}
CredentialRotated Rotate(std::string_view connection, std::string_view secret) {
  return {.connection = ConnectionNamed(connection),
          .secrets = {FingerprintNamed("token", secret)}};
}
CredentialWithdrawn Withdraw(std::string_view connection) {
  return {.connection = ConnectionNamed(connection)};
}

PolicyReplaced Replace(std::string_view connection, std::vector<Grant> grants) {
  return {.connection = ConnectionNamed(connection), .grants = std::move(grants)};
}
PolicyReplaced RestoreDefault(std::string_view connection) {
  return {.connection = ConnectionNamed(connection), .restore_default = true};
}
PolicyPatched Patch(std::string_view connection, std::vector<Grant> added,
                    std::vector<Grant> removed) {
  return {.connection = ConnectionNamed(connection),
          .added = std::move(added),
          .removed = std::move(removed)};
}

ConnectionUsed Using(std::string_view connection, std::optional<Principal> principal,
                     uint64_t count) {
  return {.connection = ConnectionNamed(connection), .principal = principal, .count = count};
}

AccountChanged ChangeAccount(const Principal& account, AccountChange change) {
  return {.account = account, .change = change};
}
GroupChanged NewGroup(const Principal& group, std::vector<Principal> members) {
  return {.group = group, .change = GroupChange::kCreated, .members_added = std::move(members)};
}
GroupChanged Join(const Principal& group, std::vector<Principal> members) {
  return {.group = group, .change = GroupChange::kChanged, .members_added = std::move(members)};
}
GroupChanged Leave(const Principal& group, std::vector<Principal> members) {
  return {.group = group, .change = GroupChange::kChanged, .members_removed = std::move(members)};
}
GroupChanged DeleteGroup(const Principal& group) {
  return {.group = group, .change = GroupChange::kDeleted};
}

WorkflowSaved Save(std::string_view workflow, std::optional<Principal> owner,
                   const std::vector<std::string>& connections) {
  WorkflowSaved action{.workflow = WorkflowNamed(workflow),
                       .name = std::string(workflow),
                       .owner = owner,
                       .run_as = RunAs::kOwner};
  for (const std::string& connection : connections) {
    action.steps.push_back({.step = "step " + std::to_string(action.steps.size() + 1),
                            .action = "http.request",
                            .connection = ConnectionNamed(connection)});
  }
  return action;
}
WorkflowDeleted DeleteWorkflow(std::string_view workflow) { return {WorkflowNamed(workflow)}; }

IntegrationConnected Connect(std::string_view integration, std::string_view account) {
  return {.integration = IdNamed(integration),
          .type = std::string(integration),
          .account = std::string(account)};
}
IntegrationDisconnected Disconnect(std::string_view integration) { return {IdNamed(integration)}; }

KeyCreated NewKey(std::string_view key, uint64_t rights, std::optional<UnixMs> expires_at_ms) {
  return {.key = KeyNamed(key),
          .kind = KeyKind::kApplication,
          .name = std::string(key),
          .rights = rights,
          .expires_at_ms = expires_at_ms};
}
KeyRevoked RevokeKey(std::string_view key) { return {KeyNamed(key)}; }
KeyRightsChanged ChangeKey(std::string_view key, uint64_t rights) {
  return {KeyNamed(key), rights};
}

}  // namespace conntrail
