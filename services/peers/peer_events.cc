#include "services/peers/peer_events.h"

#include <fmt/format.h>

#include "events/base/number.h"

namespace conntrail {
namespace {

constexpr size_t kHeadBytes = 4 + 16 + 16;

void AppendUuid(std::string& out, const Uuid& id) {
  AppendBigEndian(out, id.hi, 8);
  AppendBigEndian(out, id.lo, 8);
}

Uuid ReadUuid(std::string_view bytes) {
  return {ReadBigEndian(bytes.substr(0, 8)), ReadBigEndian(bytes.substr(8, 8))};
}

}  // namespace

std::string WritePeerEvents(const std::vector<EncodedEvent>& events) {
  std::string body;
  for (const EncodedEvent& event : events) {
    AppendBigEndian(body, event.bytes.size(), 4);
    AppendUuid(body, event.org.uuid);
    AppendUuid(body, event.id.uuid);
    body += AsText(event.bytes);
  }
  return body;
}

Result<std::vector<EncodedEvent>> ReadPeerEvents(std::string_view body) {
  std::vector<EncodedEvent> events;
  while (!body.empty()) {
    const size_t bytes =
        body.size() < kHeadBytes ? kRecordBytesMax + 1 : ReadBigEndian(body.substr(0, 4));
    if (bytes > kRecordBytesMax || body.size() - kHeadBytes < bytes) {
      return Status::InvalidArgument("a peer's events are cut off");
    }
    EncodedEvent event;
    event.org = {ReadUuid(body.substr(4))};
    event.id = {ReadUuid(body.substr(20))};
    event.bytes = ToBytes(AsBytes(body.substr(kHeadBytes, bytes)));
    events.push_back(std::move(event));
    body.remove_prefix(kHeadBytes + bytes);
  }
  return events;
}

std::string WritePeerSubmissions(const std::vector<Submission>& submissions) {
  std::string body;
  for (const Submission& submission : submissions) {
    body += fmt::format("{} {}\n", static_cast<int>(submission.fate),
                        static_cast<int>(submission.record.line.verdict));
  }
  return body;
}

Result<std::vector<Submission>> ReadPeerSubmissions(std::string_view body) {
  std::vector<Submission> submissions;
  while (!body.empty()) {
    const size_t end = std::min(body.find('\n'), body.size());
    const std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    const size_t space = std::min(line.find(' '), line.size());
    const auto fate = ParseNumber<uint8_t>(line.substr(0, space));
    const auto verdict =
        space == line.size() ? std::nullopt : ParseNumber<uint8_t>(line.substr(space + 1));
    if (!fate || *fate > static_cast<uint8_t>(Submission::Fate::kUnknown) || !verdict) {
      return Status::InvalidArgument("a peer's answer is not one");
    }
    Submission submission;
    submission.fate = static_cast<Submission::Fate>(*fate);
    submission.record.line.verdict = static_cast<Verdict>(*verdict);
    submissions.push_back(std::move(submission));
  }
  return submissions;
}

}  // namespace conntrail
