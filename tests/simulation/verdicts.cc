#include "tests/simulation/verdicts.h"

#include <fmt/format.h>

#include "events/base/check.h"
#include "events/event_codec.h"
#include "projections/projector.h"
#include "projections/store/memory_store.h"
#include "projections/store/row_codec.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};

// True if the first such record answers all retries of the same request.
bool IsRemembered(const TrailLine& line) {
  return line.verdict == Verdict::kApplied || line.verdict == Verdict::kDenied ||
         line.verdict == Verdict::kRejected || line.verdict == Verdict::kUnsupported ||
         line.reason == Reason::kRevisionDiffers;
}

}  // namespace

TrailsByOrg TrailsOf(const Store& store) {
  TrailsByOrg trails;
  const std::string prefix = keys::OrgRowsPrefix(kPartition);
  for (const auto& [key, value] : RowsOf(store, Family::kState)) {
    if (!key.starts_with(prefix) || !keys::IsOrgRow(key)) continue;
    const OrgState org = DecodeOrgState(value).value();
    trails[org.id] = TrailOf(store, org.slot.value);
  }
  return trails;
}

std::string DifferenceFromReplay(const Store& store, EventLog& log) {
  MemoryStore clean;
  auto projector = Projector::Open(log, clean, kPartition);
  CONNTRAIL_CHECK(projector.ok() && (*projector)->CatchUp().ok());
  const std::string difference = FirstDifference(store, clean);
  return difference.empty() ? "" : "the store differs from a clean replay: " + difference;
}

std::string WrongAcknowledgement(const Gateway& gateway, EventLog& log, const TrailsByOrg& trails) {
  std::map<EventId, std::pair<int, int>> rows;  // remembered, neither that nor duplicate
  for (const auto& [org, trail] : trails) {
    for (const OwnedTrailRow& row : trail) {
      auto& [remembered, others] = rows[row.row.line.event];
      if (IsRemembered(row.row.line)) {
        ++remembered;
      } else if (row.row.line.verdict != Verdict::kDuplicate) {
        ++others;
      }
    }
  }
  const uint64_t end = log.End(kPartition)->value;
  for (const Gateway::Acknowledged& sent : gateway.acknowledged()) {
    const std::string event = sent.event.ToString();
    if (sent.offset.value >= end) {
      return fmt::format("event {} was acknowledged at {}, but the log ends at {}", event,
                         sent.offset.value, end);
    }
    const Result<ReadBatch> read = log.Read(kPartition, sent.offset, 1);
    if (AsText(read->records.front().payload) != AsText(sent.payload)) {
      return fmt::format("at {} stands another record than the acknowledged {}", sent.offset.value,
                         event);
    }
    const auto [remembered, others] = rows[sent.event];
    if (remembered > 1 || remembered + others == 0) {
      return fmt::format("event {} was acknowledged and takes effect {} times", event, remembered);
    }
  }
  return "";
}

std::string WrongAnswer(const Gateway& gateway, const TrailsByOrg& trails) {
  for (const Gateway::Answer& answer : gateway.answers()) {
    const auto trail = trails.find(answer.org);
    const uint64_t index = answer.line.place.index.value;
    const bool is_there = trail != trails.end() && index < trail->second.size();
    if (!is_there || trail->second[index].row.line != answer.line ||
        trail->second[index].row.first != answer.first || answer.line.event != answer.event) {
      return fmt::format("event {} was answered with {} at index {}; the trail says otherwise",
                         answer.event.ToString(), VerdictName(answer.line.verdict), index);
    }
    if (answer.first && trail->second[answer.first->value].row.line.event != answer.event) {
      return fmt::format("event {} was called a duplicate of another one", answer.event.ToString());
    }
  }
  return "";
}

uint64_t CountOf(Verdict verdict, const TrailsByOrg& trails) {
  uint64_t count = 0;
  for (const auto& [org, trail] : trails) {
    for (const OwnedTrailRow& row : trail) count += row.row.line.verdict == verdict ? 1 : 0;
  }
  return count;
}

}  // namespace conntrail
