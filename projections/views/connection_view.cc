#include "projections/views/connection_view.h"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "projections/fold/access.h"
#include "projections/store/row_codec.h"
#include "projections/views/cursor.h"

namespace conntrail {
namespace {

char ToLowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool ContainsIgnoringCase(std::string_view text, std::string_view part) {
  return part.empty() ||
         std::search(text.begin(), text.end(), part.begin(), part.end(), [](char a, char b) {
           return ToLowerAscii(a) == ToLowerAscii(b);
         }) != text.end();
}

bool HasText(const Fields& fields, std::string_view path, const std::string& text) {
  const FieldValue* value = FindField(fields, path);
  return value != nullptr && *value == FieldValue(text);
}

bool HasItem(const Fields& fields, std::string_view path, const std::string& item) {
  const FieldValue* value = FindField(fields, path);
  const TextList* list = value == nullptr ? nullptr : std::get_if<TextList>(value);
  return list != nullptr && std::find(list->begin(), list->end(), item) != list->end();
}

bool IsGranted(const Connection& connection, const Principal& principal) {
  return std::any_of(
      connection.grants.begin(), connection.grants.end(),
      [&](const HeldGrant& held) { return SamePrincipal(held.grant.principal, principal); });
}

bool Takes(const ConnectionFilter& filter, const Connection& connection) {
  if (connection.life.deleted && !filter.with_deleted) return false;
  if (!ContainsIgnoringCase(connection.name(), filter.name_contains)) return false;
  if (!filter.integration_type.empty() &&
      !HasText(connection.fields, "integration.type", filter.integration_type)) {
    return false;
  }
  if (!filter.tag.empty() && !HasItem(connection.fields, "tags", filter.tag)) return false;
  if (filter.suspended && connection.suspended != *filter.suspended) return false;
  if (filter.has_credential && connection.credential.present != *filter.has_credential)
    return false;
  return !filter.granted || IsGranted(connection, *filter.granted);
}

// What a page is sorted by; the id makes it unique.
std::string SortKey(ConnectionOrder order, const Connection& connection) {
  std::string key;
  switch (order) {
    case ConnectionOrder::kName:
      key = connection.name();
      std::transform(key.begin(), key.end(), key.begin(), ToLowerAscii);
      break;
    case ConnectionOrder::kId:
      break;
    case ConnectionOrder::kCreated:
      AppendBigEndian(key, connection.life.created.index.value, 8);
      break;
    case ConnectionOrder::kChanged:
      AppendBigEndian(key, connection.life.changed.index.value, 8);
      break;
  }
  key.push_back('\0');
  return key + connection.id.ToString();
}

// Texts stand with their lengths, so that no two queries read the same.
std::string Canonical(const OrgView& org, const ConnectionQuery& query) {
  const ConnectionFilter& f = query.filter;
  const auto flag = [](const std::optional<bool>& b) { return b ? (*b ? "1" : "0") : "-"; };
  return fmt::format("connections {} {} {} {} {}|{} {}|{} {}|{} {} {}", org.state().id.ToString(),
                     flag(f.suspended), flag(f.has_credential), f.with_deleted,
                     f.name_contains.size(), f.name_contains, f.integration_type.size(),
                     f.integration_type, f.tag.size(), f.tag,
                     f.granted ? f.granted->ToString() : "", static_cast<int>(query.order));
}

// Now, for a page that is to be gone on from: the end of the trail as it is.
Place LastPlace(const OrgView& org) {
  if (org.state().next_index.value == 0) return {};
  return {org.state().effective_time_ms, OrgIndex(org.state().next_index.value - 1)};
}

}  // namespace

Result<Connection> FindConnection(const OrgView& org, const ConnectionId& id, const Moment& at) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Place place, org.Resolve(at));
  CONNTRAIL_ASSIGN_OR_RETURN(std::optional<Entity> entity,
                             org.EntityAt(EntityKind::kConnection, id.uuid, place));
  Connection* connection = entity ? std::get_if<Connection>(&*entity) : nullptr;
  if (connection == nullptr) {
    return Status::NotFound("there was no connection " + id.ToString() + " in " + org.state().name +
                            " at that moment");
  }
  return std::move(*connection);
}

