#include <limits>

#include <fmt/format.h>

#include "projections/record_folder.h"
#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/verbs/replay_log.h"
#include "tools/conntrail/verbs/trail_rows.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

constexpr size_t kReadBytes = 1 << 20;

struct Options {
  uint16_t partition = 0;
  uint64_t from = 0;
  uint64_t limit = std::numeric_limits<uint64_t>::max();
};

std::vector<Cell> CellsOf(const LogRecord& record, const FoldedRecord& folded) {
  return {std::to_string(record.offset.value),
          folded.org.ToString(),
          std::to_string(folded.line.place.index.value),
          FormatTime(folded.line.place.time_ms),
          std::string(EventTypeName(folded.line.type)),
          WhoText(folded.line.actor),
          Cell(std::string(VerdictName(folded.line.verdict)), ShadeOf(folded.line.verdict)),
          std::string(ReasonName(folded.line.reason))};
}

void WriteRecord(JsonWriter& out, const LogRecord& record, const FoldedRecord& folded) {
  const auto text = [&](std::string_view name, std::string_view value) {
    out.Name(name);
    out.Text(value);
  };
  const auto number = [&](std::string_view name, uint64_t value) {
    out.Name(name);
    out.Uint(value);
  };
  out.BeginObject();
  number("offset", record.offset.value);
  text("append_time", FormatTime(record.append_time_ms));
  text("effective_time", FormatTime(folded.line.place.time_ms));
  text("org", folded.org.ToString());
  number("index", folded.line.place.index.value);
  text("verdict", VerdictName(folded.line.verdict));
  if (folded.line.reason != Reason::kNone) text("reason", ReasonName(folded.line.reason));
  if (folded.line.marks != 0) text("marks", MarksText(folded.line.marks));
  number("revision", folded.line.revision.value);
  if (folded.first) number("first", folded.first->value);
  number("rules", folded.rules.value);
  out.Name("record");
  out.Raw("{" + EventMembers("event", record.payload) + "}");
  out.EndObject();
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const OpenedLog opened, OpenHistory(session));
  EventLog& log = *opened.log;
  const PartitionId partition(options.partition);
  if (partition.value >= log.partition_count()) {
    return Status::NotFound(fmt::format("the log has {} partitions, so none has number {}",
                                        log.partition_count(), partition.value));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log.End(partition));
  if (options.from > end.value) {
    return Status::NotFound(
        fmt::format("the log ends before offset {}; it has {} records", options.from, end.value));
  }
  const uint64_t last = options.from + std::min(options.limit, end.value - options.from);
  Rows rows = session.MakeRows("records", {{"offset", true},
                                           {"org"},
                                           {"index", true},
                                           {"effective_time"},
                                           {"type"},
                                           {"actor", false, true},
                                           {"verdict"},
                                           {"reason"}});
  // What became of a record follows from all before it: these are folded, too.
  RecordFolder folder(partition, log.log_id(), nullptr, {});
  CONNTRAIL_RETURN_IF_ERROR(folder.Load());
  WriteBatch unused;
  std::vector<FoldedRecord> folded;
  Progress progress("folding", session.settings().quiet);
  for (Offset at(0); at.value < last && SignalCaught() == 0;) {
    CONNTRAIL_ASSIGN_OR_RETURN(const ReadBatch batch, log.Read(partition, at, kReadBytes));
    folded.clear();
    unused.Clear();
    const auto records =
        std::span(batch.records).first(std::min<uint64_t>(batch.records.size(), last - at.value));
    CONNTRAIL_RETURN_IF_ERROR(folder.FoldAll(records, unused, folded));
    for (size_t i = 0; i < records.size(); ++i) {
      if (records[i].offset.value < options.from) continue;
      const bool is_read =
          rows.Add({[&] { return CellsOf(records[i], folded[i]); },
                    [&](JsonWriter& out) { WriteRecord(out, records[i], folded[i]); }});
      if (!is_read) return ExitCode::kOk;
    }
    at = Offset(at.value + records.size());
    progress.Update(at.value, last);
  }
  progress.Finish();
  rows.Finish();
  return ExitCode::kOk;
}

}  // namespace

void AddReplayExport(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "export", "All records of the log, each with what became of it, one a line",
      "  conntrail replay export --data DIR > records.ndjson\n"
      "  conntrail replay export --log kafka:127.0.0.1:9092/audit --partition 3 --from 120000\n"
      "From the log alone: no store is read or written. One that was cut off goes on with --from,\n"
      "the offset behind the last whole line. conntrail log dump is the same without outcomes.");
  const auto options = std::make_shared<Options>();
  verb.add_option("--from", options->from, "The first offset (0)")->type_name("N");
  verb.add_option("--partition", options->partition, "Of which partition (0)")->type_name("P");
  verb.add_option("--limit", options->limit, "At most so many records (all)")->type_name("N");
  verb.callback([&line, options] {
    if (line.settings.format == Format::kTable) line.settings.format = Format::kNdjson;
    line.task = [options](Session& session) { return Run(session, *options); };
  });
}

}  // namespace conntrail
