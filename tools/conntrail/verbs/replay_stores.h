#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "projections/evidence/signed_heads.h"
#include "projections/replay/difference.h"
#include "projections/store/rocksdb_store.h"
#include "tools/conntrail/session.h"

// What the verbs share that compare, build and change whole stores.
namespace conntrail {

// The data directory with its log alone: no projection is opened, caught up or mended. If another
// process has it, the error says what to do.
Result<std::unique_ptr<DataDirectory>> OpenLogAlone(Session& session, const std::string& path,
                                                    bool create = false);

// The stores of a data directory as they are, by partition. `unreadable` gets why one is none for
// this build. kNotFound: there is no store.
struct StoresAsTheyAre {
  std::map<PartitionId, std::unique_ptr<RocksDbStore>> stores;
  std::vector<Difference> unreadable;
};
Result<StoresAsTheyAre> OpenStores(DataDirectory& directory);

// What this machine has signed; null: nothing.
Result<std::unique_ptr<SignedHeads>> OpenSignedHeads(const std::string& path);

// Tells one build of this program from all others: version and hash.
std::string BuildName();

// A directory beside the projections, removed with this.
class TemporaryPlace {
 public:
  explicit TemporaryPlace(std::filesystem::path path);
  ~TemporaryPlace();
  TemporaryPlace(const TemporaryPlace&) = delete;
  TemporaryPlace& operator=(const TemporaryPlace&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
};

void WriteDifference(JsonWriter& out, std::string_view name, const Difference& difference);

}  // namespace conntrail
