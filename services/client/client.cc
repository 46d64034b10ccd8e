#include "services/client/client.h"

#include <algorithm>
#include <charconv>
#include <thread>

#include <fmt/format.h>

namespace conntrail::client {
namespace {

using std::chrono::milliseconds;

bool MayBeRepeated(const ClientRequest& request) {
  return request.method == http::Method::kGet || !request.idempotency_key.empty();
}

bool IsPassing(const Result<Answer>& answer) {
  if (!answer.ok()) return answer.status().code() == StatusCode::kUnavailable;
  const int status = answer->status;
  return status == 429 || status == 502 || status == 503 || status == 504;
}

// In seconds; a date is not understood, and counts as absent.
std::optional<milliseconds> RetryAfter(const Result<Answer>& answer) {
  if (!answer.ok()) return std::nullopt;
  const std::string_view text = answer->Find("retry-after");
  uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return milliseconds(uint64_t{seconds} * 1000);
}

std::string HeadOf(const ClientOptions& options, const ClientRequest& request) {
  std::string head =
      fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\n", http::MethodName(request.method),
                  options.url.base, request.target, options.url.Authority());
  for (const http::Header& header : options.headers) {
    head += fmt::format("{}: {}\r\n", header.name, header.value);
  }
  for (const http::Header& header : request.headers) {
    head += fmt::format("{}: {}\r\n", header.name, header.value);
  }
  if (!request.idempotency_key.empty()) {
    head += fmt::format("Idempotency-Key: {}\r\n", request.idempotency_key);
  }
  if (request.method != http::Method::kGet) {
    if (!request.body.empty()) head += fmt::format("Content-Type: {}\r\n", request.content_type);
    head += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  return head + "\r\n";
}

Status At(const ServerUrl& url, const Status& status) {
  const std::string message = fmt::format("{}: {}", url.ToString(), status.message());
  if (status.code() == StatusCode::kFailedPrecondition) return Status::FailedPrecondition(message);
  if (status.code() == StatusCode::kInvalidArgument) return Status::InvalidArgument(message);
  if (status.code() == StatusCode::kCorruption) {
    return Status::Corruption(message + "; is this the URL of a conntrail server?");
  }
  return Status::Unavailable(message + "; is the server running, and the URL right?");
}

}  // namespace

Result<Answer> Client::Exchange(const std::string& head, std::string_view body, bool& has_begun) {
  const auto now = [] { return std::chrono::steady_clock::now(); };
  if (wire_ == nullptr) {
    CONNTRAIL_ASSIGN_OR_RETURN(
        wire_, OpenWire({options_.url, options_.ca_file}, now() + options_.connect_wait_max));
  }
  const Status written = wire_->Write(head + std::string(body), now() + options_.answer_wait_max);
  Result<AnswerRead> read =
      ReadAnswer(*wire_, {options_.body_bytes_max, options_.answer_wait_max}, &has_begun);
  // Who refuses by the head alone may have answered without taking the body.
  if (!read.ok()) return written.ok() ? read.status() : written;
  if (!written.ok() || !read->keeps_open) wire_.reset();
  return std::move(read->answer);
}

Result<Answer> Client::SendOnce(const ClientRequest& request) {
  const std::string head = HeadOf(options_, request);
  const bool was_open = wire_ != nullptr;
  bool has_begun = false;
  Result<Answer> answer = Exchange(head, request.body, has_begun);
  if (answer.ok()) return answer;
  wire_.reset();
  // A connection left open may have been closed meanwhile; that is nobody's fault.
  if (was_open && !has_begun && MayBeRepeated(request) &&
      answer.status().code() == StatusCode::kUnavailable) {
    answer = Exchange(head, request.body, has_begun);
    if (!answer.ok()) wire_.reset();
  }
  return answer;
}

bool Client::Pause(int tries, const Result<Answer>& last) {
  const milliseconds own = options_.first_pause * (1 << std::min(tries - 1, 10));
  const milliseconds pause = std::max(RetryAfter(last).value_or(own), milliseconds(1));
  if (pause > options_.pause_max) return false;
  if (options_.note) {
    options_.note(
        fmt::format("{}: {}; trying again in {:.1f} s", options_.url.ToString(),
                    last.ok() ? fmt::format("status {}", last->status) : last.status().message(),
                    std::chrono::duration<double>(pause).count()));
  }
  if (options_.sleep) return options_.sleep(pause);
  std::this_thread::sleep_for(pause);
  return true;
}

Result<Answer> Client::Send(const ClientRequest& request) {
  for (int tries = 1;; ++tries) {
    Result<Answer> answer = SendOnce(request);
    const bool again = IsPassing(answer) && MayBeRepeated(request) && tries < options_.tries_max;
    if (!again || !Pause(tries, answer)) {
      if (answer.ok()) return answer;
      return At(options_.url, answer.status());
    }
  }
}

}  // namespace conntrail::client
