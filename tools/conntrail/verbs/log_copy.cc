#include <optional>

#include <fmt/format.h>

#include "events/log/closed_mark.h"
#include "events/log/kafka/kafka_settings.h"
#include "tools/conntrail/verbs/log_copy_ends.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  CopyPlaces places;
  bool close_source = false;
};

const char* NameOf(CopyStep step) {
  switch (step) {
    case CopyStep::kComparing:
      return "comparing what is there";
    case CopyStep::kCopying:
      return "copying";
    case CopyStep::kChecking:
      return "reading back";
  }
  return "";
}

// A line of progress for each step, one after the other.
class Steps {
 public:
  explicit Steps(Session& session) : session_(session) {}

  void Tell(CopyStep step, uint64_t next, uint64_t end) {
    if (!progress_ || step != step_) {
      step_ = step;
      progress_.emplace(NameOf(step), session_.settings().quiet);
      watch_ = session_.Watch(*progress_);
    }
    watch_(next, end);
  }
  void Finish() { progress_.reset(); }

 private:
  Session& session_;
  CopyStep step_ = CopyStep::kComparing;
  std::optional<Progress> progress_;
  DataDirectory::Progress watch_;
};

struct Copied {
  CopySummary summary;
  Uuid log_id;
  std::string from;
  std::string to;
  bool is_source_closed = false;
  double seconds = 0;

  uint64_t there() const { return summary.records - summary.copied; }
  double records_per_second() const {
    return seconds > 0 ? static_cast<double>(summary.records) / seconds : 0;
  }
};

std::string ToJson(const Copied& copied) {
  JsonWriter out;
  const auto number = [&](std::string_view name, uint64_t value) {
    out.Name(name);
    out.Uint(value);
  };
  const auto text = [&](std::string_view name, std::string_view value) {
    out.Name(name);
    out.Text(value);
  };
  out.BeginObject();
  number("already_there", copied.there());
  number("copied", copied.summary.copied);
  text("from", copied.from);
  text("log_id", copied.log_id.ToString());
  number("partitions", copied.summary.ends.size());
  number("records", copied.summary.records);
  number("records_per_second", static_cast<uint64_t>(copied.records_per_second()));
  out.Name("source_closed");
  out.Bool(copied.is_source_closed);
  text("to", copied.to);
  out.EndObject();
  return out.Take();
}

void Write(Session& session, const Copied& copied) {
  const std::vector<std::vector<Cell>> lines = {
      {"log id", copied.log_id.ToString()},
      {"from", copied.from},
      {"to", copied.to},
      {"partitions", std::to_string(copied.summary.ends.size())},
      {"records", Cell(fmt::format("{}, each compared", copied.summary.records), Shade::kGood)},
      {"already there", std::to_string(copied.there())},
      {"copied", std::to_string(copied.summary.copied)},
      {"took",
       fmt::format("{:.2f} s, {:.0f} records/s", copied.seconds, copied.records_per_second())},
      {"source", copied.is_source_closed ? Cell("closed: it goes on at the copy", Shade::kGood)
                                         : Cell("still takes records", Shade::kWarning)}};
  WriteDocument(session.sink(), session.style(), lines, ToJson(copied));
}

// What there is to do before the copy is the only one that is written.
void AdviseOnSource(const Session& session, const CopySource& source, bool is_closed) {
  if (is_closed) return;
  if (!source.directory.empty()) {
    session.Note(
        "now two logs with one id take records: only one may go on. --close-source, with the same "
        "command again, closes the source and writes down where it went");
    return;
  }
  const auto address = ParseLogAddress(source.place);
  session.Note(fmt::format(
      "now two logs with one id take records: only one may go on. This closes the topic, for "
      "programs that run too: kafka-configs --bootstrap-server {} --alter --topic {} --add-config "
      "message.timestamp.type=CreateTime,max.message.bytes=0",
      address.ok() ? address->bootstrap : "", address.ok() ? address->topic : ""));
}

void AdviseOnTarget(const Session& session, const CopySource& source, const CopyEnd& end) {
  if (!end.directory.empty()) {
    session.Note(fmt::format("next: conntraild --data {}", end.place));
  } else if (!source.directory.empty()) {
    session.Note(
        fmt::format("next, once the directory's log is closed: conntraild --data {} --log {}",
                    source.place, end.place));
  } else {
    session.Note(fmt::format("next: conntraild --data DIR --log {}", end.place));
  }
  session.Note(
      "another data directory first needs keys/fingerprint.key of the one that was in use, mode "
      "0600: else equal secrets are no more recognized");
}

Status CloseSource(const CopySource& source, const CopyEnd& end) {
  return WriteClosedMark(source.directory, {ClosedMark::Why::kMoved, end.place});
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const CopySource source, OpenCopySource(session, options.places));
  if (options.close_source && source.directory.empty()) {
    return Status::InvalidArgument(
        "--close-source closes an embedded log; for a topic the command is printed at the end");
  }
  CONNTRAIL_ASSIGN_OR_RETURN(CopyEnd end, BeginCopy(session, options.places, source));
  Copied copied{.log_id = source.opened.log->log_id(), .from = source.place, .to = end.place};
  Steps steps(session);
  const auto begin = std::chrono::steady_clock::now();
  CONNTRAIL_ASSIGN_OR_RETURN(
      copied.summary,
      CopyLog(*source.opened.log, *end.target,
              [&](CopyStep step, uint64_t next, uint64_t of) { steps.Tell(step, next, of); }));
  steps.Finish();
  copied.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  // First the source: cut off between the two, none takes records, and the next run opens the copy.
  if (options.close_source) CONNTRAIL_RETURN_IF_ERROR(CloseSource(source, end));
  CONNTRAIL_RETURN_IF_ERROR(OpenUp(end));
  if (!source.directory.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const auto closed, ReadClosedMark(source.directory));
    copied.is_source_closed = closed.has_value();
  }
  Write(session, copied);
  AdviseOnSource(session, source, copied.is_source_closed);
  AdviseOnTarget(session, source, end);
  return ExitCode::kOk;
}

}  // namespace

void AddLogCopy(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "copy", "Moves the log to a topic or a directory, times kept; goes on if cut off",
      "  conntrail log copy --data DIR --to kafka:127.0.0.1:9092/audit --close-source\n"
      "  conntrail log copy --from kafka:127.0.0.1:9092/audit --to-data DIR\n"
      "  conntrail log copy --from kafka:a:9092/audit --to kafka:b:9092/audit --replicas 3\n"
      "Stop all who write first. Until the copy is whole nobody can use it; the same command "
      "again\n"
      "continues one that was cut off.");
  const auto options = std::make_shared<Options>();
  CopyPlaces& places = options->places;
  verb.add_option("--from", places.from, "The topic to copy; default: the log of --data")
      ->type_name("LOG");
  verb.add_option("--to", places.to, "A topic, which is made: kafka:HOST:PORT,.../TOPIC")
      ->type_name("LOG");
  verb.add_option("--to-data", places.to_data, "Or a data directory, which is made if need be")
      ->type_name("DIR");
  verb.add_option("--replicas", places.replicas,
                  "Of each partition; default: three, or as many as there are brokers")
      ->type_name("N")
      ->check(CLI::Range(1, 15));
  verb.add_option("--from-kafka-properties", places.from_properties,
                  "For --from, if not the same as --kafka-properties")
      ->type_name("FILE");
  verb.add_flag("--close-source", options->close_source,
                "Then refuse to open the directory's log, and say where it went");
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
