#include "tools/conntrail/answers/server_target.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "events/event_codec.h"
#include "tools/conntrail/answers/state_reading.h"

namespace conntrail {
namespace {

constexpr size_t kRequestBytesMax = size_t{4} << 20;  // the server takes 8 MiB
constexpr size_t kRequestEventsMax = 2000;            // and 5,000
constexpr int kTriesMax = 6;

// As many of those waiting as one request takes: repeated u32 length, little-endian, and the event.
std::string BodyOf(std::span<const Event> events, const std::vector<size_t>& waiting,
                   size_t& taken) {
  std::string body;
  for (taken = 0; taken < waiting.size() && taken < kRequestEventsMax; ++taken) {
    const Bytes event = EncodeEvent(events[waiting[taken]]);
    if (taken > 0 && body.size() + event.size() + 4 > kRequestBytesMax) break;
    for (int i = 0; i < 4; ++i) body.push_back(static_cast<char>(event.size() >> (8 * i)));
    body.append(reinterpret_cast<const char*>(event.data()), event.size());
  }
  return body;
}

bool IsPassing(const Status& status) { return status.code() == StatusCode::kUnavailable; }

}  // namespace

Result<ImportTarget::Org> ServerTarget::FindOrg(const std::string& name_or_id) {
  CONNTRAIL_ASSIGN_OR_RETURN(const OrgSummary org, answers_.Org());
  if (!name_or_id.empty() && name_or_id != org.name && name_or_id != org.id.ToString()) {
    return Status::NotFound(
        fmt::format("the keys for {} are those of the organisation {}, not of {}; leave --org out, "
                    "or take other keys",
                    options_.url.ToString(), org.name, name_or_id));
  }
  return Org{org.id, org.name, true};
}

Result<std::optional<EventId>> ServerTarget::EventNumbered(const std::string& producer,
                                                           uint64_t sequence) {
  ConnectionQuery at;
  at.limit = 1;
  at.at.kind = Moment::Kind::kSequence;
  at.at.producer = producer;
  at.at.sequence = sequence;
  const Result<ConnectionPage> page = answers_.Connections(at);
  if (page.status().code() == StatusCode::kNotFound) return std::optional<EventId>();
  if (!page.ok()) return page.status();
  TrailQuery query;
  query.filter.from_ms = page->at.time_ms;
  query.filter.to_ms = page->at.time_ms;
  query.limit = 1000;
  do {
    CONNTRAIL_ASSIGN_OR_RETURN(TrailAnswer records, answers_.Trail(query, {}));
    for (const TrailItem& item : records.items) {
      if (item.line.place.index == page->at.index) return std::optional(item.line.event);
    }
    query.cursor = std::move(records.next_cursor);
  } while (!query.cursor.empty());
  return Status::Corruption(fmt::format("the server has no record {}", page->at.index.value));
}

// Sends some of those waiting; returns who waits after that.
Result<ServerTarget::Waiting> ServerTarget::SendOnce(std::span<const Event> events,
                                                     const Waiting& waiting,
                                                     std::vector<ImportOutcome>& outcomes) {
  size_t taken = 0;
  client::ClientRequest request{.method = http::Method::kPost,
                                .target = "/api/v2/connection_events",
                                .content_type = "application/vnd.conntrail.events",
                                .body = BodyOf(events, waiting, taken)};
  CONNTRAIL_ASSIGN_OR_RETURN(const client::Answer answer, client_.Send(request));
  if (answer.status != 200) return StatusOf(client_.url(), answer);
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue document, ParseJson(answer.body));
  JsonReader reader(document);
  const JsonValue* data = reader.Require(document, "data");
  if (data == nullptr || data->items.size() != taken) {
    return Status::Corruption("the server told another number of outcomes than events were sent");
  }
  Waiting still;
  for (size_t i = 0; i < taken; ++i) {
    const JsonValue* attributes = reader.Require(data->items[i], "attributes");
    const JsonValue* outcome = attributes ? reader.Require(*attributes, "outcome") : nullptr;
    if (outcome == nullptr) return reader.status();
    ImportOutcome& into = outcomes[waiting[i]];
    const auto verdict = ParseVerdict(outcome->text);
    if (outcome->text == "refused") {
      into.fate = ImportOutcome::Fate::kRefused;
      if (const JsonValue* why = reader.Find(*attributes, "detail")) into.why = reader.Text(*why);
    } else if (verdict) {
      into.fate = ImportOutcome::Fate::kRecorded;
      into.line.verdict = *verdict;
      into.line.marks = ReadMarks(reader, *attributes);
    } else {  // "unknown", "not_recorded"
      still.push_back(waiting[i]);
    }
  }
  CONNTRAIL_RETURN_IF_ERROR(reader.status());
  // Those that came to nothing must not be overtaken by those behind them, as far as it is in our
  // hands: they come first again.
  still.insert(still.end(), waiting.begin() + static_cast<ptrdiff_t>(taken), waiting.end());
  return still;
}

// Takes out those that are on the log after all.
Result<ServerTarget::Waiting> ServerTarget::DropSeen(std::span<const Event> events,
                                                     const Waiting& waiting,
                                                     std::vector<ImportOutcome>& outcomes) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<Producer> producers, Producers());
  Waiting still;
  for (const size_t place : waiting) {
    const Event& event = events[place];
    const bool is_seen =
        std::any_of(producers.begin(), producers.end(), [&](const Producer& producer) {
          return producer.name == event.producer && producer.HasSeen(*event.producer_sequence);
        });
    if (is_seen) {
      outcomes[place].fate = ImportOutcome::Fate::kLost;
    } else {
      still.push_back(place);
    }
  }
  return still;
}

Result<std::vector<ImportOutcome>> ServerTarget::Append(std::span<const Event> events) {
  std::vector<ImportOutcome> outcomes(events.size());
  Waiting waiting(events.size());
  for (size_t i = 0; i < waiting.size(); ++i) waiting[i] = i;
  auto pause = options_.first_pause;
  for (int tries = 1; !waiting.empty();) {
    Result<Waiting> still = SendOnce(events, waiting, outcomes);
    if (!still.ok() && !IsPassing(still.status())) return still.status();
    const bool advanced = still.ok() && still->size() < waiting.size();
    if (advanced) {
      waiting = std::move(*still);
      tries = 1;
      pause = options_.first_pause;
      continue;
    }
    const std::string why =
        still.ok() ? "the server could not record the events" : still.status().message();
    if (tries++ == kTriesMax) return Status::Unavailable(why);
    if (options_.note) options_.note(why + "; looking for what has arrived, then trying again");
    if (options_.sleep && !options_.sleep(pause)) return Status::Unavailable("interrupted");
    if (!options_.sleep) std::this_thread::sleep_for(pause);
    pause *= 2;
    CONNTRAIL_ASSIGN_OR_RETURN(waiting, DropSeen(events, waiting, outcomes));
  }
  return outcomes;
}

}  // namespace conntrail
