#include "services/auth/bootstrap.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "events/base/json_reader.h"
#include "events/base/json_writer.h"
#include "events/log/file.h"
#include "services/auth/key_material.h"

namespace conntrail {
namespace {

constexpr char kFileName[] = "admin.json";
// Names of events and of the administrator: RFC 9562 version 5 under this name space.
constexpr Uuid kNameSpace{0x8a1f0c5e3b6d4f92u, 0xa7d24c90e61b583fu};

std::string KeysFolder(const DataDirectory& directory) {
  return (std::filesystem::path(directory.path()) / "keys").string();
}

Principal AdministratorOf(const OrgId& org) {
  return Principal::User(Uuid::FromName(kNameSpace, "administrator " + org.ToString()));
}

Result<OrgView> ViewOf(DataDirectory& directory, const OrgId& org) {
  return directory.View(org.ToString());
}

Result<bool> HasApplicationKey(DataDirectory& directory, const OrgId& org) {
  CONNTRAIL_ASSIGN_OR_RETURN(const OrgView view, ViewOf(directory, org));
  bool has_one = false;
  CONNTRAIL_RETURN_IF_ERROR(
      view.ForEachEntity(EntityKind::kKey, keys::kPlaceMax, [&](const Entity& entity) {
        const AccessKey* key = std::get_if<AccessKey>(&entity);
        has_one = has_one || (key != nullptr && key->kind == KeyKind::kApplication);
        return !has_one;
      }));
  return has_one;
}

Result<std::vector<OrgState>> OrgsOf(DataDirectory& directory) {
  CONNTRAIL_RETURN_IF_ERROR(directory.CatchUp());
  CONNTRAIL_ASSIGN_OR_RETURN(std::vector<DataDirectory::Org> open, directory.Orgs());
  std::vector<OrgState> orgs;
  for (DataDirectory::Org& org : open) orgs.push_back(std::move(org.state));
  return orgs;
}

// The org that is named so, or the only one there is, or a new one.
Result<OrgId> ChooseOrg(DataDirectory& directory, const std::vector<OrgState>& orgs,
                        const std::string& name) {
  const auto named =
      std::find_if(orgs.begin(), orgs.end(), [&](const OrgState& org) { return org.name == name; });
  if (named != orgs.end()) return named->id;
  if (orgs.size() == 1) return orgs.front().id;
  return directory.OpenOrg(name);
}

std::string FileText(const FirstAdministrator& first) {
  JsonWriter out;
  out.BeginObject();
  const auto write = [&](std::string_view name, std::string_view text) {
    out.Name(name);
    out.Text(text);
  };
  write("api_key", first.api_key);
  write("api_key_id", first.api_key_id.ToString());
  write("application_key", first.application_key);
  write("application_key_id", first.application_key_id.ToString());
  write("org", first.org.ToString());
  write("user", first.user.id.ToString());
  out.EndObject();
  out.EndLine();
  return out.Take();
}

KeyId ReadKeyId(JsonReader& reader, const JsonValue& root, std::string_view name) {
  const JsonValue* value = reader.Require(root, name);
  const std::optional<Uuid> id = value == nullptr ? std::nullopt : Uuid::Parse(reader.Text(*value));
  if (!id) reader.Fail(root, "has no key id");
  return {id.value_or(Uuid())};
}

std::string ReadKeyText(JsonReader& reader, const JsonValue& root, std::string_view name) {
  const JsonValue* value = reader.Require(root, name);
  if (value == nullptr) return "";
  if (reader.Text(*value).size() < 32) reader.Fail(*value, "is no key");
  return value->text;
}

// False if there is no file. Takes the keys over from it.
Result<bool> ReadFile(const std::string& path, FirstAdministrator& first) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return false;
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const Status other = Status::FailedPrecondition(
      path +
      " is not what was written there. No key of it is in use yet: remove it, and the next "
      "start makes new ones");
  const Result<JsonValue> root = ParseJson(text);
  if (!root.ok()) return other;
  JsonReader reader(*root);
  first.api_key = ReadKeyText(reader, *root, "api_key");
  first.api_key_id = ReadKeyId(reader, *root, "api_key_id");
  first.application_key = ReadKeyText(reader, *root, "application_key");
  first.application_key_id = ReadKeyId(reader, *root, "application_key_id");
  if (!reader.ok()) return other;
  return true;
}

Event SystemEvent(const OrgId& org, const std::string& name, const std::string& reason,
                  Action action) {
  Event event;
  event.id = {Uuid::FromName(kNameSpace, name)};
  event.org = org;
  event.authority = Authority::kObservation;
  event.actor.kind = ActorKind::kSystem;
  event.context.interface = Interface::kPlatform;
  event.context.reason = reason;
  event.action = std::move(action);
  return event;
}

Event KeyEvent(const FirstAdministrator& first, KeyKind kind, uint64_t rights,
               const std::string& reason) {
  const bool is_api = kind == KeyKind::kApi;
  KeyCreated created;
  created.key = is_api ? first.api_key_id : first.application_key_id;
  created.kind = kind;
  created.name = reason;
  created.owner = first.user;
  created.digest = KeyDigest(is_api ? first.api_key : first.application_key);
  // An API key alone names nobody, so it may do no more than bring events in.
  created.rights = is_api ? right::kEventIntake : rights;
  return SystemEvent(first.org, "key.created " + created.key.ToString(), reason, created);
}

Status Submit(DataDirectory& directory, const FirstAdministrator& first, const Event& event) {
  const EntityKey subject = SubjectOf(event);
  CONNTRAIL_ASSIGN_OR_RETURN(const OrgView view, ViewOf(directory, first.org));
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Entity> known,
                             view.EntityAt(subject.kind, subject.id, keys::kPlaceMax));
  if (known) return Status::Ok();
  CONNTRAIL_ASSIGN_OR_RETURN(const FoldedRecord folded, directory.Submit(event));
  const Verdict verdict = folded.line.verdict;
  if (verdict == Verdict::kApplied || verdict == Verdict::kDuplicate) return Status::Ok();
  return Status::FailedPrecondition("the first administrator was not let in: " +
                                    std::string(ReasonName(folded.line.reason)));
}

}  // namespace

