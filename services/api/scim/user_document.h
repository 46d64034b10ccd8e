#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/fold/entity.h"
#include "services/api/fault.h"
#include "services/api/scim/document.h"

namespace conntrail::api::scim {

// What a directory says of an account. Empty: nothing.
struct UserFields {
  std::string user_name;
  std::string display_name;
  std::string email;
  std::string external_id;
  std::optional<bool> active;
  std::optional<Principal> manager;
  bool operator==(const UserFields&) const = default;
};

// The account with that id, as the org knows it; nullopt if there is none.
using AccountLookup = std::function<std::optional<Principal>(const Uuid&)>;

// The account as a User (RFC 7643 section 4.1). `base_url` is what stands before "/Users".
JsonValue UserDocument(const Account& account, std::string_view base_url);

// Reads a User: the body of POST and PUT, or what a PATCH has made of a document. Attributes that
// are not kept here are passed over. Faults are 400 invalidValue (or invalidSyntax): no userName,
// wrong types, texts that are too long or no texts, an unknown manager.
//
// `displayName` counts, else the name's formatted form or its parts; of the e-mails the primary
// one, else the first.
Parsed<UserFields> ReadUser(const JsonValue& document, const AccountLookup& find);

// What is to be said to the log so that the account becomes `wanted`: nothing if it is so already.
// `current` is null if there is none, or if it is deleted. What is empty in `wanted` stays as it
// was.
std::vector<AccountChanged> UserChanges(const Account* current, const Principal& id,
                                        const UserFields& wanted);

// 400 mutability if `wanted` lacks what `current` has: the log cannot say that a name is gone. For
// PATCH; a PUT that leaves something out says nothing of it.
std::optional<Fault> RefuseRemoval(const Account& current, const UserFields& wanted);

}  // namespace conntrail::api::scim
