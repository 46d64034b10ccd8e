#pragma once

#include "projections/data_directory.h"
#include "tools/conntrail/import/import_target.h"

namespace conntrail {

// Into a data directory, which must outlive this. Null: nothing is there, and nothing is appended.
class DirectoryTarget final : public ImportTarget {
 public:
  // `read_only`: what a crash has left unapplied is left so.
  DirectoryTarget(DataDirectory* directory, bool read_only)
      : directory_(directory), read_only_(read_only) {}

  Result<Org> FindOrg(const std::string& name_or_id) override;
  Result<std::vector<Producer>> Producers() override;
  Result<std::optional<EventId>> EventNumbered(const std::string& producer,
                                               uint64_t sequence) override;
  Result<std::vector<ImportOutcome>> Append(std::span<const Event> events) override;

 private:
  DataDirectory* const directory_;
  const bool read_only_;
  Org org_;
  std::optional<PartitionId> partition_;  // of the org, once it is open
  std::optional<OrgView> view_;           // as of FindOrg; none if the org is not open
};

}  // namespace conntrail
