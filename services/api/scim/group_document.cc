#include "services/api/scim/group_document.h"

#include <algorithm>
#include <utility>

#include "services/api/scim/resource.h"

namespace conntrail::api::scim {
namespace {

// Between accounts only the id counts (SamePrincipal).
bool LessById(const Principal& a, const Principal& b) { return a.id < b.id; }

std::vector<Principal> ReadMembers(Reader& reader, const JsonValue& members,
                                   const AccountLookup& find) {
  std::vector<Principal> accounts;
  if (members.kind == JsonKind::kNull) return accounts;
  if (members.kind != JsonKind::kArray) reader.Fail("members", "must be an array");
  for (const JsonValue& member : members.items) {
    const std::string text = reader.Text(member, "value");
    const std::optional<Uuid> id = Uuid::Parse(text);
    const std::optional<Principal> account = id ? find(*id) : std::nullopt;
    if (!account) {
      reader.Fail("members", "must be ids of users; number " + std::to_string(accounts.size() + 1) +
                                 " is none");
      return {};
    }
    accounts.push_back(*account);
  }
  std::sort(accounts.begin(), accounts.end(), LessById);
  const auto same = [](const Principal& a, const Principal& b) { return a.id == b.id; };
  accounts.erase(std::unique(accounts.begin(), accounts.end(), same), accounts.end());
  return accounts;
}

std::vector<Principal> MembersOf(const Group* group) {
  std::vector<Principal> members;
  if (group != nullptr) {
    for (const Member& member : group->members) members.push_back(member.principal);
  }
  std::sort(members.begin(), members.end(), LessById);
  return members;
}

// Those of `from` that are not in `other`; both sorted by id.
std::vector<Principal> Without(const std::vector<Principal>& from,
                               const std::vector<Principal>& other) {
  std::vector<Principal> rest;
  std::set_difference(from.begin(), from.end(), other.begin(), other.end(),
                      std::back_inserter(rest), LessById);
  return rest;
}

// Moves up to kMembersPerEventMax from the end of `from` into `to`.
void TakeSome(std::vector<Principal>& from, std::vector<Principal>& to) {
  const size_t count = std::min(from.size(), kMembersPerEventMax);
  to.assign(from.end() - static_cast<ptrdiff_t>(count), from.end());
  from.resize(from.size() - count);
}

}  // namespace

JsonValue GroupDocument(const Group& group, std::string_view base_url) {
  const std::string id = group.id.id.ToString();
  JsonValue document = ObjectValue();
  Add(document, "schemas", ArrayValue()).items.push_back(TextValue(kGroupSchema));
  AddText(document, "id", id);
  AddText(document, "externalId", group.external_id);
  AddText(document, "displayName", group.name.empty() ? id : group.name);
  JsonValue& members = Add(document, "members", ArrayValue());
  for (const Member& held : group.members) {
    const std::string member_id = held.principal.id.ToString();
    JsonValue member = ObjectValue();
    AddText(member, "value", member_id);
    AddText(member, "$ref", std::string(base_url) + "/Users/" + member_id);
    AddText(member, "type", "User");
    members.items.push_back(std::move(member));
  }
  Add(document, "meta", Meta("Group", group.life, std::string(base_url) + "/Groups/" + id));
  return document;
}

Parsed<GroupFields> ReadGroup(const JsonValue& document, const AccountLookup& find) {
  if (document.kind != JsonKind::kObject) {
    return Fault{.status = 400, .title = "invalidSyntax", .detail = "a Group is an object"};
  }
  Reader reader;
  GroupFields group;
  group.display_name = reader.Text(document, "displayName");
  if (group.display_name.empty()) reader.Fail("displayName", "is missing");
  group.external_id = reader.Text(document, "externalId");
  if (const JsonValue* members = FindMember(document, "members")) {
    group.members = ReadMembers(reader, *members, find);
  }
  if (reader.fault()) return *reader.fault();
  return group;
}

std::vector<GroupChanged> GroupChanges(const Group* current, const Principal& id,
                                       const GroupFields& wanted) {
  const std::vector<Principal> before = MembersOf(current);
  const std::vector<Principal> after = wanted.members.value_or(before);
  std::vector<Principal> added = Without(after, before);
  std::vector<Principal> removed = Without(before, after);

  GroupChanged change;
  change.group = current == nullptr ? id : current->id;
  change.change = current == nullptr ? GroupChange::kCreated : GroupChange::kChanged;
  const Group nobody;
  const Group& was = current == nullptr ? nobody : *current;
  // The id stands in for a name that there is not (GroupDocument).
  const bool is_stand_in = was.name.empty() && wanted.display_name == change.group.id.ToString();
  if (!is_stand_in && wanted.display_name != was.name) change.name = wanted.display_name;
  if (wanted.external_id != was.external_id) change.external_id = wanted.external_id;

  std::vector<GroupChanged> changes;
  const bool says_something =
      current == nullptr || !change.name.empty() || !change.external_id.empty();
  while (!added.empty() || !removed.empty() || (changes.empty() && says_something)) {
    TakeSome(added, change.members_added);
    TakeSome(removed, change.members_removed);
    changes.push_back(change);
    change.change = GroupChange::kChanged;
    change.name.clear();
    change.external_id.clear();
  }
  return changes;
}

}  // namespace conntrail::api::scim