Result<ConnectionPage> ListConnections(const OrgView& org, const ConnectionQuery& query) {
  const uint32_t mark = QueryMark(Canonical(org, query));
  ConnectionPage page;
  std::string after;
  if (query.cursor.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(page.at, org.Resolve(query.at));
    page.at = std::min(page.at, LastPlace(org));
  } else {
    CONNTRAIL_ASSIGN_OR_RETURN(const Cursor cursor, DecodeCursor(query.cursor, mark));
    page.at = cursor.place;
    after = cursor.rest;
  }
  std::vector<std::pair<std::string, Connection>> found;
  Status seeing;
  CONNTRAIL_RETURN_IF_ERROR(
      org.ForEachEntity(EntityKind::kConnection, page.at, [&](const Entity& entity) {
        const Connection* connection = std::get_if<Connection>(&entity);
        if (connection == nullptr || !Takes(query.filter, *connection)) return true;
        const Result<bool> seen =
            query.filter.may_see ? query.filter.may_see(*connection) : Result<bool>(true);
        if (seen.ok() && *seen) found.emplace_back(SortKey(query.order, *connection), *connection);
        seeing = seen.status();
        return seeing.ok();
      }));
  CONNTRAIL_RETURN_IF_ERROR(seeing);
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  page.total = found.size();
  const size_t limit = std::max<size_t>(query.limit, 1);
  for (auto& [key, connection] : found) {
    if (!after.empty() && key <= after) continue;
    if (page.connections.size() == limit) {
      const std::string last = SortKey(query.order, page.connections.back());
      page.next_cursor = EncodeCursor({page.at, last}, mark);
      break;
    }
    page.connections.push_back(std::move(connection));
  }
  return page;
}

namespace {

constexpr std::string_view kHistoryCursor = "history {} {} {} {} {}";

// One page of an entity's history.
class HistoryReader {
 public:
  HistoryReader(const OrgView& org, const HistoryQuery& query)
      : org_(org),
        query_(query),
        limit_(std::max<size_t>(query.limit, 1)),
        prefix_(keys::HistoryPrefix(org.address(), query.kind, query.id)),
        rows_(org.snapshot().NewIterator(Family::kHistory)),
        mark_(QueryMark(fmt::format(kHistoryCursor, org.state().id.ToString(),
                                    static_cast<int>(query.kind), query.id.ToString(),
                                    query.newest_first, query.changes_only))) {}

  Result<HistoryPage> Run() {
    CONNTRAIL_RETURN_IF_ERROR(Start());
    while (InRange()) {
      CONNTRAIL_ASSIGN_OR_RETURN(const bool more, Take());
      if (!more) break;
      Advance();
    }
    CONNTRAIL_RETURN_IF_ERROR(rows_->status());
    CONNTRAIL_RETURN_IF_ERROR(Settle());
    return std::move(page_);
  }

 private:
  bool InRange() const { return rows_->Valid() && rows_->key().starts_with(prefix_); }

  void Advance() {
    if (query_.newest_first) {
      rows_->Next();
    } else {
      rows_->Prev();
    }
  }

  Status Start() {
    Place from = query_.newest_first ? keys::kPlaceMax : Place{};
    if (!query_.cursor.empty()) {
      CONNTRAIL_ASSIGN_OR_RETURN(const Cursor cursor, DecodeCursor(query_.cursor, mark_));
      from = cursor.place;
      if (!query_.newest_first) {
        CONNTRAIL_ASSIGN_OR_RETURN(previous_, org_.EntityAt(query_.kind, query_.id, from));
      }
    }
    const std::string key = keys::History(org_.address(), query_.kind, query_.id, from);
    if (query_.newest_first) {
      rows_->Seek(key);
    } else {
      rows_->SeekForPrev(key);
    }
    if (!query_.cursor.empty() && InRange() && rows_->key() == key) Advance();
    return Status::Ok();
  }

