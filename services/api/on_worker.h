#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace conntrail::api {

// Runs `work` on a thread of `workers`, and goes on where it was called. `work` holds all that it
// needs: whoever waits may be cancelled meanwhile.
// Name `work` before the co_await: g++ 12 destroys such temporaries of one twice.
template <typename Work>
boost::asio::awaitable<std::invoke_result_t<Work>> OnWorker(boost::asio::thread_pool& workers,
                                                            Work work) {
  using Answer = std::invoke_result_t<Work>;
  // Spawned coroutines return what can be made of nothing.
  auto run = [](Work held) -> boost::asio::awaitable<std::optional<Answer>> {
    co_return std::optional<Answer>(held());
  };
  auto running = run(std::move(work));
  std::optional<Answer> answer =
      co_await boost::asio::co_spawn(workers, std::move(running), boost::asio::use_awaitable);
  co_return std::move(*answer);
}

}  // namespace conntrail::api
