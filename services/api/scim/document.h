#pragma once

#include <string>
#include <string_view>

#include "events/base/json_reader.h"
#include "events/base/json_writer.h"

// A SCIM resource as a tree (RFC 7643 section 2): what filters look at, and what a PATCH changes.
namespace conntrail::api::scim {

inline constexpr std::string_view kUserSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
inline constexpr std::string_view kGroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
inline constexpr std::string_view kEnterpriseSchema =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

JsonValue TextValue(std::string_view text);
JsonValue FlagValue(bool flag);
JsonValue ArrayValue();
JsonValue ObjectValue();

// Adds a member. REQUIRES: `object` is one, and has no member of that name.
JsonValue& Add(JsonValue& object, std::string_view name, JsonValue value);
// The same if `text` is not empty.
void AddText(JsonValue& object, std::string_view name, std::string_view text);

// Attribute names are equal without regard to the case of ASCII letters (RFC 7643 section 2.1).
bool SameName(std::string_view a, std::string_view b);
std::string LowerCase(std::string_view text);

// The member of that name; null if there is none, or `object` is none.
const JsonValue* FindMember(const JsonValue& object, std::string_view name);
JsonValue* FindMember(JsonValue& object, std::string_view name);
// The text of that member; "" if there is none.
std::string_view MemberText(const JsonValue& object, std::string_view name);

// Equal in kind and value; members in any order.
bool SameValue(const JsonValue& a, const JsonValue& b);

void WriteJson(JsonWriter& out, const JsonValue& value);

}  // namespace conntrail::api::scim
