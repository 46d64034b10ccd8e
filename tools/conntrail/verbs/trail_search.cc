#include <fmt/format.h>

#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/time_argument.h"
#include "tools/conntrail/verbs/arguments.h"
#include "tools/conntrail/verbs/trail_rows.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  std::string connection;
  std::string subject;
  std::string actor;
  std::string types;
  std::string outcomes;
  std::string marks;
  std::string from;
  std::string to;
  bool oldest_first = false;
  bool full = false;
  size_t limit = 50;
  std::string cursor;
};

Result<TrailFilter> FilterOf(const Options& options, Answers& answers, UnixMs now_ms) {
  TrailFilter filter;
  if (!options.connection.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const ConnectionId id,
                               FindConnectionId(answers, options.connection, Moment::Now()));
    filter.subject = KeyOf(id);
  }
  if (!options.subject.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(filter.subject, ParseSubject(options.subject));
  }
  if (!options.actor.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Principal actor, ParsePrincipal(options.actor));
    filter.actor = actor.id;
  }
  CONNTRAIL_ASSIGN_OR_RETURN(filter.types, ParseTypes(options.types));
  CONNTRAIL_ASSIGN_OR_RETURN(filter.verdicts, ParseVerdicts(options.outcomes));
  CONNTRAIL_ASSIGN_OR_RETURN(filter.marks, ParseMarks(options.marks));
  if (!options.from.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(filter.from_ms,
                               ParseTimeArgument(options.from, now_ms, DayEnd::kBegin));
  }
  if (!options.to.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(filter.to_ms, ParseTimeArgument(options.to, now_ms, DayEnd::kLast));
  }
  return filter;
}

// A cursor belongs to its query, whose "7d" must not mean another time with the next page.
std::string HowToGoOn(const Options& options, const TrailQuery& query) {
  std::string text;
  if (IsRelative(options.from))
    text += fmt::format("--from {} ", FormatTime(*query.filter.from_ms));
  if (IsRelative(options.to)) text += fmt::format("--to {} ", FormatTime(*query.filter.to_ms));
  return text + "--cursor " + query.cursor;
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(Answers * answers, session.Answers());
  TrailQuery query;
  CONNTRAIL_ASSIGN_OR_RETURN(query.filter, FilterOf(options, *answers, session.now_ms()));
  query.newest_first = !options.oldest_first;
  query.cursor = options.cursor;
  TrailRows out(session, options.full);
  size_t found = 0;
  // A page may end before it is full, so that a search without hits can be stopped.
  bool more = true;
  while (more && found < options.limit && SignalCaught() == 0) {
    query.limit = options.limit - found;
    CONNTRAIL_ASSIGN_OR_RETURN(const TrailAnswer page, answers->Trail(query, out.parts()));
    for (const TrailItem& item : page.items) {
      if (!out.Add(item)) return ExitCode::kOk;
    }
    found += page.items.size();
    query.cursor = page.next_cursor;
    more = !page.next_cursor.empty() && !page.complete;
  }
  if (!query.cursor.empty()) out.rows().AddMember("next_cursor", JsonText(query.cursor));
  out.rows().Finish();
  if (found == 0) session.Note("no record matches");
  if (!query.cursor.empty() && found > 0) {
    session.Note("to go on: " + HowToGoOn(options, query));
  }
  return ExitCode::kOk;
}

}  // namespace

void AddTrailSearch(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "search", "Records that meet all conditions, newest first",
      "  conntrail trail search --outcome denied,rejected --from 7d\n"
      "  conntrail trail search --connection jira-prod --type 'credential.*' --full\n"
      "  conntrail trail search --actor user:UUID --from 2026-03-01 --to 2026-03-31 --output csv");
  auto options = std::make_shared<Options>();
  CLI::Option* connection =
      verb.add_option("--connection", options->connection, "About this connection")
          ->type_name("ID|NAME");
  verb.add_option("--subject", options->subject, "About this: connection:UUID, team:UUID, …")
      ->type_name("KIND:ID")
      ->excludes(connection);
  verb.add_option("--actor", options->actor, "Done by this account")->type_name("PRINCIPAL");
  verb.add_option("--type", options->types, "Of these types; connection.* takes all that begin so")
      ->type_name("NAME[,NAME]");
  verb.add_option(
          "--outcome", options->outcomes,
          "applied, duplicate, denied, rejected, conflict, invalid, unsupported, malformed, "
          "misrouted")
      ->type_name("NAME[,NAME]");
  verb.add_option("--mark", options->marks, "With one of these marks: gap, late, producer_gap")
      ->type_name("NAME[,NAME]");
  verb.add_option("--from", options->from, "From then on: RFC 3339, a date, or 7d for 7 days ago")
      ->type_name("TIME");
  verb.add_option("--to", options->to, "Up to then, inclusive; a date takes its whole day")
      ->type_name("TIME");
  verb.add_flag("--oldest-first", options->oldest_first, "The other order");
  verb.add_flag("--full", options->full, "With the whole event of each record");
  AddPageOptions(verb, options->limit, 1'000'000'000, &options->cursor);
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
