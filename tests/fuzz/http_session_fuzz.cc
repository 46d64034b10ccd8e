#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "events/base/check.h"
#include "services/http/session.h"

namespace conntrail::http {
namespace {

namespace asio = boost::asio;

// A client that sends `input` in pieces of at most `step` bytes and then ends.
class FromMemory final : public Transport {
 public:
  FromMemory(std::string_view input, size_t step, std::string& output)
      : input_(input), step_(step), output_(output) {}

  asio::awaitable<bool> Open() override { co_return true; }
  asio::awaitable<size_t> Read(asio::mutable_buffer space) override {
    const size_t taken = std::min({step_, space.size(), input_.size()});
    std::copy_n(input_.begin(), taken, static_cast<char*>(space.data()));
    input_.remove_prefix(taken);
    co_return taken;
  }
  ptrdiff_t SendNow(std::string_view bytes) override {
    output_ += bytes;
    return static_cast<ptrdiff_t>(bytes.size());
  }
  asio::awaitable<bool> Write(std::string_view) override { co_return false; }
  bool has_input() override { return !input_.empty(); }
  void Cancel() override {}
  asio::awaitable<void> EndSending() override { co_return; }
  void Close(bool) override {}

 private:
  std::string_view input_;
  const size_t step_;
  std::string& output_;
};

// What a connection came to: each request as the handler saw it, each status.
struct Told {
  std::vector<std::string> requests;
  std::vector<int> statuses;
  std::string output;
};

Told Serve(std::string_view input, size_t step) {
  Told told;
  asio::io_context io{1};
  Router router;
  const auto handler = [&told](const Request& request,
                               const PathParameters& path) -> asio::awaitable<Response> {
    std::string seen(MethodName(request.method));
    seen += ' ' + request.target + ' ' + std::string(path["path"]) + '\n';
    for (const Header& header : request.headers) seen += header.name + ':' + header.value + '\n';
    for (const auto& [name, value] : request.query) seen += name + '=' + value + '&';
    seen += '\n' + request.body;
    // Nothing of what tells readers where a request ends may be told twice.
    CONNTRAIL_CHECK(
        std::count_if(request.headers.begin(), request.headers.end(), [](const Header& h) {
          return h.name == "content-length" || h.name == "transfer-encoding";
        }) <= 1);
    for (const std::string& segment : request.segments) CONNTRAIL_CHECK(segment != "..");
    told.requests.push_back(std::move(seen));
    Response response;
    response.content_type = "text/plain";
    response.body = request.body;
    co_return response;
  };
  router.Add(Method::kGet, "/{path...}", handler);
  router.Add(Method::kPost, "/{path...}", handler);
  ServerOptions options;
  options.header_bytes_max = 1024;
  options.target_bytes_max = 256;
  options.body_bytes_max = 512;
  options.observe = [&told](const Exchange& exchange) { told.statuses.push_back(exchange.status); };
  const auto serving = std::make_shared<Serving>(io, std::move(options), router);
  Session::Start(std::make_shared<Session>(
      serving, std::make_unique<FromMemory>(input, step, told.output), "memory", false));
  io.run();
  CONNTRAIL_CHECK(serving->connections == 0 && serving->exchanges == 0);
  return told;
}

}  // namespace
}  // namespace conntrail::http

// Whatever a client sends, the session ends, releases all, and reads the same requests however the
// bytes arrive.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace conntrail::http;  // NOLINT: the function cannot stand in a namespace
  if (size > 8192) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const Told whole = Serve(input, input.size() + 1);
  for (const size_t step : {size_t{1}, size_t{7}}) {
    const Told pieces = Serve(input, step);
    CONNTRAIL_CHECK(pieces.requests == whole.requests);
    CONNTRAIL_CHECK(pieces.statuses == whole.statuses);
  }
  return 0;
}
