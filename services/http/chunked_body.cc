#include "services/http/chunked_body.h"

#include <algorithm>

namespace conntrail::http {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsControl(char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; }

}  // namespace

void ChunkedBody::Begin(uint64_t bytes_max) {
  *this = {};
  bytes_max_ = bytes_max;
}

ChunkedBody::State ChunkedBody::Consume(std::string_view& bytes, std::string& body) {
  while (!bytes.empty()) {
    if (at_ == At::kBytes) {
      const size_t taken = std::min<uint64_t>(size_, bytes.size());
      body.append(bytes.substr(0, taken));
      bytes.remove_prefix(taken);
      size_ -= taken;
      if (size_ == 0) at_ = At::kBytesCr;
      continue;
    }
    const char c = bytes.front();
    bytes.remove_prefix(1);
    const State state = ConsumeOne(c);
    if (state != State::kMore) return state;
  }
  return State::kMore;
}

ChunkedBody::State ChunkedBody::ConsumeOne(char c) {
  switch (at_) {
    case At::kSize:
      if (const int digit = HexDigit(c); digit >= 0) {
        size_ = size_ * 16 + static_cast<uint64_t>(digit);
        return ++digits_ > 8 ? State::kFault : State::kMore;
      }
      if (digits_ == 0) return State::kFault;
      if (c == ';') {
        at_ = At::kExtension;
      } else if (c == '\r') {
        at_ = At::kSizeLf;
      } else {
        return State::kFault;
      }
      return State::kMore;
    case At::kExtension:
      if (c == '\r') {
        at_ = At::kSizeLf;
        return State::kMore;
      }
      return IsControl(c) || ++extra_bytes_ > kExtraBytesMax ? State::kFault : State::kMore;
    case At::kSizeLf:
      return c == '\n' ? SizeEnded() : State::kFault;
    case At::kBytesCr:
      at_ = At::kBytesLf;
      return c == '\r' ? State::kMore : State::kFault;
    case At::kBytesLf:
      at_ = At::kSize;
      size_ = 0;
      digits_ = 0;
      return c == '\n' ? State::kMore : State::kFault;
    case At::kTrailer:
      if (c == '\r') {
        at_ = At::kTrailerLf;
        return State::kMore;
      }
      trailer_empty_ = false;
      return IsControl(c) || ++extra_bytes_ > kExtraBytesMax ? State::kFault : State::kMore;
    case At::kTrailerLf:
      if (c != '\n') return State::kFault;
      if (trailer_empty_) return State::kEnd;
      trailer_empty_ = true;
      at_ = At::kTrailer;
      return State::kMore;
    case At::kBytes:
      break;  // not byte by byte
  }
  return State::kFault;
}

ChunkedBody::State ChunkedBody::SizeEnded() {
  if (size_ == 0) {
    at_ = At::kTrailer;
    return State::kMore;
  }
  if (size_ > bytes_max_) return State::kTooLarge;
  bytes_max_ -= size_;
  at_ = At::kBytes;
  return State::kMore;
}

}  // namespace conntrail::http
