#include "services/api/audit/audit_event.h"

#include "events/base/base64url.h"
#include "events/event_json.h"
#include "projections/fold/fold.h"
#include "services/api/audit/asset_state.h"
#include "services/api/audit/audit_attributes.h"

namespace conntrail::api {
namespace {

//   id := base64url( u8 1 | u48 index | uuid event )
constexpr char kIdLayout = 1;
constexpr size_t kIdBytes = 1 + 6 + 16;
constexpr size_t kNamesMax = 10'000;

bool IsOfKey(EventType type) {
  return type == EventType::kKeyCreated || type == EventType::kKeyRevoked ||
         type == EventType::kKeyRightsChanged;
}

// What the event itself calls its subject.
std::string NameSaidBy(const Event& event) {
  const std::string* name = nullptr;
  if (const auto* created = std::get_if<ConnectionCreated>(&event.action)) {
    const FieldValue* field = FindField(created->fields, "name");
    name = field == nullptr ? nullptr : std::get_if<std::string>(field);
  }
  if (const auto* changed = std::get_if<GroupChanged>(&event.action)) name = &changed->name;
  if (const auto* saved = std::get_if<WorkflowSaved>(&event.action)) name = &saved->name;
  if (const auto* created = std::get_if<KeyCreated>(&event.action)) name = &created->name;
  return name == nullptr || name->empty() ? event.context.subject_name : *name;
}

Place Before(const Place& place) { return {place.time_ms, OrgIndex(place.index.value - 1)}; }

}  // namespace

Result<const AuditEventReader::Named*> AuditEventReader::NameAt(const EntityKey& subject,
                                                                const Place& place) {
  const auto known = names_.find(subject);
  if (known != names_.end() && known->second.from <= place && place <= known->second.to) {
    return &known->second;
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Entity> entity,
                             org_.EntityAt(subject.kind, subject.id, place));
  if (names_.size() >= kNamesMax) names_.clear();  // a search has no bound
  Named& named = names_[subject];
  named = {.from = place, .to = place, .name = {}, .key = KeyKind::kUnspecified};
  if (!entity) return &named;
  if (const Lifecycle* life = LifecycleOf(*entity)) named.from = life->changed;
  named.name = NameOf(*entity);
  if (const auto* key = std::get_if<AccessKey>(&*entity)) named.key = key->kind;
  return &named;
}

Result<AuditEvent> AuditEventReader::Read(const WalkedRecord& walked) {
  AuditEvent event;
  event.line = walked.line;
  if (walked.trail_value.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const TrailRecord record, org_.RecordAt(walked.line.place));
    event.rules = record.rules;
    event.first = record.first;
    event.append_time_ms = record.append_time_ms;
    event.decoded = DecodeEvent(record.event);
  } else {
    TrailRow row;
    CONNTRAIL_RETURN_IF_ERROR(
        ReadTrailRow(keys::Trail(org_.address(), walked.line.place), walked.trail_value, row));
    event.rules = row.rules;
    event.first = row.first;
    event.append_time_ms = row.append_time_ms;
    event.decoded = DecodeEvent(AsBytes(row.event));
  }
  KeyKind key = KeyKind::kUnspecified;
  if (IsOfKey(event.line.type) && event.line.subject.kind == EntityKind::kKey) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Named* named, NameAt(event.line.subject, event.line.place));
    key = named->key;
  }
  if (event.event() != nullptr && key == KeyKind::kUnspecified) {
    if (const auto* created = std::get_if<KeyCreated>(&event.event()->action)) key = created->kind;
  }
  event.words = WordsOf(event.line, event.event(), key);
  return event;
}

void AuditEventReader::Describe(AuditEvent& event) const {
  AuditDocument& document = event.document;
  document.id = AuditIdOf(event.line);
  document.timestamp_ms = event.line.place.time_ms;
  document.service = "conntrail";
  document.status = StatusOf(event.line.verdict);
  document.tags = {"source:audit", "outcome:" + std::string(VerdictName(event.line.verdict))};
  document.attributes = AttributesOf(event, org_.state());
}

