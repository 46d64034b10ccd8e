#include "tools/conntrail/evidence/store_source.h"

#include <fmt/format.h>

#include "events/event_json.h"
#include "projections/evidence/org_tree.h"
#include "projections/evidence/trail_leaf.h"
#include "projections/views/trail_walk.h"
#include "services/api/audit/audit_event.h"
#include "services/api/audit/audit_export.h"
#include "services/api/audit/ocsf_event.h"

namespace conntrail::evidence {
namespace {

// The event in these bytes, or for bytes that are no event the bytes.
std::string MembersOf(const api::AuditEvent& event, std::string_view bytes) {
  if (event.event() != nullptr) return ",\"event\":" + EventToJson(*event.event());
  return fmt::format(",\"hex\":\"{}\"", ToHex(AsBytes(bytes)));
}

class StoreReader final : public ExportReader {
 public:
  explicit StoreReader(const OrgView& org) : org_(org), tree_(org), events_(org) {}

  Status ForEachLeaf(uint64_t begin, uint64_t end, const EachLeaf& each) override {
    return tree_.ForEachLeaf(
        begin, end, [&each](const OrgTree::Leaf& leaf) { return each(leaf.index, leaf.bytes); });
  }

  Status ForEachRecord(uint64_t begin, uint64_t end, const EachRecord& each) override {
    if (begin >= end) return Status::Ok();
    TrailWalk walk;
    walk.newest_first = false;
    walk.scan_rows_max = end - begin;
    if (begin > 0) {
      CONNTRAIL_ASSIGN_OR_RETURN(walk.after, org_.PlaceOf(OrgIndex(begin - 1)));
    }
    uint64_t next = begin;
    const auto take = [&](const WalkedRecord& walked) -> Result<bool> {
      if (walked.line.place.index.value != next) return Missing(next);
      CONNTRAIL_RETURN_IF_ERROR(Take(walked, each));
      return ++next < end;
    };
    CONNTRAIL_RETURN_IF_ERROR(WalkTrail(org_, walk, take).status());
    return next == end ? Status::Ok() : Missing(next);
  }

 private:
  Status Missing(uint64_t index) const {
    return Status::Corruption(
        fmt::format("record {} of \"{}\" is missing in the store; rebuild the projection", index,
                    org_.state().name));
  }

  Status Take(const WalkedRecord& walked, const EachRecord& each) {
    TrailRow row;
    CONNTRAIL_RETURN_IF_ERROR(
        ReadTrailRow(keys::Trail(org_.address(), walked.line.place), walked.trail_value, row));
    leaf_.clear();
    AppendLeafOf(leaf_, row);

    CONNTRAIL_ASSIGN_OR_RETURN(api::AuditEvent event, events_.Read(walked));
    events_.Describe(event);
    CONNTRAIL_RETURN_IF_ERROR(events_.Add(event, api::audit_part::kNames));
    DecodedRecord record;
    record.type = EventTypeName(row.line.type);
    record.members = MembersOf(event, row.event);
    record.csv = api::CsvLineOf(event.document);
    JsonWriter ocsf;
    for (const api::Tree& tree : api::OcsfEventsOf(event, org_.state())) {
      tree.Write(ocsf);
      ocsf.EndLine();
      ++record.ocsf_rows;
    }
    record.ocsf = ocsf.Take();
    return each(walked.line.place.index.value, leaf_, record);
  }

  const OrgView& org_;
  OrgTree tree_;
  api::AuditEventReader events_;
  std::string leaf_;
};

}  // namespace

Result<std::unique_ptr<ExportReader>> StoreSource::NewReader() {
  return std::unique_ptr<ExportReader>(std::make_unique<StoreReader>(org_));
}

std::string StoreSource::CsvHead() const { return api::CsvHead(); }

Result<uint64_t> FirstRecordFrom(const OrgView& org, uint64_t size, UnixMs time_ms) {
  uint64_t low = 0, high = size;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    CONNTRAIL_ASSIGN_OR_RETURN(const Place place, org.PlaceOf(OrgIndex(middle)));
    if (place.time_ms < time_ms) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace conntrail::evidence
