#include <fmt/format.h>

#include "events/model/field_json.h"
#include "projections/entity_json.h"
#include "projections/views/connection_view.h"
#include "tools/conntrail/verbs/arguments.h"
#include "tools/conntrail/verbs/change_text.h"
#include "tools/conntrail/verbs/connection_text.h"
#include "tools/conntrail/verbs/trail_rows.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  std::string connection;
  bool changes_only = false;
  bool oldest_first = false;
  size_t limit = 50;
  std::string cursor;
};

std::vector<Cell> LineCells(const TrailLine& line) {
  return {std::to_string(line.place.index.value),
          FormatTime(line.place.time_ms),
          {std::string(VerdictName(line.verdict)), ShadeOf(line.verdict)},
          std::string(EventTypeName(line.type)),
          std::to_string(line.revision.value),
          std::string(ReasonName(line.reason)),
          {MarksText(line.marks), Shade::kWarning},
          WhoText(line.actor)};
}

// A record and its changes are one row with lines below it, but in csv a row for each change.
bool AddTo(Rows& rows, const HistoryEntry& entry) {
  if (rows.format() != Format::kCsv) {
    return rows.Add({[&] { return LineCells(entry.line); },
                     [&](JsonWriter& out) {
                       JsonWriter record;
                       WriteTrailLine(record, entry.line);
                       std::string text = record.Take();
                       WriteChanges(record, entry.changes);
                       text.insert(text.size() - 1, ",\"changes\":" + record.Take());
                       out.Raw(text);
                     },
                     [&] { return DescribeChanges(entry.changes); }});
  }
  const auto add = [&](const FieldChange& change) {
    return rows.Add({[&] {
                       std::vector<Cell> cells = LineCells(entry.line);
                       cells.emplace_back(change.path);
                       cells.emplace_back(TextOf(change.before));
                       cells.emplace_back(TextOf(change.after));
                       return cells;
                     },
                     nullptr});
  };
  if (entry.changes.empty()) return add({});
  bool is_read = true;
  for (const FieldChange& change : entry.changes) is_read = add(change);
  return is_read;
}

Rows MakeHistoryRows(Session& session) {
  std::vector<Column> columns = {
      {"index", true},    {"time"},   {"outcome"}, {"type"},
      {"revision", true}, {"reason"}, {"marks"},   {"actor"},
  };
  if (session.style().format == Format::kCsv) {
    for (const char* name : {"path", "before", "after"}) columns.push_back({name});
  }
  return session.MakeRows("records", std::move(columns));
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(Answers * answers, session.Answers());
  CONNTRAIL_ASSIGN_OR_RETURN(const ConnectionId id,
                             FindConnectionId(*answers, options.connection, Moment::Now()));
  HistoryQuery query;
  query.id = id.uuid;
  query.newest_first = !options.oldest_first;
  query.changes_only = options.changes_only;
  query.limit = options.limit;
  query.cursor = options.cursor;
  CONNTRAIL_ASSIGN_OR_RETURN(const HistoryPage page, answers->History(query));
  if (page.entries.empty() && options.cursor.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const OrgSummary org, answers->Org());
    return Status::NotFound(
        fmt::format("no record in {} is about connection {}", org.name, id.ToString()));
  }
  Rows rows = MakeHistoryRows(session);
  for (const HistoryEntry& entry : page.entries) {
    if (!AddTo(rows, entry)) return ExitCode::kOk;
  }
  if (!page.next_cursor.empty()) rows.AddMember("next_cursor", JsonText(page.next_cursor));
  rows.Finish();
  if (!page.next_cursor.empty()) {
    session.Note(fmt::format("to go on: --cursor {}", page.next_cursor));
  }
  return ExitCode::kOk;
}

}  // namespace

void AddConnectionsHistory(CLI::App& group, CommandLine& line) {
  CLI::App& verb =
      AddVerb(group, "history", "All that happened to one connection, and what each record changed",
              "  conntrail connections history jira-prod --changes-only\n"
              "  conntrail connections history ID --oldest-first --limit 1000 --output ndjson");
  auto options = std::make_shared<Options>();
  verb.add_option("connection", options->connection, "Its id, or its name if only it has that")
      ->type_name("ID|NAME")
      ->required();
  verb.add_flag("--changes-only", options->changes_only,
                "Leave out uses, refusals and what else changed nothing");
  verb.add_flag("--oldest-first", options->oldest_first, "The other order");
  AddPageOptions(verb, options->limit, 1'000'000, &options->cursor);
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
