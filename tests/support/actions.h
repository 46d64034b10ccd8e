#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/names.h"

// Actions in few words. `connection` and other plain texts are names, see names.h.
namespace conntrail {

inline Grant Viewer(const Principal& who) { return {Relation::kViewer, who}; }
inline Grant Resolver(const Principal& who) { return {Relation::kResolver, who}; }
inline Grant Editor(const Principal& who) { return {Relation::kEditor, who}; }

// With the connection's name as its field "name".
ConnectionCreated Create(std::string_view connection, Fields more = {});
// Observed with a credential of this one secret.
ConnectionCreated CreateWithSecret(std::string_view connection, std::string_view secret);
// An intent's edit has no before.
ConnectionEdited Edit(std::string_view connection, std::string_view path, FieldValue after,
                      FieldValue before = {});
ConnectionDeleted Delete(std::string_view connection);
ConnectionSuspended Suspend(std::string_view connection);
ConnectionResumed Resume(std::string_view connection);

CredentialIssued Issue(std::string_view connection, std::string_view secret);
CredentialRotated Rotate(std::string_view connection, std::string_view secret);
CredentialWithdrawn Withdraw(std::string_view connection);

PolicyReplaced Replace(std::string_view connection, std::vector<Grant> grants);
PolicyReplaced RestoreDefault(std::string_view connection);
PolicyPatched Patch(std::string_view connection, std::vector<Grant> added,
                    std::vector<Grant> removed = {});

ConnectionUsed Using(std::string_view connection, std::optional<Principal> principal = {},
                     uint64_t count = 1);

AccountChanged ChangeAccount(const Principal& account, AccountChange change);
GroupChanged NewGroup(const Principal& group, std::vector<Principal> members = {});
GroupChanged Join(const Principal& group, std::vector<Principal> members);
GroupChanged Leave(const Principal& group, std::vector<Principal> members);
GroupChanged DeleteGroup(const Principal& group);

// One step for each connection.
WorkflowSaved Save(std::string_view workflow, std::optional<Principal> owner,
                   const std::vector<std::string>& connections = {});
WorkflowDeleted DeleteWorkflow(std::string_view workflow);

IntegrationConnected Connect(std::string_view integration, std::string_view account = "");
IntegrationDisconnected Disconnect(std::string_view integration);

KeyCreated NewKey(std::string_view key, uint64_t rights,
                  std::optional<UnixMs> expires_at_ms = std::nullopt);
KeyRevoked RevokeKey(std::string_view key);
KeyRightsChanged ChangeKey(std::string_view key, uint64_t rights);

}  // namespace conntrail
