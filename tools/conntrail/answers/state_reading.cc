#include "tools/conntrail/answers/state_reading.h"

#include <map>

#include "events/base/base64url.h"
#include "events/model/field_json.h"

namespace conntrail {
namespace {

// A member that must be there; one that stands for nothing if it is not, after the fault.
const JsonValue& Needed(JsonReader& reader, const JsonValue& in, std::string_view name) {
  static const JsonValue kNothing;
  const JsonValue* member = reader.Require(in, name);
  return member == nullptr ? kNothing : *member;
}

std::string TextOf(JsonReader& reader, const JsonValue& in, std::string_view name) {
  const JsonValue* member = reader.Find(in, name);
  return member == nullptr ? std::string() : reader.Text(*member);
}

bool FlagOf(JsonReader& reader, const JsonValue& in, std::string_view name) {
  return reader.Bool(Needed(reader, in, name));
}

uint64_t NumberOf(JsonReader& reader, const JsonValue& in, std::string_view name) {
  return reader.Uint(Needed(reader, in, name));
}

// A text that `parse` turns into an optional value.
template <typename T>
T ParsedText(JsonReader& reader, const JsonValue& in, std::optional<T> (*parse)(std::string_view)) {
  const std::optional<T> value = parse(reader.Text(in));
  if (!value && reader.ok()) reader.Fail(in, "is not known to this version of conntrail");
  return value.value_or(T{});
}

template <typename T>
std::optional<T> Optional(JsonReader& reader, const JsonValue& in, std::string_view name,
                          T (*read)(JsonReader&, const JsonValue&)) {
  const JsonValue* member = reader.Find(in, name);
  if (member == nullptr) return std::nullopt;
  return read(reader, *member);
}

std::optional<Reason> ParseReason(std::string_view name) {
  static const auto* const kReasons = [] {
    auto* reasons = new std::map<std::string_view, Reason>;
    for (uint16_t value = 0; value < 256; ++value) {
      reasons->emplace(ReasonName(static_cast<Reason>(value)), static_cast<Reason>(value));
    }
    return reasons;
  }();
  const auto found = kReasons->find(name);
  return found == kReasons->end() ? std::nullopt : std::optional(found->second);
}

// "none" is what some records are of.
std::optional<EventType> ParseAnyType(std::string_view name) {
  return name == "none" ? std::optional(EventType::kNone) : ParseEventType(name);
}
std::optional<Verdict> ParseAnyVerdict(std::string_view name) {
  return name == "none" ? std::optional(Verdict::kNone) : ParseVerdict(name);
}

std::optional<EntityKey> ParseKey(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto kind = ParseEntityKind(text.substr(0, colon));
  const auto id = Uuid::Parse(text.substr(colon + 1));
  if (!kind || !id) return std::nullopt;
  return EntityKey{*kind, *id, {}};
}

std::optional<Digest> ParseDigest(std::string_view hex) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  Digest digest{};
  if (hex.size() != digest.size() * 2) return std::nullopt;
  for (size_t i = 0; i < hex.size(); ++i) {
    const size_t digit = kDigits.find(hex[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    digest[i / 2] = static_cast<uint8_t>(digest[i / 2] << 4 | digit);
  }
  return digest;
}

// What a record is in both documents that have records.
void ReadLine(JsonReader& reader, const JsonValue& in, TrailLine& line) {
  line.place.index = OrgIndex(NumberOf(reader, in, "index"));
  line.actor = Optional(reader, in, "actor", ReadPrincipal);
  line.event.uuid = ReadUuid(reader, Needed(reader, in, "event"));
  line.marks = ReadMarks(reader, in);
  line.occurred_at_ms = Optional(reader, in, "occurred_at", ReadTime);
  line.revision = Revision(NumberOf(reader, in, "revision"));
  if (const JsonValue* reason = reader.Find(in, "reason")) {
    line.reason = ParsedText<Reason>(reader, *reason, ParseReason);
  }
}

Lifecycle ReadLife(JsonReader& reader, const JsonValue& in) {
  Lifecycle life;
  life.changed = ReadPlace(reader, Needed(reader, in, "changed"));
  life.created = ReadPlace(reader, Needed(reader, in, "created"));
  life.deleted = FlagOf(reader, in, "deleted");
  life.incomplete = FlagOf(reader, in, "incomplete");
  life.revision = Revision(NumberOf(reader, in, "revision"));
  return life;
}

Consent ReadConsent(JsonReader& reader, const JsonValue& in) {
  Consent consent;
  consent.client_id = TextOf(reader, in, "client_id");
  if (const auto given_by = Optional(reader, in, "given_by", ReadPrincipal)) {
    consent.given_by = *given_by;
  }
  consent.provider = TextOf(reader, in, "provider");
  for (const JsonValue& scope : reader.Items(Needed(reader, in, "scopes"))) {
    consent.scopes.push_back(reader.Text(scope));
  }
  return consent;
}

Credential ReadCredential(JsonReader& reader, const JsonValue& in) {
  Credential credential;
  credential.consent = Optional(reader, in, "consent", ReadConsent);
  credential.expires_at_ms = Optional(reader, in, "expires_at", ReadTime);
  for (const JsonValue& secret : reader.Members(Needed(reader, in, "fingerprints"))) {
    credential.secrets.push_back({secret.name, ParsedText<Digest>(reader, secret, ParseDigest)});
  }
  credential.issued = Optional(reader, in, "issued", ReadPlace);
  credential.present = FlagOf(reader, in, "present");
  credential.version = NumberOf(reader, in, "version");
  return credential;
}

Relation RelationOf(JsonReader& reader, const JsonValue& in) {
  return ParsedText<Relation>(reader, Needed(reader, in, "relation"), ParseRelation);
}

Place PlaceOf(JsonReader& reader, const JsonValue& in, const std::string& name) {
  return {ReadTime(reader, Needed(reader, in, name + "_at")),
          OrgIndex(NumberOf(reader, in, name + "_index"))};
}

std::vector<AccessPath> ReadPaths(JsonReader& reader, const JsonValue& in) {
  std::vector<AccessPath> paths;
  for (const JsonValue& item : reader.Items(Needed(reader, in, "paths"))) {
    AccessPath path;
    path.grant = {RelationOf(reader, item),
                  ReadPrincipal(reader, Needed(reader, item, "principal"))};
    path.granted = PlaceOf(reader, item, "granted");
    if (reader.Find(item, "joined_at") != nullptr) path.joined = PlaceOf(reader, item, "joined");
    path.group_name = TextOf(reader, item, "group_name");
    path.by_default = TextOf(reader, item, "via") == "default";
    paths.push_back(std::move(path));
  }
  return paths;
}

}  // namespace

UnixMs ReadTime(JsonReader& reader, const JsonValue& in) {
  return ParsedText<UnixMs>(reader, in, ParseTime);
}

Uuid ReadUuid(JsonReader& reader, const JsonValue& in) {
  return ParsedText<Uuid>(reader, in, Uuid::Parse);
}

uint16_t ReadMarks(JsonReader& reader, const JsonValue& in) {
  unsigned marks = 0;
  const JsonValue* list = reader.Find(in, "marks");
  if (list == nullptr) return 0;
  for (const JsonValue& item : reader.Items(*list)) {
    const std::string& name = reader.Text(item);
    if (name == "gap") marks |= mark::kGap;
    if (name == "late") marks |= mark::kLate;
    if (name == "producer_gap") marks |= mark::kProducerGap;
  }
  return static_cast<uint16_t>(marks);
}

Place ReadPlace(JsonReader& reader, const JsonValue& in) {
  return {ReadTime(reader, Needed(reader, in, "time")), OrgIndex(NumberOf(reader, in, "index"))};
}

Connection ReadConnection(JsonReader& reader, const JsonValue& in) {
  Connection connection;
  connection.id = {ReadUuid(reader, Needed(reader, in, "id"))};
  connection.slot = static_cast<uint32_t>(NumberOf(reader, in, "slot"));
  connection.life = ReadLife(reader, Needed(reader, in, "life"));
  connection.created_by = Optional(reader, in, "created_by", ReadPrincipal);
  connection.suspended = FlagOf(reader, in, "suspended");
  connection.has_policy = FlagOf(reader, in, "restricted");
  for (const JsonValue& held : reader.Items(Needed(reader, in, "grants"))) {
    connection.grants.push_back(
        {{RelationOf(reader, held), ReadPrincipal(reader, Needed(reader, held, "principal"))},
         ReadPlace(reader, Needed(reader, held, "since"))});
  }
  connection.fields = ReadFields(reader, Needed(reader, in, "fields"));
  connection.credential = ReadCredential(reader, Needed(reader, in, "credential"));
  return connection;
}

Use ReadUse(JsonReader& reader, const JsonValue& in) {
  Use use;
  use.automatic = NumberOf(reader, in, "automatic");
  use.connection = {ReadUuid(reader, Needed(reader, in, "connection"))};
  use.count = NumberOf(reader, in, "count");
  use.first_at_ms = ReadTime(reader, Needed(reader, in, "first_at"));
  use.last = ReadPlace(reader, Needed(reader, in, "last"));
  use.last_at_ms = ReadTime(reader, Needed(reader, in, "last_at"));
  use.principal = Optional(reader, in, "principal", ReadPrincipal);
  use.without_grant = NumberOf(reader, in, "without_grant");
  return use;
}

TrailItem ReadTrailItem(JsonReader& reader, const JsonValue& in) {
  TrailItem item;
  ReadLine(reader, in, item.line);
  item.line.place.time_ms = ReadTime(reader, Needed(reader, in, "time"));
  item.line.type = ParsedText<EventType>(reader, Needed(reader, in, "type"), ParseAnyType);
  item.line.verdict = ParsedText<Verdict>(reader, Needed(reader, in, "outcome"), ParseAnyVerdict);
  if (const JsonValue* subject = reader.Find(in, "subject")) {
    item.line.subject = ParsedText<EntityKey>(reader, *subject, ParseKey);
  }
  item.name = TextOf(reader, in, "name");
  if (const JsonValue* event = reader.Find(in, "event_bytes")) {
    const std::string bytes = ParsedText<std::string>(reader, *event, FromBase64Url);
    const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
    item.event.assign(begin, begin + bytes.size());
  }
  return item;
}

HistoryEntry ReadHistoryEntry(JsonReader& reader, const JsonValue& in, const Uuid& connection) {
  HistoryEntry entry;
  ReadLine(reader, in, entry.line);
  entry.line.place.time_ms = ReadTime(reader, Needed(reader, in, "timestamp"));
  entry.line.type = ParsedText<EventType>(reader, Needed(reader, in, "event_type"), ParseAnyType);
  entry.line.verdict = ParsedText<Verdict>(reader, Needed(reader, in, "verdict"), ParseAnyVerdict);
  entry.line.subject = {EntityKind::kConnection, connection, {}};
  entry.changes = ReadChanges(reader, Needed(reader, in, "changes"));
  return entry;
}

AccountAccess ReadAccountAccess(JsonReader& reader, const JsonValue& in, const JsonValue& id) {
  AccountAccess access;
  access.account = ReadPrincipal(reader, id);
  access.active = FlagOf(reader, in, "active");
  access.paths = ReadPaths(reader, in);
  access.relation = RelationOf(reader, in);
  return access;
}

ConnectionAccess ReadConnectionAccess(JsonReader& reader, const JsonValue& in,
                                      const JsonValue& id) {
  ConnectionAccess access;
  access.connection = {ReadUuid(reader, id)};
  access.name = TextOf(reader, in, "name");
  access.paths = ReadPaths(reader, in);
  access.relation = RelationOf(reader, in);
  access.suspended = FlagOf(reader, in, "suspended");
  return access;
}

OrgCounts ReadCounts(JsonReader& reader, const JsonValue& in) {
  OrgCounts counts;
  counts.records = NumberOf(reader, in, "records");
  counts.connections = NumberOf(reader, in, "connections");
  counts.connections_deleted = NumberOf(reader, in, "connections_deleted");
  counts.connections_suspended = NumberOf(reader, in, "connections_suspended");
  counts.connections_without_policy = NumberOf(reader, in, "connections_without_policy");
  counts.grants = NumberOf(reader, in, "grants");
  counts.accounts = NumberOf(reader, in, "accounts");
  counts.groups = NumberOf(reader, in, "groups");
  for (const JsonValue& item : reader.Items(Needed(reader, in, "by_type"))) {
    counts.by_type.push_back(
        {ParsedText<EventType>(reader, Needed(reader, item, "type"), ParseAnyType),
         static_cast<uint8_t>(
             ParsedText<Verdict>(reader, Needed(reader, item, "verdict"), ParseAnyVerdict)),
         NumberOf(reader, item, "count")});
  }
  return counts;
}

Producer ReadProducer(JsonReader& reader, const JsonValue& in, const JsonValue& id) {
  Producer producer;
  producer.name = reader.Text(id);
  producer.high = NumberOf(reader, in, "watermark");
  producer.last = {ReadTime(reader, Needed(reader, in, "last_event_at")),
                   OrgIndex(NumberOf(reader, in, "last_index"))};
  for (const JsonValue& gap : reader.Items(Needed(reader, in, "missing"))) {
    producer.gaps.emplace_back(NumberOf(reader, gap, "from"), NumberOf(reader, gap, "to"));
  }
  return producer;
}

}  // namespace conntrail
