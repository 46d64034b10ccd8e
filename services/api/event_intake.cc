#include "services/api/event_intake.h"

#include <fmt/format.h>

#include "events/base/json_reader.h"
#include "events/base/json_writer.h"
#include "events/event_codec.h"
#include "events/event_json.h"
#include "events/log/event_log.h"
#include "events/reportable.h"
#include "events/secret/token_shapes.h"
#include "services/auth/rights.h"

namespace conntrail::api {
namespace {

IntakeItem FromJson(std::string_view json) {
  IntakeItem item;
  Result<Event> event = EventFromJson(json);
  if (event.ok()) {
    item.event = std::move(*event);
  } else {
    item.fault = event.status().message();
    // It names what it does not know, and that can be anything.
    const std::string_view shape = FindTokenShape(item.fault);
    if (!shape.empty()) {
      item.fault = fmt::format("is no event, and a name in it looks like {}", shape);
    }
  }
  return item;
}

IntakeItem FromBytes(ByteSpan bytes) {
  IntakeItem item;
  DecodedEvent decoded = DecodeEvent(bytes);
  if (decoded.fault == DecodeFault::kNone) {
    item.event = std::move(decoded.event);
  } else {
    item.fault = *decoded.place == '\0' ? "is no event of this schema"
                                        : fmt::format("{} is not valid", decoded.place);
  }
  return item;
}

Fault TooMany() {
  return {.status = 413,
          .title = "Payload Too Large",
          .detail = fmt::format("at most {} events at once", kIntakeItemsMax)};
}

// Where the next value of an array ends: quick, since what it cuts out is parsed strictly anyway.
size_t EndOfValue(std::string_view text, size_t at) {
  int depth = 0;
  bool in_text = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (in_text) {
      if (c == '\\') ++at;
      if (c == '"') in_text = false;
      continue;
    }
    if (c == '"') in_text = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') {
      if (depth == 0) return at;
      --depth;
    }
    if (c == ',' && depth == 0) return at;
  }
  return std::string_view::npos;
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

size_t SkipSpace(std::string_view text, size_t at) {
  while (at < text.size() && IsSpace(text[at])) ++at;
  return at;
}

Parsed<std::vector<IntakeItem>> ReadArray(std::string_view body) {
  const Fault not_array{.detail = "the body is not an array of events in JSON"};
  std::vector<IntakeItem> items;
  size_t at = SkipSpace(body, 0);
  if (at == body.size()) return not_array;
  if (body[at] == '{') {
    items.push_back(FromJson(body));
    return items;
  }
  if (body[at] != '[') return not_array;
  at = SkipSpace(body, at + 1);
  if (at < body.size() && body[at] == ']') {
    return SkipSpace(body, at + 1) == body.size() ? Parsed(items)
                                                  : Parsed<std::vector<IntakeItem>>(not_array);
  }
  while (true) {
    const size_t end = EndOfValue(body, at);
    if (end == std::string_view::npos) return not_array;
    if (items.size() == kIntakeItemsMax) return TooMany();
    items.push_back(FromJson(body.substr(at, end - at)));
    at = end + 1;
    if (body[end] == ']') break;
  }
  if (SkipSpace(body, at) != body.size()) return not_array;
  return items;
}

Parsed<std::vector<IntakeItem>> ReadLines(std::string_view body) {
  std::vector<IntakeItem> items;
  while (!body.empty()) {
    const size_t end = std::min(body.find('\n'), body.size());
    std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (SkipSpace(line, 0) == line.size()) continue;
    if (items.size() == kIntakeItemsMax) return TooMany();
    items.push_back(FromJson(line));
  }
  return items;
}

Parsed<std::vector<IntakeItem>> ReadFrames(std::string_view body) {
  std::vector<IntakeItem> items;
  while (!body.empty()) {
    uint32_t length = 0;
    for (size_t i = 0; i < 4 && i < body.size(); ++i) {
      length |= uint32_t{static_cast<uint8_t>(body[i])} << (8 * i);
    }
    if (body.size() < 4 || length > body.size() - 4) {
      return Fault{.detail = fmt::format("event {} is cut off", items.size())};
    }
    if (items.size() == kIntakeItemsMax) return TooMany();
    items.push_back(FromBytes(AsBytes(body.substr(4, length))));
    body.remove_prefix(4 + length);
  }
  return items;
}

}  // namespace

Parsed<std::vector<IntakeItem>> ReadIntake(std::string_view media_type, std::string_view body) {
  const std::string_view type = media_type.substr(0, media_type.find(';'));
  if (type == "application/json" || type.empty()) return ReadArray(body);
  if (type == "application/x-ndjson") return ReadLines(body);
  if (type == "application/vnd.conntrail.events") return ReadFrames(body);
  return Fault{.status = 415,
               .title = "Unsupported Media Type",
               .detail =
                   "use application/json, application/x-ndjson or "
                   "application/vnd.conntrail.events",
               .header = "Content-Type"};
}

namespace {

// What an observation of this type takes beyond event_intake; nullopt: no producer may report it.
std::optional<uint64_t> RightsFor(EventType type) {
  if (!IsReportable(type)) return std::nullopt;
  const bool is_of_people = type == EventType::kAccountChanged || type == EventType::kGroupChanged;
  return is_of_people ? right::kUserAccessManage : 0;
}

}  // namespace

void Admit(IntakeItem& item, const Caller& caller) {
  if (!item.fault.empty()) return;
  Event& event = item.event;
  if (event.org != caller.org) {
    item.fault = "org is not that of the key";
  } else if (event.authority != Authority::kObservation) {
    item.fault = "authority must be \"observation\": intents have endpoints of their own";
  } else if (const auto needed = RightsFor(event.type()); !needed) {
    item.fault = fmt::format("{} cannot be reported by a producer", EventTypeName(event.type()));
  } else if (!caller.Has(*needed)) {
    item.fault = fmt::format("reporting {} takes a key with {}", EventTypeName(event.type()),
                             RightNames(*needed));
  } else if (const std::string_view shape = FindTokenShape(EventToJson(event)); !shape.empty()) {
    item.fault = fmt::format("a text in it looks like {}; secrets do not belong here", shape);
  }
  if (!item.fault.empty()) return;
  event.rights = caller.rights & right::kBackfill;
  event.log_tag = 0;
  if (event.producer.empty() && caller.api_key) {
    event.producer = "key:" + caller.api_key->ToString();
  }
  item.encoded = EncodedEvent::Of(event);
  if (!item.encoded.fits()) {
    item.fault = fmt::format("the event has more than {} bytes", kRecordBytesMax);
  }
}

}  // namespace conntrail::api
