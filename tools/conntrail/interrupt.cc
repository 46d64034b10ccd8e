#include "tools/conntrail/interrupt.h"

#include <atomic>
#include <csignal>

namespace conntrail {
namespace {

std::atomic<int> caught{0};
static_assert(std::atomic<int>::is_always_lock_free);

void Remember(int signal) { caught = signal; }

}  // namespace

void CatchSignals() {
  struct sigaction remember = {};
  remember.sa_handler = Remember;
  remember.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  ::sigaction(SIGINT, &remember, nullptr);
  ::sigaction(SIGTERM, &remember, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int SignalCaught() { return caught; }

}  // namespace conntrail
