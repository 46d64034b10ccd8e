#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "tools/conntrail/answers/server_target.h"
#include "tools/conntrail/import/directory_target.h"
#include "tools/conntrail/import/importer.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  ImportOptions import;
};

// Looked at before a directory is made for them.
Status CheckThere(const std::string& path) {
  std::error_code error;
  if (path.empty() || std::filesystem::exists(path, error)) return Status::Ok();
  return Status::NotFound(path + " is not there; nothing was imported");
}

// A dry run makes no directory; where there is one, it tells what is there already.
Result<DataDirectory*> DirectoryFor(Session& session, bool dry_run) {
  if (!dry_run) return session.MakeDirectory();
  Result<DataDirectory*> directory = session.Directory();
  if (directory.status().code() != StatusCode::kNotFound) return directory;
  return static_cast<DataDirectory*>(nullptr);
}

std::string ToJson(const ImportSummary& summary) {
  JsonWriter out;
  const auto number = [&](std::string_view name, uint64_t value) {
    out.Name(name);
    out.Uint(value);
  };
  out.BeginObject();
  number("already_there", summary.already_there);
  number("appended", summary.appended);
  number("gaps", summary.gaps);
  number("late", summary.late);
  number("lines", summary.lines);
  out.Name("outcomes");
  out.BeginObject();
  for (size_t i = 1; i < summary.by_verdict.size(); ++i) {
    number(VerdictName(static_cast<Verdict>(i)), summary.by_verdict[i]);
  }
  out.EndObject();
  out.Name("producer");
  out.Text(summary.producer);
  number("producer_gaps", summary.producer_gaps);
  number("records_per_second", static_cast<uint64_t>(summary.records_per_second()));
  number("refused", summary.refused);
  out.Name("refused_lines");
  out.BeginArray();
  for (const RefusedLine& line : summary.refused_lines) out.Text(line.ToString());
  out.EndArray();
  out.Name("stopped");
  out.Bool(summary.stopped);
  out.EndObject();
  return out.Take();
}

void Write(Session& session, const ImportSummary& summary, bool dry_run) {
  std::vector<std::vector<Cell>> lines = {
      {"producer", summary.producer},
      {"lines", std::to_string(summary.lines)},
      {dry_run ? "would be appended" : "appended", std::to_string(summary.appended)},
      {"already there", std::to_string(summary.already_there)},
      {"refused",
       Cell(std::to_string(summary.refused), summary.refused > 0 ? Shade::kBad : Shade::kPlain)}};
  for (size_t i = 1; i < summary.by_verdict.size(); ++i) {
    if (summary.by_verdict[i] == 0) continue;
    lines.push_back({"  " + std::string(VerdictName(static_cast<Verdict>(i))),
                     std::to_string(summary.by_verdict[i])});
  }
  lines.push_back({"gaps", std::to_string(summary.gaps)});
  lines.push_back({"late", std::to_string(summary.late)});
  lines.push_back({"producer gaps", std::to_string(summary.producer_gaps)});
  if (!dry_run) {
    lines.push_back({"took", fmt::format("{:.1f} s, {:.0f} records/s", summary.seconds,
                                         summary.records_per_second())});
  }
  WriteDocument(session.sink(), session.style(), lines, ToJson(summary));
}

Result<ExitCode> Run(Session& session, const Options& options) {
  ImportOptions import = options.import;
  import.org = session.settings().org;
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<client::ClientOptions> server, session.Server());
  if (import.org.empty() && !server) {
    return Status::InvalidArgument("--org says into which organisation; it is made if need be");
  }
  CONNTRAIL_RETURN_IF_ERROR(CheckThere(import.file));
  CONNTRAIL_RETURN_IF_ERROR(CheckThere(import.uses_file));
  std::unique_ptr<ImportTarget> target;
  if (server) {
    target = std::make_unique<ServerTarget>(*server);
  } else {
    CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, DirectoryFor(session, import.dry_run));
    target = std::make_unique<DirectoryTarget>(directory, import.dry_run);
  }
  Progress progress("importing", session.settings().quiet, "bytes");
  const DataDirectory::Progress watch = session.Watch(progress);
  const auto tell = [&](const ImportProgress& now) {
    watch(now.bytes_read, std::max(now.bytes_read, now.bytes_total.value_or(0)));
  };
  CONNTRAIL_ASSIGN_OR_RETURN(const ImportSummary summary, Import(*target, import, tell));
  progress.Finish();
  Write(session, summary, import.dry_run);
  for (const RefusedLine& line : summary.refused_lines) session.Note(line.ToString());
  if (!summary.stopped_why.empty()) session.Note(summary.stopped_why);
  if (summary.stopped && summary.stopped_why.empty() && !import.keep_going) {
    session.Note("stopped at the first refused line; --keep-going passes over them");
  }
  const bool is_whole = summary.refused == 0 && !summary.stopped;
  return is_whole ? ExitCode::kOk : ExitCode::kRefused;
}

}  // namespace

void AddImport(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "import", "Brings a file of observations into the log; lines it has are passed over",
      "  conntrail import changes.jsonl.gz --data DIR --org acme\n"
      "  conntrail import changes.jsonl.gz --server https://audit.example.com\n"
      "  conntrail import changes.jsonl --uses uses.jsonl --data DIR --org acme --dry-run");
  auto options = std::make_shared<Options>();
  ImportOptions& import = options->import;
  verb.add_option("file", import.file, "Observations, one JSON object a line; may be gzipped")
      ->type_name("FILE")
      ->required();
  verb.add_option("--uses", import.uses_file, "Uses, one a line; merged in by time")
      ->type_name("FILE");
  verb.add_option("--name", import.name, "The producer is import:NAME; default: the organisation")
      ->type_name("NAME");
  verb.add_flag("--dry-run", import.dry_run, "Read and count only");
  verb.add_flag("--keep-going", import.keep_going, "Pass over lines that are refused");
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
