#include "projections/replay/state_diff.h"

#include <algorithm>

#include "projections/replay/access_diff.h"
#include "projections/views/connection_view.h"

namespace conntrail {
namespace {

constexpr EntityKind kKinds[] = {EntityKind::kConnection,  EntityKind::kAccount,
                                 EntityKind::kGroup,       EntityKind::kWorkflow,
                                 EntityKind::kIntegration, EntityKind::kKey};
constexpr EntityKind kCounters[] = {EntityKind::kProducer, EntityKind::kUse};

std::string NameOf(const Entity& entity) {
  if (const auto* connection = std::get_if<Connection>(&entity)) {
    return std::string(connection->name());
  }
  if (const auto* account = std::get_if<Account>(&entity)) {
    return account->display_name.empty() ? account->user_name : account->display_name;
  }
  if (const auto* integration = std::get_if<Integration>(&entity)) return integration->type;
  return std::visit(
      [](const auto& e) -> std::string {
        if constexpr (requires { e.name.size(); }) {
          return e.name;
        } else {
          return "";
        }
      },
      entity);
}

bool IsLive(const Entity* entity) {
  const Lifecycle* life = entity == nullptr ? nullptr : LifecycleOf(*entity);
  return entity != nullptr && (life == nullptr || !life->deleted);
}

Fate FateOf(const EntityPair& pair) {
  const bool was = IsLive(pair.before);
  const bool is = IsLive(pair.after);
  if (was && is) return Fate::kChanged;
  if (was) return Fate::kDeleted;
  if (is) return Fate::kCreated;
  return pair.before == nullptr ? Fate::kCameAndWent : Fate::kChanged;
}

// For each field that has none yet: the last record of the span that gave it its value.
Status FindDeeds(const DiffQuestion& question, size_t span, const EntityKey& key,
                 std::vector<EntityDifference::Field>& fields) {
  std::optional<Fields> newer;
  std::optional<TrailLine> newer_line;
  std::vector<bool> is_settled(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) is_settled[i] = fields[i].by.has_value();
  return ForEachVersion(
      question.spans[span], key.kind, key.id,
      [&](const TrailLine* line, std::optional<Entity> entity) {
        Fields older = entity ? FlattenEntity(*entity) : Fields();
        for (size_t i = 0; newer_line && i < fields.size(); ++i) {
          if (is_settled[i]) continue;
          const FieldValue* then = FindField(older, fields[i].change.path);
          const FieldValue* now = FindField(*newer, fields[i].change.path);
          const bool is_same = then == nullptr || now == nullptr ? then == now : *then == *now;
          if (is_same) continue;
          is_settled[i] = true;
          fields[i].by = Deed::Of(*newer_line, span);
        }
        if (line != nullptr) newer_line = *line;
        newer = std::move(older);
        return std::find(is_settled.begin(), is_settled.end(), false) != is_settled.end();
      });
}

Result<std::optional<EntityDifference>> Differ(const DiffQuestion& question,
                                               const EntityPair& pair) {
  EntityDifference difference;
  difference.key = pair.key;
  difference.name = NameOf(pair.after != nullptr ? *pair.after : *pair.before);
  difference.fate = FateOf(pair);
  if (!IsVersioned(pair.key.kind)) {
    const bool is_same =
        pair.before != nullptr && pair.after != nullptr && *pair.before == *pair.after;
    return is_same ? std::nullopt : std::optional(std::move(difference));
  }
  for (FieldChange& change :
       DiffFields(pair.before == nullptr ? Fields() : FlattenEntity(*pair.before),
                  pair.after == nullptr ? Fields() : FlattenEntity(*pair.after))) {
    difference.fields.push_back({std::move(change), std::nullopt});
  }
  if (difference.fields.empty()) return std::optional<EntityDifference>();
  for (size_t span = 0; span < question.spans.size(); ++span) {
    CONNTRAIL_RETURN_IF_ERROR(FindDeeds(question, span, pair.key, difference.fields));
  }
  return std::optional(std::move(difference));
}

// What differs in one entity goes to the sink; false if it has enough.
Result<bool> Tell(const DiffQuestion& question, const EntityPair& pair, AccessDiff& access,
                  const DiffSink& sink) {
  if (pair.before != pair.after) {
    CONNTRAIL_ASSIGN_OR_RETURN(const auto difference, Differ(question, pair));
    if (difference && !sink.entity(*difference)) return false;
  }
  if (pair.key.kind != EntityKind::kConnection) return true;
  const auto* before = pair.before == nullptr ? nullptr : std::get_if<Connection>(pair.before);
  const auto* after = pair.after == nullptr ? nullptr : std::get_if<Connection>(pair.after);
  if (before == after && !access.MayDiffer(*after)) return true;
  CONNTRAIL_ASSIGN_OR_RETURN(const auto differences, access.Compare(before, after));
  for (const AccessDifference& difference : differences) {
    if (!sink.access(difference)) return false;
  }
  return true;
}

}  // namespace

std::string_view FateName(Fate fate) {
  switch (fate) {
    case Fate::kChanged:
      return "changed";
    case Fate::kCreated:
      return "created";
    case Fate::kDeleted:
      return "deleted";
    case Fate::kCameAndWent:
      return "came and went";
  }
  return "";
}

std::string_view ChangeName(const AccessDifference& difference) {
  if (difference.before == Relation::kNone) return "gained";
  if (difference.after == Relation::kNone) return "lost";
  return difference.before < difference.after ? "raised" : "lowered";
}

DiffQuestion BetweenMoments(const OrgView& org, const Place& from, const Place& to) {
  return {{&org, from}, {&org, to}, {{&org, from, to}}};
}

Status DiffStates(const DiffQuestion& question, const DiffSink& sink) {
  AccessDiff access(question);
  CONNTRAIL_RETURN_IF_ERROR(access.Load());
  bool more = true;
  const auto tell = [&](const EntityPair& pair) -> Result<bool> {
    CONNTRAIL_ASSIGN_OR_RETURN(more, Tell(question, pair, access, sink));
    return more;
  };
  for (const EntityKind kind : kKinds) {
    const Pairs which = kind == EntityKind::kConnection ? Pairs::kAll : Pairs::kDifferent;
    CONNTRAIL_RETURN_IF_ERROR(ForEachPair(question, kind, which, tell));
    if (!more) return Status::Ok();
  }
  for (const EntityKind kind : kCounters) {
    if (!question.with_counters || !more) break;
    CONNTRAIL_RETURN_IF_ERROR(ForEachPair(question, kind, Pairs::kDifferent, tell));
  }
  return Status::Ok();
}

}  // namespace conntrail