Status AuditEventReader::Add(AuditEvent& event, unsigned parts) {
  const unsigned missing = parts & ~event.parts;
  if ((missing & audit_part::kNames) != 0) CONNTRAIL_RETURN_IF_ERROR(AddNames(event));
  if ((missing & audit_part::kStates) != 0) CONNTRAIL_RETURN_IF_ERROR(AddStates(event));
  if ((missing & audit_part::kAction) != 0) CONNTRAIL_RETURN_IF_ERROR(AddAction(event));
  event.parts |= missing;
  return Status::Ok();
}

Status AuditEventReader::AddNames(AuditEvent& event) {
  const EntityKey& subject = event.line.subject;
  std::string name;
  if (subject.kind == EntityKind::kOrg) {
    name = org_.state().name;
  } else if (subject.kind != EntityKind::kNone) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Named* named, NameAt(subject, event.line.place));
    name = named->name;
  }
  if (name.empty() && event.event() != nullptr) name = NameSaidBy(*event.event());
  event.document.attributes.SetText("asset.name", name);
  event.document.message = SentenceOf(event.line, event.event(), name);
  return Status::Ok();
}

Status AuditEventReader::AddStates(AuditEvent& event) {
  const TrailLine& line = event.line;
  const bool may_have_changed =
      line.verdict == Verdict::kApplied && line.reason != Reason::kNoChange &&
      line.subject.kind != EntityKind::kNone && line.subject.kind != EntityKind::kOrg;
  if (!may_have_changed) return Status::Ok();
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Entity> after,
                             org_.EntityAt(line.subject.kind, line.subject.id, line.place));
  const Lifecycle* life = after ? LifecycleOf(*after) : nullptr;
  if (life == nullptr || life->changed != line.place) return Status::Ok();
  event.document.attributes.Set("asset.new_value", StateTree(*after));
  if (line.place.index.value == 0) return Status::Ok();
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Entity> before,
                             org_.EntityAt(line.subject.kind, line.subject.id, Before(line.place)));
  if (before) event.document.attributes.Set("asset.prev_value", StateTree(*before));
  return Status::Ok();
}

Status AuditEventReader::AddAction(AuditEvent& event) {
  if (event.event() == nullptr) return Status::Ok();
  CONNTRAIL_ASSIGN_OR_RETURN(JsonValue json, ParseJson(EventToJson(*event.event())));
  for (JsonValue& member : json.items) {
    if (member.name != "action") continue;
    // The hash of a key finds the key in a list of guesses; nobody who reads needs it.
    const bool is_key = event.line.type == EventType::kKeyCreated;
    std::erase_if(member.items, [&](const auto& m) { return is_key && m.name == "digest"; });
    event.document.attributes.Set("conntrail.details", TreeOf(member));
  }
  return Status::Ok();
}

std::string AuditIdOf(const TrailLine& line) {
  std::string bytes(1, kIdLayout);
  AppendBigEndian(bytes, line.place.index.value, 6);
  AppendBigEndian(bytes, line.event.uuid.hi, 8);
  AppendBigEndian(bytes, line.event.uuid.lo, 8);
  return ToBase64Url(bytes);
}

Result<AuditEvent> FindAuditEvent(const OrgView& org, std::string_view id) {
  const Status not_found = Status::NotFound("there is no audit event of that id");
  const std::optional<std::string> bytes =
      id.size() > 2 * kIdBytes ? std::nullopt : FromBase64Url(id);
  if (!bytes || bytes->size() != kIdBytes || bytes->front() != kIdLayout) return not_found;
  const OrgIndex index(ReadBigEndian(std::string_view(*bytes).substr(1, 6)));
  if (index >= org.state().next_index) return not_found;
  CONNTRAIL_ASSIGN_OR_RETURN(const Place place, org.PlaceOf(index));
  CONNTRAIL_ASSIGN_OR_RETURN(const TrailRecord record, org.RecordAt(place));
  if (AuditIdOf(record.line) != id) return not_found;
  AuditEventReader reader(org);
  CONNTRAIL_ASSIGN_OR_RETURN(AuditEvent event, reader.Read({record.line, {}}));
  reader.Describe(event);
  CONNTRAIL_RETURN_IF_ERROR(reader.Add(event, audit_part::kAll));
  return event;
}

}  // namespace conntrail::api
