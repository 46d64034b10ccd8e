#include <algorithm>

#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/verbs/trail_rows.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  size_t count = 10;
  bool full = false;
};

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(Answers * answers, session.Answers());
  TrailQuery query;
  TrailRows out(session, options.full);
  std::vector<TrailItem> items;
  bool more = true;
  while (more && items.size() < options.count && SignalCaught() == 0) {
    query.limit = options.count - items.size();
    CONNTRAIL_ASSIGN_OR_RETURN(TrailAnswer page, answers->Trail(query, out.parts()));
    std::move(page.items.begin(), page.items.end(), std::back_inserter(items));
    query.cursor = std::move(page.next_cursor);
    more = !query.cursor.empty() && !page.complete;
  }
  std::reverse(items.begin(), items.end());
  for (const TrailItem& item : items) {
    if (!out.Add(item)) return ExitCode::kOk;
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
