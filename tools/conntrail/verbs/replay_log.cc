#include "tools/conntrail/verbs/replay_log.h"

#include <filesystem>

#include <fmt/format.h>

#include "events/log/kafka/kafka_log.h"
#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/output/display_text.h"
#include "tools/conntrail/verbs/trail_rows.h"

namespace conntrail {
namespace {

void Text(JsonWriter& out, std::string_view name, std::string_view value) {
  out.Name(name);
  out.Text(value);
}

void Number(JsonWriter& out, std::string_view name, uint64_t value) {
  out.Name(name);
  out.Uint(value);
}

void WriteOutcome(JsonWriter& out, std::string_view name, const OutcomeName& outcome) {
  out.Name(name);
  out.BeginObject();
  if (outcome.reason != Reason::kNone) Text(out, "reason", ReasonName(outcome.reason));
  if (!outcome.refusal.empty()) Text(out, "refused_by", outcome.refusal);
  Text(out, "verdict", VerdictName(outcome.verdict));
  out.EndObject();
}

void WriteCount(JsonWriter& out, const FlipCount& count) {
  out.BeginObject();
  WriteOutcome(out, "after", count.after);
  WriteOutcome(out, "before", count.before);
  Number(out, "count", count.count);
  Text(out, "type", EventTypeName(count.type));
  out.EndObject();
}

void WriteFlip(JsonWriter& out, const Flip& flip) {
  out.BeginObject();
  if (flip.actor) Text(out, "actor", flip.actor->ToString());
  WriteOutcome(out, "after", flip.after);
  if (flip.approver) Text(out, "approver", flip.approver->ToString());
  WriteOutcome(out, "before", flip.before);
  Text(out, "event", flip.event.ToString());
  Number(out, "index", flip.place.index.value);
  Number(out, "offset", flip.offset.value);
  Text(out, "org", flip.org_name);
  Number(out, "partition", flip.partition.value);
  if (flip.subject.kind != EntityKind::kNone) Text(out, "subject", SubjectText(flip.subject));
  if (!flip.subject_name.empty()) Text(out, "subject_name", flip.subject_name);
  Text(out, "time", FormatTime(flip.place.time_ms));
  Text(out, "type", EventTypeName(flip.type));
  out.EndObject();
}

void WritePrincipals(JsonWriter& out, std::string_view name, uint64_t count,
                     const std::vector<TouchedPrincipal>& top) {
  out.Name(name);
  out.BeginObject();
  Number(out, "count", count);
  out.Name("top");
  out.BeginArray();
  for (const TouchedPrincipal& touched : top) {
    out.BeginObject();
    Number(out, "flips", touched.flips);
    Text(out, "principal", touched.principal.ToString());
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
}

void WriteConnections(JsonWriter& out, const WhatIfAnswer& answer) {
  out.Name("connections");
  out.BeginObject();
  Number(out, "count", answer.connections);
  out.Name("top");
  out.BeginArray();
  for (const TouchedConnection& touched : answer.top_connections) {
    out.BeginObject();
    Number(out, "flips", touched.flips);
    Text(out, "id", touched.connection.ToString());
    Text(out, "name", touched.name);
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
}

std::string ToJson(const WhatIfQuestion& question, const WhatIfAnswer& answer,
                   const std::string& under) {
  const bool cascades = question.mode == WhatIfMode::kCascade;
  JsonWriter out;
  out.BeginObject();
  WritePrincipals(out, "actors", answer.actors, answer.top_actors);
  Text(out, "candidate", under);
  WriteConnections(out, answer);
  out.Name("counts");
  out.BeginArray();
  for (const FlipCount& count : answer.counts) WriteCount(out, count);
  out.EndArray();
  if (cascades) Number(out, "different_entities", answer.different_entities);
  out.Name("examples");
  out.BeginArray();
  for (const Flip& flip : answer.examples) WriteFlip(out, flip);
  out.EndArray();
  Number(out, "flips", answer.flips);
  WritePrincipals(out, "grantees", answer.grantees, answer.top_grantees);
  Text(out, "mode", cascades ? "cascade" : "each");
  Number(out, "records", answer.records);
  out.EndObject();
  return out.Take();
}

using Lines = std::vector<std::vector<Cell>>;

void AddPrincipals(Lines& lines, const char* name, uint64_t count,
                   const std::vector<TouchedPrincipal>& top) {
  lines.push_back({name, std::to_string(count)});
  for (const TouchedPrincipal& touched : top) {
    lines.push_back({"", fmt::format("{:>7}  {}", touched.flips, touched.principal.ToString())});
  }
}

Lines LinesOf(const WhatIfQuestion& question, const WhatIfAnswer& answer,
              const std::string& under) {
  const bool cascades = question.mode == WhatIfMode::kCascade;
  Lines lines = {{"candidate", under},
                 {"judged", cascades ? "in an alternative history (--cascade)"
                                     : "each against the state as it was (--each)"},
                 {"records", std::to_string(answer.records)},
                 {"other outcome", Cell(std::to_string(answer.flips),
                                        answer.flips == 0 ? Shade::kGood : Shade::kWarning)}};
  for (const FlipCount& count : answer.counts) {
    lines.push_back({"", fmt::format("{:>7}  {}: {} → {}", count.count, EventTypeName(count.type),
                                     count.before.ToString(), count.after.ToString())});
  }
  if (cascades)
    lines.push_back({"ends differently", fmt::format("{} entities", answer.different_entities)});
  lines.push_back({"connections", std::to_string(answer.connections)});
  for (const TouchedConnection& touched : answer.top_connections) {
    lines.push_back({"", fmt::format("{:>7}  {}  {}", touched.flips, touched.connection.ToString(),
                                     touched.name)});
  }
  AddPrincipals(lines, "actors", answer.actors, answer.top_actors);
  AddPrincipals(lines, "grantees", answer.grantees, answer.top_grantees);
  if (!answer.examples.empty()) lines.push_back({"the first", ""});
  for (const Flip& flip : answer.examples) {
    lines.push_back({"", fmt::format("{} index {}  {}  {}{}{}: {} → {}",
                                     FormatTime(flip.place.time_ms), flip.place.index.value,
                                     EventTypeName(flip.type), SubjectText(flip.subject),
                                     flip.subject_name.empty() ? "" : " " + flip.subject_name,
                                     flip.actor ? " by " + flip.actor->ToString() : "",
                                     flip.before.ToString(), flip.after.ToString())});
  }
  return lines;
}

}  // namespace

Result<OpenedLog> OpenHistory(Session& session) {
  const auto note = [&session](const std::string& text) { session.Note(text); };
  const bool names_topic = session.settings().log.log.starts_with("kafka:");
  if (session.settings().source.data.empty() && names_topic) {
    CONNTRAIL_ASSIGN_OR_RETURN(KafkaSettings settings, KafkaSettingsOf(session.settings().log));
    settings.diagnostics = note;
    OpenedLog opened;
    opened.address = session.settings().log.log;
    CONNTRAIL_ASSIGN_OR_RETURN(opened.log, KafkaLog::Open(std::move(settings)));
    return opened;
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const std::string data, session.DirectoryPath());
  if (!std::filesystem::exists(std::filesystem::path(data) / "FORMAT")) {
    return Status::NotFound(data + " is not a data directory");
  }
  return OpenLog((std::filesystem::path(data) / "log").string(), session.settings().log,
                 Clock::System(), note);
}

Result<WhatIfAnswer> AskWatched(Session& session, EventLog& log, const WhatIfQuestion& question,
                                WhatIfRun run) {
  Progress progress("telling history", session.settings().quiet);
  run.progress = [&progress](uint64_t done, uint64_t end) {
    progress.Update(done, end);
    return SignalCaught() == 0;
  };
  Result<WhatIfAnswer> answer = AskWhatIf(log, question, run);
  const uint64_t records = progress.records();
  const double seconds = progress.seconds();
  progress.Finish();
  if (SignalCaught() != 0) session.Note("stopped; nothing was written, and nothing is told");
  if (answer.ok() && seconds > 1) {
    session.Note(fmt::format("{} records in {:.1f} s, {:.0f} records/s", records, seconds,
                             static_cast<double>(records) / seconds));
  }
  return answer;
}

void WriteWhatIf(Session& session, const WhatIfQuestion& question, const WhatIfAnswer& answer,
                 const std::string& under) {
  WriteDocument(session.sink(), session.style(), LinesOf(question, answer, under),
                ToJson(question, answer, under));
}

}  // namespace conntrail
