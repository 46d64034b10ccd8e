#include "projections/evidence/open_signer.h"

#include <filesystem>

namespace conntrail {
namespace {

namespace fs = std::filesystem;

std::string NameFor(DataDirectory& directory, const std::string& name) {
  return name.empty() ? "localhost/" + directory.log().log_id().ToString() : name;
}

// Whether another node may have a key for this log.
Result<bool> MayBeSigned(DataDirectory& directory) {
  std::error_code error;
  const auto signed_bytes =
      fs::file_size(fs::path(directory.path()) / "evidence" / "signed-heads", error);
  if (!error && signed_bytes > 0) return true;
  CONNTRAIL_ASSIGN_OR_RETURN(const LogAddress address, ParseLogAddress(directory.log_address()));
  if (!address.is_kafka()) return false;
  EventLog& log = directory.log();
  for (uint16_t p = 0; p < log.partition_count(); ++p) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log.End(PartitionId(p)));
    if (end.value > 0) return true;
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<Signer>> OpenSigner(DataDirectory& directory, const std::string& name) {
  CONNTRAIL_ASSIGN_OR_RETURN(const bool may_be_signed, MayBeSigned(directory));
  Signer::Options options;
  options.name = NameFor(directory, name);
  options.is_name_chosen = !name.empty();
  options.may_create = !may_be_signed;
  return Signer::Open(directory.path(), options);
}

Result<EvidenceKey> MakeEvidenceKey(DataDirectory& directory, const std::string& name) {
  const fs::path path = fs::path(directory.path()) / "keys" / "evidence.key";
  return EvidenceKey::Create(path.string(), NameFor(directory, name));
}

}  // namespace conntrail
