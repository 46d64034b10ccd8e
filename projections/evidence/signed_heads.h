#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "events/base/result.h"
#include "events/log/file.h"
#include "projections/evidence/evidence_rows.h"
#include "projections/store/keys.h"

namespace conntrail {

// What this machine has signed last for each org, on its disk. It is no projection: it outlives the
// store, and a log that has lost its end.
//
//   file := line*
//   line := "p" partition " o" slot " " size " " base64(root) "\n"     the last one of an org
//   counts
//
// A line that a crash has cut off belongs to nothing that was given away, and is cut off.
// Thread-safe.
class SignedHeads {
 public:
  // Makes the file if there is none. kCorruption names the line that is none.
  static Result<std::unique_ptr<SignedHeads>> Open(const std::string& path);

  std::optional<TreeHead> Last(const keys::OrgAddress& org) const;

  // After this returns ok, it is known for good that `head` was signed.
  Status Remember(const keys::OrgAddress& org, const TreeHead& head);

 private:
  explicit SignedHeads(std::string path) : path_(std::move(path)) {}
  Status Load();
  Status RewriteIfLong();

  const std::string path_;
  mutable std::mutex mutex_;
  File file_;
  uint64_t bytes_ = 0;
  std::map<keys::OrgAddress, TreeHead> last_;
};

}  // namespace conntrail
