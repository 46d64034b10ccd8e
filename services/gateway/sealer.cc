#include "services/gateway/sealer.h"

#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "projections/evidence/org_tree.h"
#include "projections/evidence/seal_event.h"

namespace conntrail {
namespace {

namespace asio = boost::asio;

}  // namespace

Sealer::Sealer(asio::io_context& io, const Gateways& gateways, Signer* signer, Submit submit,
               Options options)
    : io_(io),
      gateways_(gateways),
      signer_(signer),
      submit_(std::move(submit)),
      options_(options),
      timer_(io) {}

void Sealer::Start() {
  if (options_.interval.count() == 0) return;
  asio::co_spawn(io_, Run(), asio::detached);
}

void Sealer::Stop() {
  is_stopped_ = true;
  timer_.cancel();
  for (auto& [partition, seen] : seen_) {
    if (seen.is_sealing) seen.cancel.emit(asio::cancellation_type::terminal);
  }
}

asio::awaitable<void> Sealer::Run() {
  while (!is_stopped_) {
    for (const auto& [partition, gateway] : gateways_.all()) {
      Seen& seen = seen_[partition];
      if (seen.is_sealing || !gateways_.Serves(partition) || gateway->is_halted()) continue;
      if (!IsDue(*gateway, seen)) continue;
      seen.is_sealing = true;
      asio::co_spawn(io_, Seal(partition),
                     asio::bind_cancellation_slot(seen.cancel.slot(), asio::detached));
    }
    timer_.expires_after(options_.look);
    boost::system::error_code error;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

bool Sealer::IsDue(const Gateway& gateway, Seen& seen) {
  const uint64_t applied = gateway.applied().value;
  const Result<std::optional<NumberedSeal>> last =
      LastSeal(*gateway.Snapshot(), gateway.partition());
  if (!last.ok() || applied == 0) return false;
  const uint64_t seals = *last ? (*last)->number + 1 : 0;
  const Clock::time_point now = Clock::now();
  if (!seen.is_known || seals != seen.seals) {
    seen.is_known = true;
    seen.seals = seals;
    seen.since = now;
    const auto spread = static_cast<uint64_t>(options_.spread.count());
    seen.wait = std::chrono::milliseconds(spread == 0 ? 0 : random_() % spread);
  }
  const bool is_news = !*last || applied > (*last)->seal.records ||
                       (signer_ != nullptr && signer_->HasUnlogged(gateway.partition()));
  return now - seen.since >= (is_news ? options_.interval : options_.idle) + seen.wait;
}

asio::awaitable<void> Sealer::Seal(PartitionId partition) {
  conntrail::Seal seal;
  if (signer_ != nullptr) seal.signed_heads = signer_->TakeUnlogged(partition, kSealHeadsMax);
  const auto last = LastSeal(*gateways_.Of(partition).Snapshot(), partition);
  if (last.ok() && *last) seal.seen = {(*last)->number, (*last)->seal.heads_root};
  bool is_logged = false;
  try {
    is_logged = co_await Append(partition, seal);
  } catch (const boost::system::system_error&) {
    // Stopped. What was signed is on the disk; the log hears of it with a later head.
  }
  if (!is_logged && !seal.signed_heads.empty()) {
    signer_->GiveBack(partition, seal.signed_heads);
  }
  Seen& seen = seen_[partition];
  seen.is_sealing = false;
  seen.since = Clock::now();  // also after a failure: not at once again
}

asio::awaitable<bool> Sealer::Append(PartitionId partition, conntrail::Seal seal) {
  std::vector<EncodedEvent> events;
  events.push_back(EncodedEvent::Of(SealEvent(std::move(seal), Interface::kPlatform)));
  const std::vector<Submission> submissions = co_await submit_(partition, std::move(events));
  co_return !submissions.empty() && submissions.front().fate == Submission::Fate::kDecided;
}

}  // namespace conntrail
