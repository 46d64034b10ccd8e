#include "services/gateway/gateways.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/base/check.h"

namespace conntrail {

Gateway& Gateways::Add(std::unique_ptr<Gateway> gateway) {
  const PartitionId partition = gateway->partition();
  const auto [added, is_new] = gateways_.emplace(partition, std::move(gateway));
  CONNTRAIL_CHECK(is_new);
  return *added->second;
}

Gateway* Gateways::Find(PartitionId partition) const {
  const auto found = gateways_.find(partition);
  return found == gateways_.end() ? nullptr : found->second.get();
}

Gateway& Gateways::Of(PartitionId partition) const {
  Gateway* gateway = Find(partition);
  CONNTRAIL_CHECK(gateway != nullptr);
  return *gateway;
}

bool Gateways::Serves(PartitionId partition) const {
  return gateways_.contains(partition) && !retired_.contains(partition);
}

void Gateways::Retire(PartitionId partition) {
  CONNTRAIL_CHECK(gateways_.contains(partition));
  retired_.insert(partition);
}

std::unique_ptr<Gateway> Gateways::Remove(PartitionId partition) {
  const auto found = gateways_.find(partition);
  CONNTRAIL_CHECK(found != gateways_.end());
  std::unique_ptr<Gateway> gateway = std::move(found->second);
  gateways_.erase(found);
  retired_.erase(partition);
  return gateway;
}

void Gateways::Start() {
  for (const auto& [partition, gateway] : gateways_) gateway->Start();
}

void Gateways::Stop() {
  for (const auto& [partition, gateway] : gateways_) gateway->Stop();
}

std::string Gateways::halted() const {
  std::string reasons;
  for (const auto& [partition, gateway] : gateways_) {
    if (!gateway->is_halted()) continue;
    reasons += reasons.empty() ? "" : "; ";
    if (gateways_.size() > 1) reasons += fmt::format("partition {}: ", partition.value);
    reasons += gateway->halted();
  }
  return reasons;
}

std::chrono::milliseconds Gateways::Lag() const {
  std::chrono::milliseconds lag{0};
  for (const auto& [partition, gateway] : gateways_) lag = std::max(lag, gateway->Lag());
  return lag;
}

size_t Gateways::waiting() const {
  size_t waiting = 0;
  for (const auto& [partition, gateway] : gateways_) waiting += gateway->waiting();
  return waiting;
}

}  // namespace conntrail
