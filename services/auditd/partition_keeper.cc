#include "services/auditd/partition_keeper.h"

#include <future>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

namespace conntrail {
namespace {

constexpr std::chrono::milliseconds kLookEvery{100};
constexpr std::chrono::seconds kFlushEvery{30};

}  // namespace

PartitionKeeper::PartitionKeeper(Parts parts) : parts_(std::move(parts)) {
  for (const auto& [partition, gateway] : parts_.gateways->all()) served_.insert(partition);
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

PartitionKeeper::~PartitionKeeper() {
  thread_ = std::jthread();  // stops and joins
}

void PartitionKeeper::Want(const std::vector<PartitionId>& partitions) {
  {
    const std::lock_guard lock(mutex_);
    wanted_.emplace(partitions.begin(), partitions.end());
    is_new_ = true;
  }
  changed_.notify_all();
}

std::string PartitionKeeper::missing() const {
  const std::lock_guard lock(mutex_);
  if (!wanted_) return "no partitions have been assigned yet";
  std::string missing;
  for (const PartitionId partition : *wanted_) {
    if (!served_.contains(partition)) missing += fmt::format(" {}", partition.value);
  }
  return missing.empty() ? "" : "catching up with partitions" + missing;
}

void PartitionKeeper::Run(const std::stop_token& stop) {
  auto flush_at = std::chrono::steady_clock::now() + kFlushEvery;
  while (!stop.stop_requested()) {
    std::set<PartitionId> wanted, held;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kLookEvery, [&] { return is_new_; });
      is_new_ = false;
      held = served_;
      wanted = wanted_.value_or(served_);
    }
    for (const PartitionId partition : wanted) {
      if (stop.stop_requested()) return;
      if (!held.contains(partition)) Take(stop, partition);
      if (retired_.erase(partition) == 0) continue;
      OnIo(stop, [&] { parts_.gateways->Recall(partition); });
    }
    for (const PartitionId partition : held) {
      if (!wanted.contains(partition)) Leave(stop, partition);
    }
    if (std::chrono::steady_clock::now() < flush_at) continue;
    Flush();
    flush_at = std::chrono::steady_clock::now() + kFlushEvery;
  }
}

void PartitionKeeper::TellOnce(PartitionId partition, const std::string& text) {
  std::string& told = told_[partition];
  if (told != text) parts_.diagnostics(fmt::format("partition {}: {}", partition.value, text));
  told = text;
}

// What fails is tried again in the next round.
void PartitionKeeper::Take(const std::stop_token& stop, PartitionId partition) {
  Result<std::shared_ptr<Projection>> projection = parts_.directory->Hold(partition);
  if (!projection.ok()) return TellOnce(partition, projection.status().ToString());
  Status status = CatchUp(stop, **projection);
  if (status.ok()) status = parts_.ring->Add((*projection)->store(), partition);
  if (!status.ok()) {
    parts_.directory->Release(partition);
    if (!stop.stop_requested()) TellOnce(partition, status.ToString());
    return;
  }
  const bool served = OnIo(
      stop, [&] { parts_.gateways->Add(parts_.make_gateway(partition, *projection)).Start(); });
  if (!served) return;
  TellOnce(partition, "answered for by this node");
  const std::lock_guard lock(mutex_);
  served_.insert(partition);
}

Status PartitionKeeper::CatchUp(const std::stop_token& stop, Projection& projection) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, parts_.directory->log().End(projection.partition()));
  while (projection.projector().next() < end) {
    if (stop.stop_requested()) return Status::Unavailable("stopped");
    CONNTRAIL_RETURN_IF_ERROR(projection.projector().Step().status());
  }
  return Status::Ok();
}

// First nobody new is answered here, once a peer can; then it is let go when nobody is any more.
void PartitionKeeper::Leave(const std::stop_token& stop, PartitionId partition) {
  if (retired_.contains(partition)) return LetGo(stop, partition);
  bool retired = false;
  OnIo(stop, [&] {
    if (parts_.peers == nullptr || !parts_.peers->AnotherServes(partition)) return;
    parts_.peers->RaiseFloor(partition, parts_.gateways->Of(partition).applied());
    parts_.gateways->Retire(partition);
    retired = true;
  });
  if (retired) retired_.insert(partition);
}

void PartitionKeeper::LetGo(const std::stop_token& stop, PartitionId partition) {
  std::unique_ptr<Gateway> gateway;
  OnIo(stop, [&] {
    if (parts_.in_use(partition) > 0) return;
    parts_.peers->RaiseFloor(partition, parts_.gateways->Of(partition).applied());
    gateway = parts_.gateways->Remove(partition);
    parts_.let_go(partition);
  });
  if (gateway == nullptr) return;
  gateway->Stop();
  gateway.reset();
  parts_.ring->Remove(partition);
  parts_.directory->Release(partition);
  retired_.erase(partition);
  TellOnce(partition, "handed over to another node");
  const std::lock_guard lock(mutex_);
  served_.erase(partition);
}

void PartitionKeeper::Flush() {
  for (const PartitionId partition : parts_.directory->partitions()) {
    const Status status = parts_.directory->projection(partition).store().Flush();
    if (!status.ok()) TellOnce(partition, status.ToString());
  }
}

bool PartitionKeeper::OnIo(const std::stop_token& stop, const std::function<void()>& work) {
  const auto done = std::make_shared<std::promise<void>>();
  std::future<void> end = done->get_future();
  boost::asio::post(*parts_.io, [&work, done] {
    work();
    done->set_value();
  });
  // Once it is time to stop nobody runs what was posted: what it refers to may go.
  while (end.wait_for(kLookEvery) != std::future_status::ready) {
    if (stop.stop_requested()) return false;
  }
  return true;
}

}  // namespace conntrail
