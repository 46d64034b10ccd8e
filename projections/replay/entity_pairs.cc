#include "projections/replay/entity_pairs.h"

#include <utility>

#include "events/base/bytes.h"
#include "projections/store/row_codec.h"

namespace conntrail {
namespace {

// The rows of one kind of entity of one side.
class SideRows {
 public:
  SideRows(const DiffQuestion::Side& side, EntityKind kind)
      : side_(side),
        kind_(kind),
        prefix_(keys::EntityPrefix(side.org->address(), kind)),
        rows_(side.org->snapshot().NewIterator(Family::kState)) {
    rows_->Seek(prefix_);
  }

  bool Valid() const { return rows_->Valid() && rows_->key().starts_with(prefix_); }
  Status status() const { return rows_->status(); }
  void Next() { rows_->Next(); }
  // The part of the key that both sides have in common.
  std::string_view suffix() const { return rows_->key().substr(prefix_.size()); }
  std::string_view value() const { return rows_->value(); }

  // As of the side's moment.
  Result<std::optional<Entity>> Load() const {
    CONNTRAIL_ASSIGN_OR_RETURN(Entity entity, DecodeEntity(rows_->value()));
    const Lifecycle* life = LifecycleOf(entity);
    if (life == nullptr || life->changed <= side_.at) return std::optional(std::move(entity));
    if (side_.at < life->created) return std::optional<Entity>();
    return side_.org->EntityAt(kind_, keys::EntityIdOf(rows_->key()), side_.at);
  }

 private:
  const DiffQuestion::Side side_;
  const EntityKind kind_;
  const keys::Key prefix_;
  const std::unique_ptr<StoreIterator> rows_;
};

Uuid UuidAt(std::string_view bytes) {
  return {ReadBigEndian(bytes.substr(0, 8)), ReadBigEndian(bytes.substr(8, 8))};
}

EntityKey KeyFrom(EntityKind kind, std::string_view suffix) {
  return {kind, UuidAt(suffix), suffix.size() >= 32 ? UuidAt(suffix.substr(16)) : Uuid{}};
}

// Two moments of one view. Sides in two stores are as of now: equal rows are equal entities.
bool IsOneStore(const DiffQuestion& question) { return question.before.org == question.after.org; }

// In one store the row is now's; where it has not changed since `before`, it is equal on both
// sides.
Status ForEachInOneStore(const DiffQuestion& question, EntityKind kind, Pairs which,
                         const std::function<Result<bool>(const EntityPair&)>& each) {
  SideRows before_rows(question.before, kind);
  SideRows after_rows(question.after, kind);
  for (; before_rows.Valid() && after_rows.Valid(); before_rows.Next(), after_rows.Next()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Entity> after, after_rows.Load());
    const Lifecycle* life = after ? LifecycleOf(*after) : nullptr;
    const bool is_equal = !after || life == nullptr || life->changed <= question.before.at;
    if (is_equal && which == Pairs::kDifferent) continue;
    EntityPair pair{KeyFrom(kind, after_rows.suffix()), after ? &*after : nullptr,
                    after ? &*after : nullptr};
    std::optional<Entity> before;
    if (!is_equal) {
      CONNTRAIL_ASSIGN_OR_RETURN(before, before_rows.Load());
      pair.before = before ? &*before : nullptr;
    }
    if (pair.after == nullptr) continue;  // came later than either side
    CONNTRAIL_ASSIGN_OR_RETURN(const bool more, each(pair));
    if (!more) return Status::Ok();
  }
  CONNTRAIL_RETURN_IF_ERROR(before_rows.status());
  return after_rows.status();
}

}  // namespace

Status ForEachPair(const DiffQuestion& question, EntityKind kind, Pairs which,
                   const std::function<Result<bool>(const EntityPair&)>& each) {
  if (IsOneStore(question)) return ForEachInOneStore(question, kind, which, each);
  SideRows before_rows(question.before, kind);
  SideRows after_rows(question.after, kind);
  while (before_rows.Valid() || after_rows.Valid()) {
    const bool has_before =
        before_rows.Valid() && (!after_rows.Valid() || before_rows.suffix() <= after_rows.suffix());
    const bool has_after =
        after_rows.Valid() && (!before_rows.Valid() || after_rows.suffix() <= before_rows.suffix());
    const bool is_equal = has_before && has_after && before_rows.value() == after_rows.value();
    if (!is_equal || which == Pairs::kAll) {
      std::optional<Entity> before, after;
      if (has_before && !is_equal) {
        CONNTRAIL_ASSIGN_OR_RETURN(before, before_rows.Load());
      }
      if (has_after) {
        CONNTRAIL_ASSIGN_OR_RETURN(after, after_rows.Load());
      }
      const EntityPair pair{KeyFrom(kind, has_before ? before_rows.suffix() : after_rows.suffix()),
                            before     ? &*before
                            : is_equal ? &*after
                                       : nullptr,
                            after ? &*after : nullptr};
      CONNTRAIL_ASSIGN_OR_RETURN(const bool more, each(pair));
      if (!more) return Status::Ok();
    }
    if (has_before) before_rows.Next();
    if (has_after) after_rows.Next();
  }
  CONNTRAIL_RETURN_IF_ERROR(before_rows.status());
  return after_rows.status();
}

Status ForEachVersion(
    const DiffQuestion::Span& span, EntityKind kind, const Uuid& id,
    const std::function<bool(const TrailLine* line, std::optional<Entity> entity)>& each) {
  const keys::Key prefix = keys::HistoryPrefix(span.org->address(), kind, id);
  const auto rows = span.org->snapshot().NewIterator(Family::kHistory);
  rows->Seek(keys::History(span.org->address(), kind, id, span.to));
  for (; rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    if (keys::PlaceOf(rows->key()) <= span.after) break;
    HistoryRow row;
    CONNTRAIL_RETURN_IF_ERROR(ReadHistoryRow(rows->key(), rows->value(), row));
    if (row.entity.empty()) continue;
    CONNTRAIL_ASSIGN_OR_RETURN(Entity entity, DecodeEntity(row.entity));
    if (!each(&row.line, std::move(entity))) return Status::Ok();
  }
  CONNTRAIL_RETURN_IF_ERROR(rows->status());
  CONNTRAIL_ASSIGN_OR_RETURN(std::optional<Entity> past, span.org->EntityAt(kind, id, span.after));
  each(nullptr, std::move(past));
  return Status::Ok();
}

}  // namespace conntrail
