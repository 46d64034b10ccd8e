#include "services/client/answer_reading.h"

#include <algorithm>
#include <array>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/format.h>

#include "services/http/chunked_body.h"

namespace conntrail::client {
namespace {

namespace beast_http = boost::beast::http;
using Head = beast_http::response_parser<beast_http::empty_body>;

constexpr size_t kHeadBytesMax = size_t{64} << 10;
constexpr size_t kPieceBytes = size_t{64} << 10;

// Reads pieces from the wire behind what was read too far.
class Input {
 public:
  Input(Wire& wire, std::chrono::milliseconds wait_max) : wire_(wire), wait_max_(wait_max) {}

  // False: the other end has ended.
  Result<bool> More() {
    std::array<char, kPieceBytes> piece;
    CONNTRAIL_ASSIGN_OR_RETURN(const size_t count,
                               wire_.Read(piece, std::chrono::steady_clock::now() + wait_max_));
    held_.append(piece.data(), count);
    return count > 0;
  }
  std::string_view held() const { return held_; }
  void Drop(size_t count) { held_.erase(0, count); }

 private:
  Wire& wire_;
  const std::chrono::milliseconds wait_max_;
  std::string held_;
};

Status Cut() { return Status::Unavailable("the connection ended in the middle of the answer"); }

Status TooLarge(size_t bytes_max) {
  return Status::Corruption(fmt::format("the answer has more than {} bytes", bytes_max));
}

Status ReadHead(Input& input, Head& head, bool* has_begun) {
  while (!head.is_header_done()) {
    if (input.held().empty() || *has_begun) {
      CONNTRAIL_ASSIGN_OR_RETURN(const bool more, input.More());
      if (!more && !*has_begun) return Status::Unavailable("it closed the connection unanswered");
      if (!more) return Cut();
    }
    *has_begun = true;
    boost::system::error_code error;
    const size_t taken =
        head.put(boost::asio::buffer(input.held().data(), input.held().size()), error);
    input.Drop(taken);
    if (error && error != beast_http::error::need_more) {
      return Status::Corruption("what answers there is no HTTP/1.1 server: " + error.message());
    }
  }
  return Status::Ok();
}

Status ReadChunked(Input& input, size_t bytes_max, std::string& body) {
  using State = http::ChunkedBody::State;
  http::ChunkedBody chunked;
  chunked.Begin(bytes_max);
  while (true) {
    std::string_view bytes = input.held();
    const State state = bytes.empty() ? State::kMore : chunked.Consume(bytes, body);
    input.Drop(input.held().size() - bytes.size());
    if (state == State::kEnd) return Status::Ok();
    if (state == State::kTooLarge) return TooLarge(bytes_max);
    if (state == State::kFault) return Status::Corruption("the answer's chunks cannot be read");
    CONNTRAIL_ASSIGN_OR_RETURN(const bool more, input.More());
    if (!more) return Cut();
  }
}

// nullopt: up to the end of the connection.
Status ReadPlain(Input& input, std::optional<uint64_t> length, size_t bytes_max,
                 std::string& body) {
  if (length.value_or(0) > bytes_max) return TooLarge(bytes_max);
  while (!length || input.held().size() < *length) {
    if (input.held().size() > bytes_max) return TooLarge(bytes_max);
    CONNTRAIL_ASSIGN_OR_RETURN(const bool more, input.More());
    if (!more && length) return Cut();
    if (!more) break;
  }
  body = input.held().substr(0, length.value_or(input.held().size()));
  input.Drop(body.size());
  return Status::Ok();
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

}  // namespace

std::string_view Answer::Find(std::string_view name) const {
  for (const http::Header& header : headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

Result<AnswerRead> ReadAnswer(Wire& wire, const AnswerLimits& limits, bool* has_begun) {
  Input input(wire, limits.wait_max);
  AnswerRead read;
  while (true) {
    Head head;
    head.header_limit(kHeadBytesMax);
    head.body_limit(boost::none);
    CONNTRAIL_RETURN_IF_ERROR(ReadHead(input, head, has_begun));
    if (head.get().result_int() / 100 == 1) {  // 100 Continue and the like come before the answer
      *has_begun = !input.held().empty();
      continue;
    }
    read.answer.status = static_cast<int>(head.get().result_int());
    for (const auto& field : head.get()) {
      read.answer.headers.push_back(
          {Lower({field.name_string().data(), field.name_string().size()}),
           std::string(field.value().data(), field.value().size())});
    }
    read.keeps_open = head.keep_alive();
    const bool has_body = read.answer.status != 204 && read.answer.status != 304;
    if (has_body && head.chunked()) {
      CONNTRAIL_RETURN_IF_ERROR(ReadChunked(input, limits.body_bytes_max, read.answer.body));
    } else if (has_body) {
      std::optional<uint64_t> length;
      if (head.content_length()) length = *head.content_length();
      CONNTRAIL_RETURN_IF_ERROR(ReadPlain(input, length, limits.body_bytes_max, read.answer.body));
      read.keeps_open = read.keeps_open && length.has_value();
    }
    read.keeps_open = read.keeps_open && input.held().empty();
    return read;
  }
}

}  // namespace conntrail::client
