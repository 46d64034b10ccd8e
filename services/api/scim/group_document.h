#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/fold/entity.h"
#include "services/api/fault.h"
#include "services/api/scim/document.h"
#include "services/api/scim/user_document.h"

namespace conntrail::api::scim {

// What a directory says of a group. Empty texts: nothing.
struct GroupFields {
  std::string display_name;
  std::string external_id;
  std::optional<std::vector<Principal>> members;  // sorted; nullopt: nothing is said of them
  bool operator==(const GroupFields&) const = default;
};

// The group as a Group (RFC 7643 section 4.2). `base_url` is what stands before "/Groups".
JsonValue GroupDocument(const Group& group, std::string_view base_url);

// Reads a Group: the body of POST and PUT, or what a PATCH has made of a document. `find` tells
// which accounts there are. Faults are 400 invalidValue (or invalidSyntax).
Parsed<GroupFields> ReadGroup(const JsonValue& document, const AccountLookup& find);

// What one event may say of members, so that it stays far below the largest record.
inline constexpr size_t kMembersPerEventMax = 500;

// What is to be said to the log so that the group becomes `wanted`: nothing if it is so already,
// and more than one event if many members come and go. `current` is null if there is none, or if it
// is deleted; `id` then names the new one, a team or a role.
std::vector<GroupChanged> GroupChanges(const Group* current, const Principal& id,
                                       const GroupFields& wanted);

}  // namespace conntrail::api::scim
