#pragma once

#include "projections/views/org_view.h"
#include "tools/evidence/export_source.h"

namespace conntrail::evidence {

// The trail of an org as the store has it. Decoded records carry the event in its canonical JSON,
// and are described in CSV and OCSF as the API's exports do, with the names of their moment.
class StoreSource final : public ExportSource {
 public:
  // `org` must outlive it.
  explicit StoreSource(const OrgView& org) : org_(org) {}

  Result<std::unique_ptr<ExportReader>> NewReader() override;
  std::string CsvHead() const override;

 private:
  const OrgView& org_;
};

// The first record whose effective time is at least `time_ms`, of the first `size`; `size` if there
// is none.
Result<uint64_t> FirstRecordFrom(const OrgView& org, uint64_t size, UnixMs time_ms);

}  // namespace conntrail::evidence