  // Takes the row that the iterator stands on; false: the page is full, and there is more.
  Result<bool> Take() {
    HistoryRow row;
    CONNTRAIL_RETURN_IF_ERROR(ReadHistoryRow(rows_->key(), rows_->value(), row));
    if (row.entity.empty()) {
      if (query_.changes_only) return true;
      if (page_.entries.size() == limit_) return End();
      page_.entries.push_back({row.line, {}, std::nullopt});
      return true;
    }
    if (query_.newest_first && open_ != kNoEntry) {
      CONNTRAIL_ASSIGN_OR_RETURN(const Entity before, DecodeEntity(row.entity));
      Close(&before);
    }
    if (page_.entries.size() == limit_) return End();
    CONNTRAIL_ASSIGN_OR_RETURN(Entity after, DecodeEntity(row.entity));
    page_.entries.push_back({row.line, {}, std::move(after)});
    open_ = page_.entries.size() - 1;
    if (!query_.newest_first) {
      Close(previous_ ? &*previous_ : nullptr);
      previous_ = page_.entries.back().after;
    }
    return true;
  }

  bool End() {
    page_.next_cursor = EncodeCursor({page_.entries.back().line.place, {}}, mark_);
    return false;
  }

  // The changes of the entry whose state before was still to be found.
  void Close(const Entity* before) {
    HistoryEntry& entry = page_.entries[open_];
    entry.changes = DiffFields(before == nullptr ? Fields{} : FlattenEntity(*before),
                               FlattenEntity(*entry.after));
    open_ = kNoEntry;
  }

  // Newest first, the last change on the page needs the state before it, which lies beyond the
  // page.
  Status Settle() {
    if (open_ == kNoEntry) return Status::Ok();
    const Place& place = page_.entries[open_].line.place;
    if (place.index.value == 0) {
      Close(nullptr);
      return Status::Ok();
    }
    CONNTRAIL_ASSIGN_OR_RETURN(
        const std::optional<Entity> before,
        org_.EntityAt(query_.kind, query_.id, {place.time_ms, OrgIndex(place.index.value - 1)}));
    Close(before ? &*before : nullptr);
    return Status::Ok();
  }

  static constexpr size_t kNoEntry = ~size_t{0};

  const OrgView& org_;
  const HistoryQuery& query_;
  const size_t limit_;
  const keys::Key prefix_;
  std::unique_ptr<StoreIterator> rows_;
  const uint32_t mark_;
  size_t open_ = kNoEntry;          // entry that still needs the state before it
  std::optional<Entity> previous_;  // oldest first: the state so far
  HistoryPage page_;
};

// Collects the fields of the flat form.
class Flattener {
 public:
  void Text(std::string path, std::string value) {
    if (!value.empty()) fields_.push_back({std::move(path), FieldValue(std::move(value))});
  }
  void Flag(std::string path, bool value) {
    if (value) fields_.push_back({std::move(path), FieldValue(true)});
  }
  void Number(std::string path, int64_t value) {
    fields_.push_back({std::move(path), FieldValue(value)});
  }
  void List(std::string path, TextList value) {
    if (!value.empty()) fields_.push_back({std::move(path), FieldValue(std::move(value))});
  }
  void Time(std::string path, const std::optional<UnixMs>& value) {
    if (value) Text(std::move(path), FormatTime(*value));
  }
  void Who(std::string path, const std::optional<Principal>& value) {
    if (value) Text(std::move(path), value->ToString());
  }
  void Secrets(const std::string& path, const std::vector<SecretFingerprint>& secrets) {
    for (const SecretFingerprint& secret : secrets) {
      Text(path + ".fingerprint." + secret.field, ToHex(std::as_bytes(std::span(secret.digest))));
    }
  }
  void Given(const std::string& path, const std::optional<Consent>& consent) {
    if (!consent) return;
    Text(path + ".consent.provider", consent->provider);
    Text(path + ".consent.client_id", consent->client_id);
    List(path + ".consent.scopes", consent->scopes);
    Text(path + ".consent.given_by", consent->given_by.ToString());
  }
  // A document's own fields. One that is named like a fact stands under "fields.".
  void Document(const Fields& fields) {
    for (const Field& field : fields) {
      fields_.push_back({IsFact(field.path) ? "fields." + field.path : field.path, field.value});
    }
  }

