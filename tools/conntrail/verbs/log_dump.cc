#include <limits>

#include <fmt/format.h>

#include "events/event_codec.h"
#include "tools/conntrail/interrupt.h"
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

std::vector<Cell> CellsOf(const LogRecord& record) {
  const DecodedEvent decoded = DecodeEvent(record.payload);
  const bool is_event = decoded.fault == DecodeFault::kNone;
  return {std::to_string(record.offset.value),
          FormatTime(record.append_time_ms),
          record.key.ToString(),
          is_event ? Cell(std::string(EventTypeName(decoded.event.type())))
                   : Cell(fmt::format("not readable: {}", decoded.place), Shade::kBad),
          WhoText(decoded.event.actor.principal),
          std::to_string(record.payload.size())};
}

void WriteRecord(JsonWriter& out, const LogRecord& record) {
  out.Raw(fmt::format("{{\"offset\":{},\"append_time\":\"{}\",\"org\":\"{}\",\"bytes\":{},{}}}",
                      record.offset.value, FormatTime(record.append_time_ms), record.key.ToString(),
                      record.payload.size(), EventMembers("event", record.payload)));
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.Directory());
  EventLog& log = directory->log();
  if (options.partition >= log.partition_count()) {
    return Status::NotFound(fmt::format("the log has {} partitions, so none has number {}",
                                        log.partition_count(), options.partition));
  }
  const PartitionId partition(options.partition);
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log.End(partition));
  if (options.from > end.value) {
    return Status::NotFound(
        fmt::format("the log ends before offset {}; it has {} records", options.from, end.value));
  }
  Rows rows = session.MakeRows("records", {{"offset", true},
                                           {"append_time"},
                                           {"org"},
                                           {"type"},
                                           {"actor", false, true},
                                           {"bytes", true}});
  const uint64_t last = options.from + std::min(options.limit, end.value - options.from);
  for (Offset at(options.from); at.value < last && SignalCaught() == 0;) {
    CONNTRAIL_ASSIGN_OR_RETURN(const ReadBatch batch, log.Read(partition, at, kReadBytes));
    for (const LogRecord& record : batch.records) {
      if (record.offset.value >= last) break;
      const bool is_read = rows.Add(
          {[&] { return CellsOf(record); }, [&](JsonWriter& out) { WriteRecord(out, record); }});
      if (!is_read) return ExitCode::kOk;
    }
    at = Offset(at.value + batch.records.size());
  }
  rows.Finish();
  return ExitCode::kOk;
}

}  // namespace

void AddLogDump(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(group, "dump", "Records as they are on the log, of all organisations",
                           "  conntrail log dump --output ndjson\n"
                           "  conntrail log dump --from 1000 --limit 10 --output json");
  auto options = std::make_shared<Options>();
  verb.add_option("--from", options->from, "The first offset (0)")->type_name("N");
  verb.add_option("--partition", options->partition, "Of which partition (0)")->type_name("P");
  verb.add_option("--limit", options->limit, "At most so many records (all)")->type_name("N");
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
