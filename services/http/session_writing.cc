#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include "services/http/session.h"

namespace conntrail::http {
namespace {

namespace asio = boost::asio;

constexpr int kClientGone = 499;                         // nobody reads it; for metrics
constexpr size_t kTogetherBytesMax = size_t{16} * 1024;  // a body up to this is sent with its head
constexpr size_t kPieceBytes = size_t{64} * 1024;        // has one deadline
constexpr size_t kLingerBytesMax = size_t{1024} * 1024;  // read and dropped after the last answer
constexpr std::chrono::milliseconds kLingerWaitMax{1000};

// "1f4\r\n"
void AppendChunkSize(size_t bytes, std::string& out) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes, 16).ptr;
  out.append(digits.data(), end);
  out += "\r\n";
}

}  // namespace

asio::awaitable<Session::Step> Session::Answer() {
  phase_ = Phase::kApplication;
  Response response = co_await Ask();
  if (vanished_) {
    Finish(false);
    co_return Step::kEnd;
  }
  const size_t requests_max = serving_->options.connection_requests_max;
  keep_alive_ = framing_.keep_alive && (requests_max == 0 || requests_ < requests_max) &&
                (!serving_->draining || buffer_.size() > 0 || ahead_begin_ < ahead_end_);
  const bool whole = co_await WriteAnswer(std::move(response));
  Finish(whole);
  if (whole && keep_alive_) co_return Step::kGo;
  if (whole) {
    co_await Linger();
  } else {
    transport_->Close(true);
  }
  co_return Step::kEnd;
}

asio::awaitable<Response> Session::Ask() {
  if (match_.handler == nullptr) co_return serving_->router.Refuse(request_, match_);
  try {
    co_return co_await (*match_.handler)(request_, match_.parameters);
  } catch (const std::exception& e) {
    error_ = e.what();
  }
  co_return serving_->Fault(500, "Internal error", request_.target);
}

asio::awaitable<bool> Session::WriteAnswer(Response response) {
  phase_ = Phase::kWriting;
  status_ = response.status;
  const bool has_body = MayHaveBody(response.status);
  const bool body_wanted = has_body && request_.method != Method::kHead;
  Surroundings around{
      .version_11 = framing_.version_11, .date = serving_->date.Now(), .request_id = request_.id};
  if (response.source != nullptr) {
    around.delimiting = framing_.version_11 ? Delimiting::kChunks : Delimiting::kClose;
    if (around.delimiting == Delimiting::kClose) keep_alive_ = false;
  }
  around.keep_alive = keep_alive_;

  out_.clear();
  AppendHead(response, around, out_);
  std::string_view rest;
  if (body_wanted && response.source == nullptr) {
    rest = response.body;
    const size_t together = std::min(rest.size(), kTogetherBytesMax);
    out_ += rest.substr(0, together);
    rest.remove_prefix(together);
  }
  bool sent = co_await Send(out_);
  if (sent && !rest.empty()) sent = co_await Send(rest);
  if (!sent || !body_wanted || response.source == nullptr) co_return sent;
  co_return co_await WriteStream(*response.source, around.delimiting == Delimiting::kChunks);
}

// False also if the source failed or was cancelled: then the end must not look like one.
asio::awaitable<bool> Session::WriteStream(BodySource& source, bool chunked) {
  std::string chunk;
  for (;;) {
    phase_ = Phase::kApplication;
    if (input_ended_ || vanished_) co_return false;
    const Result<bool> next = co_await source.Next(chunk);
    phase_ = Phase::kWriting;
    if (vanished_) co_return false;
    if (!next.ok()) {
      error_ = next.status().ToString();
      co_return false;
    }
    if (!*next) break;
    if (chunk.empty()) continue;  // an empty chunk would end the body
    out_.clear();
    if (chunked) AppendChunkSize(chunk.size(), out_);
    out_ += chunk;
    if (chunked) out_ += "\r\n";
    const bool sent = co_await Send(out_);
    if (!sent) co_return false;
    Enter(Phase::kWriting, serving_->options.write_wait_max);
    co_await asio::post(serving_->io, asio::deferred);  // the others' turn
  }
  if (!chunked) co_return true;
  co_return co_await Send("0\r\n\r\n");
}

asio::awaitable<bool> Session::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPieceBytes);
    const ptrdiff_t sent = transport_->SendNow(piece);
    if (sent < 0) co_return false;
    if (static_cast<size_t>(sent) < piece.size()) {
      Enter(Phase::kWriting, serving_->options.write_wait_max);
      const bool written = co_await transport_->Write(piece.substr(static_cast<size_t>(sent)));
      if (!written) co_return false;
    }
    bytes_out_ += piece.size();
    bytes.remove_prefix(piece.size());
  }
  co_return true;
}

// Answers refusal_ and ends: what follows cannot be trusted to be a request.
asio::awaitable<void> Session::Refuse() {
  if (request_.id.empty()) serving_->MakeRequestId(request_.id);
  if (!exchange_open_) {
    exchange_open_ = true;
    ++serving_->exchanges;
    if (bytes_in_ == 0) started_ = Clock::now();
  }
  keep_alive_ = false;
  Response response = serving_->Fault(refusal_.status, refusal_.text, request_.target);
  const bool whole = co_await WriteAnswer(std::move(response));
  Finish(whole);
  if (whole) co_await Linger();
}

// Ends the sending half, and drops what still comes: closing with bytes unread would reset the
// connection, and the client might lose the answer.
asio::awaitable<void> Session::Linger() {
  Enter(Phase::kLingering, kLingerWaitMax);
  co_await transport_->EndSending();
  timed_out_ = ending_ = false;
  size_t dropped = ahead_end_ - ahead_begin_;
  while (dropped < kLingerBytesMax) {
    buffer_.clear();
    const auto space = buffer_.prepare(buffer_.max_size());
    const size_t read = co_await Read(static_cast<char*>(space.data()), space.size());
    if (read == 0) co_return;
    dropped += read;
  }
}

void Session::Finish(bool whole) {
  exchange_open_ = false;
  --serving_->exchanges;
  if (request_.body.capacity() > kPieceBytes) std::string().swap(request_.body);  // idle is cheap
  if (!serving_->options.observe) return;
  Exchange exchange;
  exchange.method = request_.method;
  exchange.route = match_.route;
  exchange.target = request_.target;
  exchange.id = request_.id;
  exchange.peer = request_.peer;
  exchange.status = status_ == 0 ? kClientGone : status_;
  exchange.whole = whole;
  exchange.duration = Clock::now() - started_;
  exchange.bytes_in = bytes_in_;
  exchange.bytes_out = bytes_out_;
  exchange.error = error_;
  serving_->options.observe(exchange);
}

}  // namespace conntrail::http