FirstAdministrator NewAdministrator(const OrgId& org, UnixMs now_ms) {
  FirstAdministrator first;
  first.org = org;
  first.user = AdministratorOf(org);
  first.is_first_start = true;
  first.api_key = GenerateKey(KeyKind::kApi).text;
  first.api_key_id = {Uuid::NewTimeOrdered(now_ms)};
  first.application_key = GenerateKey(KeyKind::kApplication).text;
  first.application_key_id = {Uuid::NewTimeOrdered(now_ms)};
  return first;
}

std::vector<Event> AdministratorEvents(const FirstAdministrator& first, uint64_t rights,
                                       const std::string& reason) {
  AccountChanged added;
  added.account = first.user;
  added.change = AccountChange::kAdded;
  added.user_name = "admin";
  added.display_name = "Administrator";
  // The application key is the last: it is what a later start looks for.
  return {SystemEvent(first.org, "account.added " + first.user.ToString(), reason, added),
          KeyEvent(first, KeyKind::kApi, rights, reason),
          KeyEvent(first, KeyKind::kApplication, rights, reason)};
}

std::string FirstAdministratorPath(const DataDirectory& directory) {
  return (std::filesystem::path(KeysFolder(directory)) / kFileName).string();
}

Result<FirstAdministrator> EnsureAdministrator(DataDirectory& directory,
                                               const std::string& org_name) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OrgState> orgs, OrgsOf(directory));
  FirstAdministrator first;
  for (const OrgState& org : orgs) {
    CONNTRAIL_ASSIGN_OR_RETURN(const bool has_key, HasApplicationKey(directory, org.id));
    if (!has_key) continue;
    first.org = org.id;
    first.user = AdministratorOf(org.id);
    return first;
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const OrgId chosen, ChooseOrg(directory, orgs, org_name));
  first = NewAdministrator(chosen, Clock::System().Now());
  // Those of a start that was cut off, if there was one.
  CONNTRAIL_RETURN_IF_ERROR(ReadFile(FirstAdministratorPath(directory), first).status());
  // Before any event: a key that is in the log has a text that somebody can read.
  CONNTRAIL_RETURN_IF_ERROR(
      PublishFile(KeysFolder(directory), kFileName, AsBytes(FileText(first)), nullptr).status());
  for (const Event& event : AdministratorEvents(first, right::kAll, "first start")) {
    CONNTRAIL_RETURN_IF_ERROR(Submit(directory, first, event));
  }
  return first;
}

}  // namespace conntrail
