#include "tools/conntrail/answers/directory_answers.h"

#include <algorithm>

#include "projections/entity_name.h"

namespace conntrail {
namespace {

constexpr size_t kTrailItemsMax = 10'000;  // at once: a listing has no bound
constexpr size_t kNamesMax = 10'000;

}  // namespace

Result<OrgSummary> DirectoryAnswers::Org() {
  const OrgState& org = org_.state();
  return OrgSummary{org.id, org.name, org.next_index.value, org.effective_time_ms};
}

Result<ConnectionPage> DirectoryAnswers::Connections(const ConnectionQuery& query) {
  return ListConnections(org_, query);
}

Status DirectoryAnswers::ForEachConnection(const Moment& at,
                                           const std::function<bool(const Connection&)>& each) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Place place, org_.Resolve(at));
  return org_.ForEachEntity(EntityKind::kConnection, place, [&](const Entity& entity) {
    const Connection& connection = std::get<Connection>(entity);
    return connection.life.deleted || each(connection);
  });
}

Result<ConnectionAnswer> DirectoryAnswers::ConnectionAt(const ConnectionId& id, const Moment& at) {
  ConnectionAnswer answer;
  CONNTRAIL_ASSIGN_OR_RETURN(answer.at, org_.Resolve(at));
  CONNTRAIL_ASSIGN_OR_RETURN(answer.connection, FindConnection(org_, id, at));
  CONNTRAIL_ASSIGN_OR_RETURN(answer.uses, org_.UsesOf(id));
  return answer;
}

Result<HistoryPage> DirectoryAnswers::History(const HistoryQuery& query) {
  return ReadHistory(org_, query);
}

Result<TrailAnswer> DirectoryAnswers::Trail(const TrailQuery& query, const TrailParts& parts) {
  TrailQuery asked = query;
  asked.limit = std::min(query.limit, kTrailItemsMax);
  CONNTRAIL_ASSIGN_OR_RETURN(TrailPage page, SearchTrail(org_, asked));
  TrailAnswer answer;
  for (const TrailLine& line : page.lines) {
    TrailItem item{.line = line};
    if (parts.names) {
      CONNTRAIL_ASSIGN_OR_RETURN(item.name, NameOf(line.subject));
    }
    if (parts.events) {
      CONNTRAIL_ASSIGN_OR_RETURN(TrailRecord record, org_.RecordAt(line.place));
      item.event = std::move(record.event);
    }
    answer.items.push_back(std::move(item));
  }
  const bool is_cut = asked.limit < query.limit && page.lines.size() == asked.limit;
  answer.complete = page.complete && !is_cut;
  answer.next_cursor = std::move(page.next_cursor);
  return answer;
}

Result<std::string> DirectoryAnswers::NameOf(const EntityKey& subject) {
  if (subject.kind == EntityKind::kNone || !IsVersioned(subject.kind)) return std::string();
  const auto known = names_.find(subject);
  if (known != names_.end()) return known->second;
  CONNTRAIL_ASSIGN_OR_RETURN(const Place now, org_.Resolve(Moment::Now()));
  std::string name;
  if (subject.kind != EntityKind::kOrg) {
    CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Entity> entity,
                               org_.EntityAt(subject.kind, subject.id, now));
    if (entity) name = NameOfEntity(*entity);
  }
  if (names_.size() > kNamesMax) names_.clear();
  return names_[subject] = name;
}

Result<std::vector<AccountAccess>> DirectoryAnswers::Who(const ConnectionId& id, Relation relation,
                                                         const Moment& at) {
  return WhoCan(org_, id, relation, at);
}

Result<std::vector<ConnectionAccess>> DirectoryAnswers::What(const Principal& principal,
                                                             Relation relation, const Moment& at) {
  return WhatCan(org_, principal, relation, at);
}

Result<OrgCounts> DirectoryAnswers::Counts(const Moment& at) { return CountOrg(org_, at); }

Result<std::vector<Producer>> DirectoryAnswers::Producers() { return org_.Producers(); }

}  // namespace conntrail
