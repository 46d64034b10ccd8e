#include "services/http/session.h"

#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace conntrail::http {
namespace {

namespace asio = boost::asio;

constexpr size_t kAheadBytes = 4096;
// A connection that was accepted while the server stops may still send its request.
constexpr std::chrono::milliseconds kFreshWaitMax{500};

}  // namespace

Session::Session(std::shared_ptr<Serving> serving, std::unique_ptr<Transport> transport,
                 std::string peer, bool refused)
    : serving_(std::move(serving)),
      transport_(std::move(transport)),
      refused_(refused),
      buffer_(serving_->options.header_bytes_max + size_t{32} * 1024),
      watch_ended_(serving_->io, Clock::time_point::max()) {
  request_.peer = std::move(peer);
  serving_->Add(*this);
}

Session::~Session() {
  unlink();
  serving_->Remove();
}

void Session::Start(const std::shared_ptr<Session>& session) {
  // The session holds the signal, so it must outlive the coroutine: the last to go is `ended`.
  const auto ended = [session](const std::exception_ptr& /*none*/) {};
  asio::co_spawn(session->serving_->io, Run(session),
                 asio::bind_cancellation_slot(session->vanishing_.slot(), ended));
}

asio::awaitable<void> Session::Run(std::shared_ptr<Session> self) {
  bool failed = false;
  try {
    co_await self->Serve();
  } catch (const std::exception& e) {  // a body source threw, or is cancelled; or no memory is left
    self->error_ = e.what();
    failed = true;
  }
  if (self->exchange_open_) self->Finish(false);
  self->transport_->Close(failed);
}

asio::awaitable<void> Session::Serve() {
  Enter(Phase::kOpening, serving_->options.header_wait_max);
  const bool opened = co_await transport_->Open();
  if (!opened) co_return;
  Step step = Step::kGo;
  if (refused_) {
    serving_->MakeRequestId(request_.id);
    refusal_ = {503, "There are too many connections"};
    step = Step::kRefuse;
  }
  while (step == Step::kGo) {
    step = co_await ReadHead();
    if (step == Step::kGo && (framing_.chunked || framing_.content_bytes > 0)) {
      step = co_await ReadBody();
    }
    if (step == Step::kGo) step = co_await Answer();
  }
  if (step == Step::kRefuse) co_await Refuse();
}

Session::Clock::time_point Session::Enter(Phase phase, std::chrono::milliseconds wait_max) {
  const Clock::time_point now = Clock::now();
  phase_ = phase;
  deadline_ = now + wait_max;
  return now;
}

std::string_view Session::input() const {
  const auto data = buffer_.cdata();
  return {static_cast<const char*>(data.data()), data.size()};
}

void Session::Tick(Clock::time_point now) {
  if (phase_ == Phase::kApplication) {
    if (input_ended_) return Vanished();
    if (watching_ || ahead_end_ == kAheadBytes) return;  // a client that sends that much is there
    watching_ = true;
    asio::co_spawn(serving_->io, Watch(shared_from_this()), asio::detached);
    return;
  }
  if (now < deadline_) return;
  const bool reading = phase_ == Phase::kIdle || phase_ == Phase::kHead || phase_ == Phase::kBody;
  timed_out_ = true;
  if (reading) return transport_->Cancel();
  transport_->Close(phase_ == Phase::kWriting);
}

asio::awaitable<void> Session::Watch(std::shared_ptr<Session> self) {
  self->ahead_.resize(kAheadBytes);
  while (self->ahead_end_ < kAheadBytes) {
    const asio::mutable_buffer space(self->ahead_.data() + self->ahead_end_,
                                     kAheadBytes - self->ahead_end_);
    const size_t read = co_await self->transport_->Read(space);
    self->ahead_end_ += read;
    if (read == 0 && !self->timed_out_ && !self->ending_) self->input_ended_ = true;
    if (read == 0 || self->phase_ != Phase::kApplication) break;
  }
  self->watching_ = false;
  self->watch_ended_.cancel();
  if (self->input_ended_ && self->phase_ == Phase::kApplication) self->Vanished();
}

void Session::Vanished() {
  const auto alive = shared_from_this();  // what is cancelled may end the session at once
  if (std::exchange(vanished_, true)) return;
  vanishing_.emit(asio::cancellation_type::terminal);
}

void Session::Drain(Clock::time_point now) {
  if (phase_ != Phase::kIdle || transport_->has_input()) return;
  if (requests_ == 0) {
    deadline_ = std::min(deadline_, now + kFreshWaitMax);
    return;
  }
  ending_ = true;
  transport_->Cancel();
}

void Session::Abort() {
  const auto alive = shared_from_this();
  if (phase_ == Phase::kApplication) Vanished();
  vanished_ = true;
  transport_->Close(true);
}

}  // namespace conntrail::http
