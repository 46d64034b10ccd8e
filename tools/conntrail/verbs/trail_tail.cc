#include <algorithm>

#include "tools/conntrail/verbs/trail_rows.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  size_t count = 10;
  bool full = false;
};

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const OrgView org, session.Org());
  TrailQuery query;
  query.limit = options.count;
  CONNTRAIL_ASSIGN_OR_RETURN(TrailPage page, SearchTrail(org, query));
  std::reverse(page.lines.begin(), page.lines.end());
  TrailRows out(session, org, options.full);
  for (const TrailLine& line : page.lines) {
    CONNTRAIL_ASSIGN_OR_RETURN(const bool is_read, out.Add(line));
    if (!is_read) return ExitCode::kOk;
  }
  out.rows().Finish();
  return ExitCode::kOk;
}

}  // namespace

void AddTrailTail(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(group, "tail", "The newest records, the newest of them last",
                           "  conntrail trail tail -n 20\n"
                           "  conntrail trail tail --full --output ndjson");
  auto options = std::make_shared<Options>();
  AddPageOptions(verb, options->count, 100'000, nullptr);
  verb.add_flag("--full", options->full, "With the whole event of each record");
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
