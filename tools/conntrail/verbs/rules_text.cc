#include "tools/conntrail/verbs/rules_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/event_codec.h"
#include "projections/views/trail_walk.h"

namespace conntrail {
namespace {

// The newest record of the system org that has activated rules.
Result<std::optional<UnixMs>> LastActivation(DataDirectory& directory, PartitionId partition) {
  std::optional<UnixMs> since_ms;
  const std::shared_ptr<const StoreSnapshot> snapshot =
      directory.projection(partition).store().NewSnapshot();
  Result<OrgView> system = OrgView::OpenAt(snapshot, {partition, OrgSlot(0)});
  if (!system.ok() && system.status().code() == StatusCode::kNotFound) return since_ms;
  if (!system.ok()) return system.status();
  TrailWalk walk;
  walk.filter.types = TrailFilter::Bit(EventType::kRulesActivated);
  walk.filter.verdicts = TrailFilter::Bit(Verdict::kApplied);
  walk.scan_rows_max = SIZE_MAX;
  CONNTRAIL_RETURN_IF_ERROR(
      WalkTrail(*system, walk, [&](const WalkedRecord& record) -> Result<bool> {
        since_ms = record.line.place.time_ms;
        return false;
      }).status());
  return since_ms;
}

}  // namespace

Result<std::vector<RulesInForce>> RulesOf(DataDirectory& directory) {
  std::vector<RulesInForce> all;
  for (const PartitionId partition : directory.partitions()) {
    const RulesVersion version = directory.projection(partition).projector().partition().rules;
    RulesInForce one{partition, version, std::nullopt};
    CONNTRAIL_ASSIGN_OR_RETURN(one.since_ms, LastActivation(directory, partition));
    all.push_back(one);
  }
  return all;
}

std::string WhereInForce(const std::vector<RulesInForce>& all, RulesVersion version) {
  std::string numbers;
  size_t count = 0;
  for (const RulesInForce& one : all) {
    if (one.version != version) continue;
    ++count;
    numbers += fmt::format("{}{}", numbers.empty() ? "" : ", ", one.partition.value);
  }
  if (count == 0) return "";
  return count == all.size() ? "everywhere" : "in partition " + numbers;
}

std::string SinceWhen(const std::vector<RulesInForce>& all, RulesVersion version) {
  for (const RulesInForce& one : all) {
    if (one.version == version && one.since_ms) return FormatTime(*one.since_ms);
  }
  return "";
}

std::string_view DescribeRules(RulesVersion version) {
  switch (version.value) {
    case 1:
      return "the first rules";
    case 2:
      return "an API key that is revoked or has expired denies, as an application key does";
    default:
      return "";
  }
}

}  // namespace conntrail
