#include "tests/support/folding_executor.h"

#include "events/base/check.h"
#include "events/event_codec.h"
#include "projections/fold/access.h"
#include "tests/support/event_builder.h"
#include "tests/support/org_in_memory.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};
constexpr keys::OrgAddress kAcmeRows{kPartition, OrgSlot(1)};

std::optional<Entity> EntityAt(const Store& store, const EntityKey& key) {
  const auto row =
      store.NewSnapshot()->Get(Family::kState, keys::EntityRow(kAcmeRows, key)).value();
  if (!row) return std::nullopt;
  return DecodeEntity(*row).value();
}

}  // namespace

FoldingExecutor::FoldingExecutor() : log_(1, clock_, IdNamed("log")) {
  auto projector = Projector::Open(log_, store_, kPartition);
  CONNTRAIL_CHECK(projector.ok());
  projector_ = std::move(*projector);
  projector_->set_listener(
      [this](const std::vector<FoldedRecord>& folded) { last_ = folded.back().line; });
  CONNTRAIL_CHECK(Execute(OfTheLog(OrgOpened{"Acme"})) == "applied");
}

std::string FoldingExecutor::Execute(const Event& event) {
  Event sent = event;
  if (sent.recorded_at_ms) *sent.recorded_at_ms += clock_.Now();
  CONNTRAIL_CHECK(log_.Append(kPartition, sent.org, EncodeEvent(sent)).ok());
  CONNTRAIL_CHECK(projector_->Step().value() == 1);
  return Words(last_->verdict, last_->reason, last_->marks);
}

Relation FoldingExecutor::Holds(const ConnectionId& connection, const Principal& principal) {
  const std::optional<Entity> entity = EntityAt(store_, KeyOf(connection));
  if (!entity) return Relation::kNone;
  const Connection& found = std::get<Connection>(*entity);
  OrgState acme;
  acme.id = Acme();
  WorkingSet set;
  set.org = &acme;
  std::vector<std::unique_ptr<Entity>> groups;
  for (const HeldGrant& held : found.grants) {
    const EntityKey key = KeyOf(held.grant.principal);
    if (!held.grant.principal.is_group() || set.Has(key)) continue;
    std::optional<Entity> group = EntityAt(store_, key);
    if (!group) continue;
    groups.push_back(std::make_unique<Entity>(std::move(*group)));
    set.Add(key, groups.back().get());
  }
  return RelationOf(set, found, principal);
}

}  // namespace conntrail
