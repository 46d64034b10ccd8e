#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "projections/copy_manifest.h"
#include "tools/conntrail/session.h"

// What `projection save` and `projection restore` share.
namespace conntrail {

// COPY/partition-3
std::filesystem::path PlaceOfCopy(const std::string& copy, PartitionId partition);

struct CopiedPartition {
  PartitionId partition;
  CopyManifest manifest;
};

void WriteCopied(Session& session, const std::string& copy,
                 const std::vector<CopiedPartition>& copied, double seconds);

}  // namespace conntrail
