#include <algorithm>
#include <cstring>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

#include "services/http/session.h"

namespace conntrail::http {
namespace {

namespace asio = boost::asio;

constexpr size_t kReadBytes = 4096;
constexpr size_t kBodyReadBytes = size_t{64} * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool IsRequestId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace

// Reads into `space`, from what Watch has read ahead first. 0: the input has ended, or time is up.
asio::awaitable<size_t> Session::Read(char* space, size_t bytes) {
  if (watching_) co_await watch_ended_.async_wait(asio::as_tuple(asio::deferred));
  if (ahead_begin_ < ahead_end_) {
    const size_t taken = std::min(bytes, ahead_end_ - ahead_begin_);
    std::memcpy(space, ahead_.data() + ahead_begin_, taken);
    ahead_begin_ += taken;
    if (ahead_begin_ == ahead_end_) ahead_begin_ = ahead_end_ = 0;
    co_return taken;
  }
  if (input_ended_ || timed_out_ || ending_) co_return 0;
  const asio::mutable_buffer buffer(space, bytes);
  const size_t read = co_await transport_->Read(buffer);
  co_return read;
}

// Adds at most `bytes` to buffer_.
asio::awaitable<bool> Session::Fill(size_t bytes) {
  const auto space = buffer_.prepare(bytes);
  const size_t read = co_await Read(static_cast<char*>(space.data()), space.size());
  buffer_.commit(read);
  co_return read > 0;
}

// Nothing more will come of what was read for.
Session::Step Session::InputEnded() {
  if (!timed_out_ || phase_ == Phase::kIdle) return Step::kEnd;
  refusal_ = {408, "The request did not come in time"};
  return Step::kRefuse;
}

asio::awaitable<Session::Step> Session::ReadHead() {
  scanner_.Reset();
  request_.target.clear();
  request_.id.clear();
  match_.route = {};
  request_.method = Method::kOther;
  framing_ = {};
  error_.clear();
  bytes_in_ = bytes_out_ = 0;
  status_ = 0;
  Enter(Phase::kIdle, serving_->options.idle_wait_max);
  if (requests_ == 0) Enter(Phase::kIdle, serving_->options.header_wait_max);
  const bool owed = requests_ == 0 || buffer_.size() > 0 || ahead_begin_ < ahead_end_;
  if (serving_->draining && !owed && !transport_->has_input()) co_return Step::kEnd;
  const size_t bytes_max = serving_->options.header_bytes_max;
  for (;;) {
    // One empty line before a request is allowed (RFC 9112 section 2.2).
    if (bytes_in_ == 0 && input().starts_with("\r\n")) {
      buffer_.consume(2);
      bytes_in_ = 2;
    }
    if (buffer_.size() > 0 && phase_ == Phase::kIdle) {
      started_ = Enter(Phase::kHead, serving_->options.header_wait_max);
    }
    const bool lone_cr = bytes_in_ == 0 && input() == "\r";  // may become an empty line
    const auto found = lone_cr ? HeadScanner::Found::kNothing : scanner_.Scan(input());
    if (found == HeadScanner::Found::kFault) {
      refusal_ = {400, "This is not a well-formed request"};
      co_return Step::kRefuse;
    }
    if (found == HeadScanner::Found::kEnd && scanner_.size() <= bytes_max) {
      co_return HeadEnded(scanner_.size());
    }
    if (buffer_.size() > bytes_max) {
      refusal_ = scanner_.first_line_ended() ? Refusal{431, "The headers are too large"}
                                             : Refusal{414, "The target is too long"};
      co_return Step::kRefuse;
    }
    const bool filled = co_await Fill(kReadBytes);
    if (!filled) co_return InputEnded();
  }
}

Session::Step Session::HeadEnded(size_t head_bytes) {
  ++requests_;
  refusal_ = http::ReadHead(input().substr(0, head_bytes), serving_->options.target_bytes_max,
                            request_, framing_);
  bytes_in_ += head_bytes;
  buffer_.consume(head_bytes);
  if (!refusal_.ok()) return Step::kRefuse;
  TakeRequestId();
  request_.body.clear();
  exchange_open_ = true;
  ++serving_->exchanges;
  serving_->router.Find(request_.method, request_.segments, match_);
  return Step::kGo;
}

void Session::TakeRequestId() {
  const std::string_view id = request_.Find("x-request-id");
  const auto& refused = serving_->options.request_id_refused;
  if (IsRequestId(id) && (!refused || !refused(id))) {
    request_.id.assign(id);
  } else {
    serving_->MakeRequestId(request_.id);
  }
}

size_t Session::BodyBytesMax() {
  const ServerOptions& options = serving_->options;
  return options.body_bytes_max_of ? options.body_bytes_max_of(request_, match_.route)
                                   : options.body_bytes_max;
}

// REQUIRES: there is a body.
asio::awaitable<Session::Step> Session::ReadBody() {
  const size_t bytes_max = BodyBytesMax();
  if (framing_.content_bytes > bytes_max) {
    refusal_ = {413, "The body is too large"};
    co_return Step::kRefuse;
  }
  Enter(Phase::kBody, serving_->options.body_wait_max);
  if (framing_.expect_continue && framing_.version_11 && buffer_.size() == 0) {
    const bool sent = co_await Send(kContinue);
    if (!sent) co_return Step::kEnd;
    Enter(Phase::kBody, serving_->options.body_wait_max);
  }
  if (framing_.chunked) co_return co_await ReadChunks(bytes_max);
  co_return co_await ReadWhole(framing_.content_bytes);
}

// Straight into the body, which grows with what has come, not with what was promised.
asio::awaitable<Session::Step> Session::ReadWhole(uint64_t bytes) {
  std::string& body = request_.body;
  body.assign(input().substr(0, std::min<uint64_t>(bytes, buffer_.size())));
  buffer_.consume(body.size());
  while (body.size() < bytes) {
    const size_t had = body.size();
    const size_t wanted = std::min<uint64_t>(bytes - had, kBodyReadBytes);
    body.resize(had + wanted);
    const size_t read = co_await Read(body.data() + had, wanted);
    body.resize(had + read);
    if (read == 0) co_return InputEnded();
  }
  bytes_in_ += bytes;
  co_return Step::kGo;
}

asio::awaitable<Session::Step> Session::ReadChunks(size_t bytes_max) {
  chunks_.Begin(bytes_max);
  for (;;) {
    std::string_view bytes = input();
    const ChunkedBody::State state = chunks_.Consume(bytes, request_.body);
    bytes_in_ += buffer_.size() - bytes.size();
    buffer_.consume(buffer_.size() - bytes.size());
    if (state == ChunkedBody::State::kEnd) co_return Step::kGo;
    if (state == ChunkedBody::State::kFault) {
      refusal_ = {400, "The chunks of the body are not well-formed"};
      co_return Step::kRefuse;
    }
    if (state == ChunkedBody::State::kTooLarge) {
      refusal_ = {413, "The body is too large"};
      co_return Step::kRefuse;
    }
    const bool filled = co_await Fill(4 * kReadBytes);
    if (!filled) co_return InputEnded();
  }
}

}  // namespace conntrail::http
