#include "tools/conntrail/verbs/arguments.h"

#include <limits>
#include <vector>

#include <fmt/format.h>

#include "projections/views/trail_view.h"

namespace conntrail {
namespace {

constexpr size_t kCandidatesMax = 8;

// The parts between commas, without empty ones.
std::vector<std::string_view> Split(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    if (comma > 0) parts.push_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

std::string AllTypes() {
  std::string all;
  for (uint8_t type = 1; type <= kEventTypeMax; ++type) {
    all += fmt::format("{}{}", all.empty() ? "" : " ", EventTypeName(static_cast<EventType>(type)));
  }
  return all;
}

bool Matches(std::string_view name, std::string_view pattern) {
  if (!pattern.ends_with('*')) return name == pattern;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

std::string Describe(const std::vector<Connection>& candidates) {
  std::string text;
  for (size_t i = 0; i < candidates.size() && i < kCandidatesMax; ++i) {
    text += (i == 0 ? "" : ", ") + candidates[i].id.ToString();
  }
  if (candidates.size() > kCandidatesMax) {
    text += fmt::format(" and {} more", candidates.size() - kCandidatesMax);
  }
  return text;
}

}  // namespace

Result<EntityKey> ParseSubject(std::string_view text) {
  if (const auto principal = Principal::Parse(text)) {
    if (KeyOf(*principal).kind != EntityKind::kNone) return KeyOf(*principal);
  }
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const auto kind = ParseEntityKind(text.substr(0, colon));
    const auto id = Uuid::Parse(text.substr(colon + 1));
    if (kind && id && *kind != EntityKind::kNone) return EntityKey{*kind, *id, {}};
  }
  return Status::InvalidArgument(fmt::format(
      "\"{}\" is no subject; write KIND:UUID, where KIND is connection, account, group, workflow, "
      "integration, key, user, service_account, team or role",
      text));
}

Result<Principal> ParsePrincipal(std::string_view text) {
  if (const auto principal = Principal::Parse(text)) return *principal;
  return Status::InvalidArgument(
      fmt::format("\"{}\" is no principal; write KIND:UUID, where KIND is user, service_account, "
                  "team, role or org",
                  text));
}

Result<uint64_t> ParseTypes(std::string_view text) {
  uint64_t types = 0;
  for (const std::string_view pattern : Split(text)) {
    uint64_t found = 0;
    for (uint8_t number = 1; number <= kEventTypeMax; ++number) {
      const auto type = static_cast<EventType>(number);
      if (Matches(EventTypeName(type), pattern)) found |= TrailFilter::Bit(type);
    }
    if (found == 0) {
      return Status::InvalidArgument(
          fmt::format("\"{}\" is no type of event; there are: {}", pattern, AllTypes()));
    }
    types |= found;
  }
  return types;
}

Result<uint16_t> ParseVerdicts(std::string_view text) {
  uint16_t verdicts = 0;
  for (const std::string_view name : Split(text)) {
    const auto verdict = ParseVerdict(name);
    if (!verdict) {
      return Status::InvalidArgument(fmt::format(
          "\"{}\" is no outcome; there are: applied duplicate denied rejected conflict invalid "
          "unsupported malformed misrouted",
          name));
    }
    verdicts = static_cast<uint16_t>(verdicts | TrailFilter::Bit(*verdict));
  }
  return verdicts;
}

Result<uint16_t> ParseMarks(std::string_view text) {
  unsigned marks = 0;
  for (const std::string_view name : Split(text)) {
    if (name == "gap") {
      marks |= mark::kGap;
    } else if (name == "late") {
      marks |= mark::kLate;
    } else if (name == "producer_gap") {
      marks |= mark::kProducerGap;
    } else {
      return Status::InvalidArgument(
          fmt::format("\"{}\" is no mark; there are: gap late producer_gap", name));
    }
  }
  return static_cast<uint16_t>(marks);
}

Result<ConnectionId> FindConnectionId(Answers& answers, const std::string& id_or_name,
                                      const Moment& at) {
  if (const auto id = Uuid::Parse(id_or_name)) return ConnectionId{*id};
  ConnectionQuery query;
  query.filter.name_contains = id_or_name;
  query.filter.with_deleted = true;
  query.order = ConnectionOrder::kId;
  query.at = at;
  query.limit = std::numeric_limits<size_t>::max();
  CONNTRAIL_ASSIGN_OR_RETURN(const ConnectionPage page, answers.Connections(query));
  std::vector<Connection> live;
  std::vector<Connection> deleted;
  for (const Connection& connection : page.connections) {
    if (connection.name() != id_or_name) continue;
    (connection.life.deleted ? deleted : live).push_back(connection);
  }
  const std::vector<Connection>& found = live.empty() ? deleted : live;
  if (found.size() == 1) return found[0].id;
  if (found.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const OrgSummary org, answers.Org());
    return Status::NotFound(
        fmt::format("no connection in {} is named \"{}\"; conntrail connections list --name finds "
                    "parts of names",
                    org.name, id_or_name));
  }
  return Status::InvalidArgument(fmt::format("{} connections are named \"{}\"; take the id: {}",
                                             found.size(), id_or_name, Describe(found)));
}

}  // namespace conntrail
