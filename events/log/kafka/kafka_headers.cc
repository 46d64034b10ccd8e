#include "events/log/kafka/kafka_headers.h"

#include "events/event_codec.h"

namespace conntrail {
namespace {

constexpr std::string_view kUnreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

// As a segment of a path (RFC 3986).
void AppendSegment(std::string& out, std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

std::string SourceOf(const Event& event) {
  std::string source = "/orgs/" + event.org.ToString();
  if (event.producer.empty()) return source;
  source += "/producers/";
  AppendSegment(source, event.producer);
  return source;
}

}  // namespace

std::vector<KafkaHeader> HeadersOf(const Event& event) {
  std::vector<KafkaHeader> headers = {
      {"content-type", "application/vnd.conntrail.event"},
      {"ce_specversion", "1.0"},
      {"ce_id", event.id.ToString()},
      {"ce_source", SourceOf(event)},
      {"ce_type", "conntrail." + std::string(EventTypeName(event.type()))},
  };
  const auto time_ms = event.occurred_at_ms ? event.occurred_at_ms : event.recorded_at_ms;
  if (time_ms) headers.push_back({"ce_time", FormatTime(*time_ms)});
  return headers;
}

std::vector<KafkaHeader> HeadersOf(ByteSpan payload) {
  const DecodedEvent decoded = DecodeEvent(payload, DecodeDepth::kDecisive);
  if (decoded.fault != DecodeFault::kNone) return {};
  return HeadersOf(decoded.event);
}

}  // namespace conntrail
