#include "projections/replay/flip_tally.h"

#include <algorithm>
#include <set>

namespace conntrail {
namespace {

// Whom an event gives something, or takes it from: each once.
std::set<Principal> GranteesOf(const Event& event) {
  std::set<Principal> grantees;
  const auto take = [&](const std::vector<Grant>& grants) {
    for (const Grant& grant : grants) grantees.insert(grant.principal);
  };
  if (const auto* replaced = std::get_if<PolicyReplaced>(&event.action)) take(replaced->grants);
  if (const auto* patched = std::get_if<PolicyPatched>(&event.action)) {
    take(patched->added);
    take(patched->removed);
  }
  if (const auto* group = std::get_if<GroupChanged>(&event.action)) {
    grantees.insert(group->members_added.begin(), group->members_added.end());
    grantees.insert(group->members_removed.begin(), group->members_removed.end());
  }
  return grantees;
}

std::string NameIn(const StateInMemory::Org& org, const Event& event, const EntityKey& subject) {
  if (subject.kind != EntityKind::kConnection) return "";
  const Connection* known = StateInMemory::FindConnection(org, {subject.id});
  if (known != nullptr) return std::string(known->name());
  const auto* created = std::get_if<ConnectionCreated>(&event.action);
  const FieldValue* name = created == nullptr ? nullptr : FindField(created->fields, "name");
  const std::string* text = name == nullptr ? nullptr : std::get_if<std::string>(name);
  return text == nullptr ? "" : *text;
}

// The `max` with the most flips; those with as many in the order of `all`.
template <typename Item, typename All, typename Make>
std::vector<Item> Top(const All& all, size_t max, Make make) {
  std::vector<Item> items;
  for (const auto& [key, value] : all) items.push_back(make(key, value));
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) { return a.flips > b.flips; });
  if (items.size() > max) items.resize(max);
  return items;
}

TouchedPrincipal MakePrincipal(const Principal& principal, uint64_t flips) {
  return {principal, flips};
}

}  // namespace

std::string OutcomeName::ToString() const {
  std::string name(VerdictName(verdict));
  if (!refusal.empty()) return name + " by " + refusal;
  if (reason != Reason::kNone) name += " " + std::string(ReasonName(reason));
  return name;
}

OutcomeName FlipTally::NameOf(const Decided& decided) const {
  return {decided.outcome.verdict, decided.outcome.reason,
          decided.refusal ? question_->policy.refusals[*decided.refusal].name : ""};
}

void FlipTally::Judge(const StateInMemory::Org& org, const Place& place, Offset offset,
                      const Event& event, const Decided& before, const Decided& after) {
  ++records_;
  ++flips_;
  const OutcomeName was = NameOf(before);
  const OutcomeName would_be = NameOf(after);
  ++counts_[{event.type(), was, would_be}];
  const EntityKey subject = before.outcome.subject;
  const std::string name = NameIn(org, event, subject);
  if (subject.kind == EntityKind::kConnection) {
    Touched& touched = connections_[{org.state.id, {subject.id}}];
    touched.name = name;
    ++touched.flips;
  }
  if (event.actor.principal) ++actors_[*event.actor.principal];
  for (const Principal& grantee : GranteesOf(event)) ++grantees_[grantee];
  if (examples_.size() >= question_->examples_max) return;
  examples_.push_back({partition_, offset, org.state.id, org.state.name, place, event.id,
                       event.type(), event.actor.principal, event.approver, subject, name, was,
                       would_be});
}

void FlipTally::Add(FlipTally other) {
  records_ += other.records_;
  flips_ += other.flips_;
  for (const auto& [kind, count] : other.counts_) counts_[kind] += count;
  for (Flip& flip : other.examples_) {
    if (examples_.size() < question_->examples_max) examples_.push_back(std::move(flip));
  }
  for (auto& [connection, touched] : other.connections_) {
    connections_[connection].name = touched.name;
    connections_[connection].flips += touched.flips;
  }
  for (const auto& [principal, flips] : other.actors_) actors_[principal] += flips;
  for (const auto& [principal, flips] : other.grantees_) grantees_[principal] += flips;
}

WhatIfAnswer FlipTally::Take() {
  WhatIfAnswer answer;
  answer.records = records_;
  answer.flips = flips_;
  for (const auto& [kind, count] : counts_) {
    answer.counts.push_back({std::get<0>(kind), std::get<1>(kind), std::get<2>(kind), count});
  }
  answer.examples = std::move(examples_);
  answer.connections = connections_.size();
  answer.actors = actors_.size();
  answer.grantees = grantees_.size();
  answer.top_connections = Top<TouchedConnection>(
      connections_, question_->top_max, [](const auto& key, const Touched& touched) {
        return TouchedConnection{key.first, key.second, touched.name, touched.flips};
      });
  answer.top_actors = Top<TouchedPrincipal>(actors_, question_->top_max, MakePrincipal);
  answer.top_grantees = Top<TouchedPrincipal>(grantees_, question_->top_max, MakePrincipal);
  return answer;
}

}  // namespace conntrail
