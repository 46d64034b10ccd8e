#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "services/gateway/gateway.h"

namespace conntrail {

// The gateways of the partitions that are projected here. All of it belongs to the thread of the
// io_context.
class Gateways {
 public:
  // REQUIRES: there is none of that partition.
  Gateway& Add(std::unique_ptr<Gateway> gateway);
  // Null: there is none.
  Gateway* Find(PartitionId partition) const;
  // REQUIRES: there is one.
  Gateway& Of(PartitionId partition) const;

  const std::map<PartitionId, std::unique_ptr<Gateway>>& all() const { return gateways_; }

  // Whether requests for the partition are answered here: there is a gateway, which is not retired.
  bool Serves(PartitionId partition) const;
  // No new request is answered here; those that have begun go on. REQUIRES: there is one.
  void Retire(PartitionId partition);
  // Undoes Retire.
  void Recall(PartitionId partition) { retired_.erase(partition); }
  // Takes it out. REQUIRES: there is one, and nobody uses it.
  std::unique_ptr<Gateway> Remove(PartitionId partition);

  void Start();
  void Stop();

  // Of those that have halted, why; "" if none has.
  std::string halted() const;
  // The longest.
  std::chrono::milliseconds Lag() const;
  // Of all together.
  size_t waiting() const;

 private:
  std::map<PartitionId, std::unique_ptr<Gateway>> gateways_;
  std::set<PartitionId> retired_;
};

}  // namespace conntrail
