#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {};

struct LogFigures {
  Uuid log_id;
  uint64_t records = 0;
  uint64_t applied = 0;
  uint64_t bytes = 0;
  uint64_t segments = 0;
  size_t partitions = 0;
  size_t orgs = 0;
  std::optional<UnixMs> first_append_ms;
  std::optional<UnixMs> last_append_ms;
};

Status CountFiles(const std::string& path, LogFigures& figures) {
  std::error_code error;
  for (std::filesystem::directory_iterator file(path, error), end; !error && file != end;
       file.increment(error)) {
    if (file->path().extension() != ".segment") continue;
    ++figures.segments;
    const uint64_t bytes = file->file_size(error);
    if (!error) figures.bytes += bytes;
  }
  if (error) return Status::Io("cannot read " + path + ": " + error.message());
  return Status::Ok();
}

Result<UnixMs> AppendTimeOf(EventLog& log, PartitionId partition, Offset offset) {
  CONNTRAIL_ASSIGN_OR_RETURN(const ReadBatch batch, log.Read(partition, offset, 1));
  if (batch.records.empty()) return Status::Corruption("the log ends before its end");
  return batch.records[0].append_time_ms;
}

Status AddPartition(DataDirectory& directory, PartitionId partition, LogFigures& figures) {
  EventLog& log = directory.log();
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log.End(partition));
  figures.records += end.value;
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset applied,
                             directory.projection(partition).store().Applied(partition));
  figures.applied += applied.value;
  if (end.value == 0) return Status::Ok();
  CONNTRAIL_ASSIGN_OR_RETURN(const UnixMs first, AppendTimeOf(log, partition, Offset(0)));
  CONNTRAIL_ASSIGN_OR_RETURN(const UnixMs last,
                             AppendTimeOf(log, partition, Offset(end.value - 1)));
  figures.first_append_ms = std::min(first, figures.first_append_ms.value_or(first));
  figures.last_append_ms = std::max(last, figures.last_append_ms.value_or(last));
  return Status::Ok();
}

Result<LogFigures> Measure(Session& session) {
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.Directory());
  LogFigures figures;
  figures.log_id = directory->log().log_id();
  for (const PartitionId partition : directory->partitions()) {
    CONNTRAIL_RETURN_IF_ERROR(AddPartition(*directory, partition, figures));
    ++figures.partitions;
  }
  const std::string path = directory->path() + "/log";
  CONNTRAIL_ASSIGN_OR_RETURN(const auto topic, ReadRememberedTopic(path));
  // Beside a topic there may be segments of before the log moved there.
  if (!topic) CONNTRAIL_RETURN_IF_ERROR(CountFiles(path, figures));
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OrgSummary> orgs, session.Orgs());
  figures.orgs = orgs.size();
  return figures;
}

std::string ToJson(const LogFigures& figures) {
  JsonWriter out;
  const auto number = [&](std::string_view name, uint64_t value) {
    out.Name(name);
    out.Uint(value);
  };
  const auto time = [&](std::string_view name, const std::optional<UnixMs>& value) {
    if (!value) return;
    out.Name(name);
    out.Text(FormatTime(*value));
  };
  out.BeginObject();
  number("applied_offset", figures.applied);
  number("bytes", figures.bytes);
  time("first_append_time", figures.first_append_ms);
  time("last_append_time", figures.last_append_ms);
  out.Name("log_id");
  out.Text(figures.log_id.ToString());
  number("orgs", figures.orgs);
  number("partitions", figures.partitions);
  number("records", figures.records);
  number("segments", figures.segments);
  out.EndObject();
  return out.Take();
}

std::string TimeText(const std::optional<UnixMs>& time_ms) {
  return time_ms ? FormatTime(*time_ms) : "never";
}

Result<ExitCode> Run(Session& session, const Options&) {
  CONNTRAIL_ASSIGN_OR_RETURN(const LogFigures figures, Measure(session));
  WriteDocument(session.sink(), session.style(),
                {{"log id", figures.log_id.ToString()},
                 {"partitions", std::to_string(figures.partitions)},
                 {"records", std::to_string(figures.records)},
                 {"applied", fmt::format("{} of {}", figures.applied, figures.records)},
                 {"first append", TimeText(figures.first_append_ms)},
                 {"last append", TimeText(figures.last_append_ms)},
                 {"segments", std::to_string(figures.segments)},
                 {"bytes in segments", std::to_string(figures.bytes)},
                 {"organisations", std::to_string(figures.orgs)}},
                ToJson(figures));
  return ExitCode::kOk;
}

}  // namespace

void AddLogStat(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(group, "stat", "How much is in the log, and how far it is applied",
                           "  conntrail log stat --output json");
  OnVerb(verb, line, std::make_shared<Options>(), Run);
}

}  // namespace conntrail
