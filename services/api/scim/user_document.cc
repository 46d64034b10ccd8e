#include "services/api/scim/user_document.h"

#include <utility>

#include "services/api/scim/resource.h"

namespace conntrail::api::scim {
namespace {

std::string DisplayNameOf(Reader& reader, const JsonValue& document) {
  std::string name = reader.Text(document, "displayName");
  const JsonValue* parts = FindMember(document, "name");
  if (!name.empty() || parts == nullptr) return name;
  name = reader.Text(*parts, "formatted");
  if (!name.empty()) return name;
  const std::string given = reader.Text(*parts, "givenName");
  const std::string family = reader.Text(*parts, "familyName");
  return given.empty() || family.empty() ? given + family : given + " " + family;
}

std::string EmailOf(Reader& reader, const JsonValue& document) {
  const JsonValue* emails = FindMember(document, "emails");
  if (emails == nullptr || emails->kind == JsonKind::kNull) return "";
  if (emails->kind != JsonKind::kArray) {
    reader.Fail("emails", "must be an array");
    return "";
  }
  std::string first;
  for (const JsonValue& email : emails->items) {
    const std::string value = reader.Text(email, "value");
    if (value.empty()) continue;
    if (reader.Flag(email, "primary").value_or(false)) return value;
    if (first.empty()) first = value;
  }
  return first;
}

std::optional<Principal> SuperiorOf(Reader& reader, const JsonValue& document,
                                    const AccountLookup& find) {
  const JsonValue* extension = FindMember(document, kEnterpriseSchema);
  const JsonValue* manager = extension == nullptr ? nullptr : FindMember(*extension, "manager");
  if (manager == nullptr) return std::nullopt;
  const std::string text =
      manager->kind == JsonKind::kObject ? reader.Text(*manager, "value") : manager->text;
  if (text.empty()) return std::nullopt;
  const std::optional<Uuid> id = Uuid::Parse(text);
  const std::optional<Principal> account = id ? find(*id) : std::nullopt;
  if (!account) reader.Fail("manager", "must be the id of a user");
  return account;
}

}  // namespace

JsonValue UserDocument(const Account& account, std::string_view base_url) {
  const std::string id = account.id.id.ToString();
  JsonValue user = ObjectValue();
  JsonValue& schemas = Add(user, "schemas", ArrayValue());
  schemas.items.push_back(TextValue(kUserSchema));
  if (account.manager) schemas.items.push_back(TextValue(kEnterpriseSchema));
  AddText(user, "id", id);
  AddText(user, "externalId", account.external_id);
  // An account that came otherwise than by a directory has no user name, but every User has one.
  AddText(user, "userName", account.user_name.empty() ? id : account.user_name);
  AddText(user, "displayName", account.display_name);
  if (!account.display_name.empty()) {
    JsonValue& name = Add(user, "name", ObjectValue());
    AddText(name, "formatted", account.display_name);
  }
  if (!account.email.empty()) {
    JsonValue email = ObjectValue();
    AddText(email, "value", account.email);
    AddText(email, "type", "work");
    Add(email, "primary", FlagValue(true));
    Add(user, "emails", ArrayValue()).items.push_back(std::move(email));
  }
  const bool is_service = account.id.kind == PrincipalKind::kServiceAccount;
  AddText(user, "userType", is_service ? "service_account" : "user");
  Add(user, "active", FlagValue(account.active));
  if (account.manager) {
    JsonValue& extension = Add(user, kEnterpriseSchema, ObjectValue());
    JsonValue& manager = Add(extension, "manager", ObjectValue());
    AddText(manager, "value", account.manager->id.ToString());
  }
  Add(user, "meta", Meta("User", account.life, std::string(base_url) + "/Users/" + id));
  return user;
}

Parsed<UserFields> ReadUser(const JsonValue& document, const AccountLookup& find) {
  if (document.kind != JsonKind::kObject) {
    return Fault{.status = 400, .title = "invalidSyntax", .detail = "a User is an object"};
  }
  Reader reader;
  UserFields user;
  user.user_name = reader.Text(document, "userName");
  if (user.user_name.empty()) reader.Fail("userName", "is missing");
  user.display_name = DisplayNameOf(reader, document);
  user.email = EmailOf(reader, document);
  user.external_id = reader.Text(document, "externalId");
  user.active = reader.Flag(document, "active");
  user.manager = SuperiorOf(reader, document, find);
  if (reader.fault()) return *reader.fault();
  return user;
}

std::vector<AccountChanged> UserChanges(const Account* current, const Principal& id,
                                        const UserFields& wanted) {
  AccountChanged change;
  change.account = current == nullptr ? id : current->id;
  const Account nobody;
  const Account& before = current == nullptr ? nobody : *current;
  const auto say = [](const std::string& now, const std::string& was, std::string& said) {
    if (now != was) said = now;
  };
  // The id stands in for a user name that there is not (UserDocument).
  const bool is_stand_in =
      before.user_name.empty() && wanted.user_name == change.account.id.ToString();
  if (!is_stand_in) say(wanted.user_name, before.user_name, change.user_name);
  say(wanted.display_name, before.display_name, change.display_name);
  say(wanted.email, before.email, change.email);
  say(wanted.external_id, before.external_id, change.external_id);
  if (wanted.manager != before.manager) change.manager = wanted.manager;

  const bool active = wanted.active.value_or(before.active);
  AccountChanged activity;
  activity.account = change.account;
  activity.change = active ? AccountChange::kReactivated : AccountChange::kDeactivated;
  if (current == nullptr) {
    change.change = AccountChange::kAdded;
    if (active) return {change};
    return {change, activity};
  }
  if (active != current->active) {
    change.change = activity.change;
    return {change};
  }
  change.change = AccountChange::kChanged;
  const bool says_nothing = change.user_name.empty() && change.display_name.empty() &&
                            change.email.empty() && change.external_id.empty() && !change.manager;
  if (says_nothing) return {};
  return {change};
}

std::optional<Fault> RefuseRemoval(const Account& current, const UserFields& wanted) {
  std::string_view gone;
  if (!current.display_name.empty() && wanted.display_name.empty()) gone = "displayName";
  if (!current.email.empty() && wanted.email.empty()) gone = "emails";
  if (!current.external_id.empty() && wanted.external_id.empty()) gone = "externalId";
  if (current.manager && !wanted.manager) gone = "manager";
  if (gone.empty()) return std::nullopt;
  return Fault{.status = 400,
               .title = "mutability",
               .detail = std::string(gone) + " can be replaced but not removed"};
}

}  // namespace conntrail::api::scim
