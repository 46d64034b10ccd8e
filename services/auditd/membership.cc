#include "services/auditd/membership.h"

#include <condition_variable>
#include <mutex>

#include <boost/asio/post.hpp>

namespace conntrail {
namespace {

constexpr std::chrono::milliseconds kAskEvery{1'000};

}  // namespace

Membership::Membership(boost::asio::io_context& io, Peers& peers, KafkaSettings settings,
                       KafkaGroup::Options options)
    : io_(io),
      peers_(peers),
      settings_(std::move(settings)),
      options_(std::move(options)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Membership::~Membership() {
  thread_ = std::jthread();  // stops and joins
}

void Membership::Run(const std::stop_token& stop) {
  const auto group = KafkaGroup::Join(settings_, options_);
  if (!group.ok()) {
    settings_.diagnostics(group.status().ToString());
    return;
  }
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  std::vector<std::string> known;
  while (!stop.stop_requested()) {
    Result<std::vector<std::string>> members = (*group)->Members();
    if (members.ok() && *members != known) {
      known = *members;
      boost::asio::post(io_, [this, urls = known] { peers_.SetUrls(urls); });
    }
    stopped.wait_for(lock, stop, kAskEvery, [&] { return stop.stop_requested(); });
  }
}

}  // namespace conntrail