  Fields Take() {
    NormalizeFields(fields_);
    return std::move(fields_);
  }

 private:
  static bool IsFact(std::string_view path) {
    static constexpr std::string_view kFacts[] = {"credential", "deleted",    "grants",
                                                  "incomplete", "restricted", "suspended"};
    return path.starts_with("credential.") || path.starts_with("fields.") ||
           std::find(std::begin(kFacts), std::end(kFacts), path) != std::end(kFacts);
  }

  Fields fields_;
};

void Flatten(Flattener& out, const Connection& c) {
  out.Document(c.fields);
  out.Flag("deleted", c.life.deleted);
  out.Flag("incomplete", c.life.incomplete);
  out.Flag("suspended", c.suspended);
  out.Flag("restricted", c.has_policy);
  TextList grants;
  for (const HeldGrant& held : c.grants) {
    grants.push_back(std::string(RelationName(held.grant.relation)) + " " +
                     held.grant.principal.ToString());
  }
  out.List("grants", std::move(grants));
  out.Flag("credential", c.credential.present);
  if (c.credential.version > 0) {
    out.Number("credential.version", static_cast<int64_t>(c.credential.version));
  }
  out.Time("credential.expires_at", c.credential.expires_at_ms);
  out.Secrets("credential", c.credential.secrets);
  out.Given("credential", c.credential.consent);
}

void Flatten(Flattener& out, const Account& a) {
  out.Flag("deleted", a.life.deleted);
  out.Flag("active", a.active);
  out.Who("manager", a.manager);
  out.Text("user_name", a.user_name);
  out.Text("display_name", a.display_name);
  out.Text("email", a.email);
  out.Text("external_id", a.external_id);
}

void Flatten(Flattener& out, const Group& g) {
  out.Text("name", g.name);
  out.Text("external_id", g.external_id);
  out.Flag("deleted", g.life.deleted);
  TextList members;
  for (const Member& member : g.members) members.push_back(member.principal.ToString());
  out.List("members", std::move(members));
}

void Flatten(Flattener& out, const Workflow& w) {
  out.Text("name", w.name);
  out.Flag("deleted", w.life.deleted);
  out.Who("owner", w.owner);
  out.Number("run_as", static_cast<int64_t>(w.run_as));
  out.Who("run_as_account", w.run_as_account);
  TextList editors;
  for (const Principal& editor : w.editors) editors.push_back(editor.ToString());
  out.List("editors", std::move(editors));
  std::map<std::string_view, int> seen;
  for (const WorkflowStep& step : w.steps) {
    // Nothing keeps two steps from having one name.
    const int number = ++seen[step.step];
    out.Text("steps." + step.step + (number == 1 ? "" : "#" + std::to_string(number)),
             step.action + (step.connection ? " " + step.connection->ToString() : ""));
  }
}

void Flatten(Flattener& out, const Integration& i) {
  out.Text("type", i.type);
  out.Text("account", i.account);
  out.Flag("disconnected", i.life.deleted);
  out.Secrets("integration", i.secrets);
  out.Given("integration", i.consent);
}

void Flatten(Flattener& out, const AccessKey& k) {
  out.Text("name", k.name);
  out.Flag("revoked", k.life.deleted);
  out.Who("owner", k.owner);
  out.Number("rights", static_cast<int64_t>(k.rights));
  out.Time("expires_at", k.expires_at_ms);
}

void Flatten(Flattener& out, const Producer& p) {
  out.Text("name", p.name);
  out.Number("high", static_cast<int64_t>(p.high));
}

void Flatten(Flattener& out, const Use& u) { out.Number("count", static_cast<int64_t>(u.count)); }

}  // namespace

Result<HistoryPage> ReadHistory(const OrgView& org, const HistoryQuery& query) {
  return HistoryReader(org, query).Run();
}

Fields FlattenEntity(const Entity& entity) {
  Flattener out;
  std::visit([&](const auto& e) { Flatten(out, e); }, entity);
  return out.Take();
}

}  // namespace conntrail
