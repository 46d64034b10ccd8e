#include <map>

#include <fmt/format.h>

#include "projections/replay/state_diff.h"
#include "projections/replay/trail_compare.h"
#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/time_argument.h"
#include "tools/conntrail/verbs/replay_rows.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  std::string from;
  std::string to;
  std::string with;
};

// A moment as other verbs take it, or just a time.
Result<Moment> ParseMoment(const std::string& text, UnixMs now_ms, DayEnd date_means) {
  const bool is_moment = text == "now" || text.starts_with("time:") || text.starts_with("index:") ||
                         text.starts_with("seq:");
  if (is_moment) return Moment::Parse(text);
  const Result<UnixMs> time_ms = ParseTimeArgument(text, now_ms, date_means);
  if (time_ms.ok()) return Moment::At(*time_ms);
  return Status::InvalidArgument(
      fmt::format("\"{}\" is no moment; write 2026-03-02, 2026-03-02T09:00:00Z, 30d, now, index:N "
                  "(right after that record) or seq:N",
                  text));
}

Result<OrgView> ViewOfOrg(Session& session, DataDirectory& directory) {
  if (!session.settings().org.empty()) return directory.View(session.settings().org);
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OrgSummary> orgs, session.Orgs());
  if (orgs.size() == 1) return directory.View(orgs[0].id.ToString());
  if (orgs.empty()) return Status::NotFound("there is no organisation yet");
  return Status::InvalidArgument("there are several organisations: --org says which");
}

DiffSink SinkOf(DifferenceRows& rows) {
  return {[&rows](const EntityDifference& d) { return rows.Add(d) && SignalCaught() == 0; },
          [&rows](const AccessDifference& d) { return rows.Add(d) && SignalCaught() == 0; }};
}

Result<ExitCode> DiffMoments(Session& session, const Options& options) {
  if (options.from.empty()) {
    return Status::InvalidArgument(
        "between what? --from MOMENT (and --to, else now), or --with another data directory");
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const Moment from,
                             ParseMoment(options.from, session.now_ms(), DayEnd::kBegin));
  CONNTRAIL_ASSIGN_OR_RETURN(const Moment to,
                             ParseMoment(options.to, session.now_ms(), DayEnd::kLast));
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.Directory());
  CONNTRAIL_ASSIGN_OR_RETURN(const OrgView org, ViewOfOrg(session, *directory));
  CONNTRAIL_ASSIGN_OR_RETURN(const Place begin, org.Resolve(from));
  CONNTRAIL_ASSIGN_OR_RETURN(const Place end, org.Resolve(to));
  if (end < begin) return Status::InvalidArgument("--to lies before --from");
  DifferenceRows rows(session, {});
  CONNTRAIL_RETURN_IF_ERROR(DiffStates(BetweenMoments(org, begin, end), SinkOf(rows)));
  rows.Finish();
  return ExitCode::kOk;
}

// A store as it is: it is not brought into step with its log, which might hide what is asked for.
Result<std::unique_ptr<DataDirectory>> OpenAsItIs(Session& session, const std::string& path) {
  DataDirectory::Options options;
  options.diagnostics = [&session, path](const std::string& text) {
    session.Note(path + ": " + text);
  };
  return DataDirectory::Open(path, options);
}

Result<std::map<OrgId, OrgState>> OrgsOf(Session& session, DataDirectory& directory) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<DataDirectory::Org> all, directory.Orgs());
  const std::string& asked = session.settings().org;
  std::map<OrgId, OrgState> orgs;
  for (const DataDirectory::Org& org : all) {
    const bool is_asked =
        asked.empty() || org.state.name == asked || org.state.id.ToString() == asked;
    if (is_asked) orgs[org.state.id] = org.state;
  }
  return orgs;
}

// One org that both have. Its trails first: what came to the same past in one of them only explains
// what is different now.
Status DiffOrg(Session& session, const OrgView& a, const OrgView& b, DifferenceRows& rows) {
  Progress progress("comparing the trails of " + a.state().name, session.settings().quiet);
  CONNTRAIL_ASSIGN_OR_RETURN(const TrailComparison trails,
                             CompareTrails(a, b, [&](uint64_t done, uint64_t end) {
                               progress.Update(done, end);
                               return SignalCaught() == 0;
                             }));
  progress.Finish();
  if (trails.a || trails.b) rows.AddTrail(a.state().name, trails);
  DiffQuestion question;
  question.before = {&a, keys::kPlaceMax};
  question.after = {&b, keys::kPlaceMax};
  question.spans = {{&b, trails.common, keys::kPlaceMax}, {&a, trails.common, keys::kPlaceMax}};
  question.with_counters = true;
  return DiffStates(question, SinkOf(rows));
}

Result<ExitCode> DiffStores(Session& session, const Options& options) {
  if (!options.from.empty() || options.to != "now") {
    return Status::InvalidArgument("--with compares what is now: leave --from and --to out");
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const std::string path, session.DirectoryPath());
  CONNTRAIL_ASSIGN_OR_RETURN(const auto a, OpenAsItIs(session, path));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto b, OpenAsItIs(session, options.with));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto a_orgs, OrgsOf(session, *a));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto b_orgs, OrgsOf(session, *b));
  if (a_orgs.empty() && b_orgs.empty() && !session.settings().org.empty()) {
    return Status::NotFound("neither has an org \"" + session.settings().org + "\"");
  }
  if (a->log().log_id() != b->log().log_id()) {
    session.Note("they have different logs; orgs with the same id are compared all the same");
  }
  DifferenceRows rows(session, {"B", "A"});
  for (const auto& [id, org] : a_orgs) {
    if (!b_orgs.contains(id)) {
      rows.AddOrg(org.name, "A");
      continue;
    }
    CONNTRAIL_ASSIGN_OR_RETURN(const OrgView a_view, a->View(id.ToString()));
    CONNTRAIL_ASSIGN_OR_RETURN(const OrgView b_view, b->View(id.ToString()));
    CONNTRAIL_RETURN_IF_ERROR(DiffOrg(session, a_view, b_view, rows));
  }
  for (const auto& [id, org] : b_orgs) {
    if (!a_orgs.contains(id)) rows.AddOrg(org.name, "B");
  }
  rows.Finish();
  return rows.is_empty() ? ExitCode::kOk : ExitCode::kDiffers;
}

Result<ExitCode> Run(Session& session, const Options& options) {
  return options.with.empty() ? DiffMoments(session, options) : DiffStores(session, options);
}

}  // namespace

void AddReplayDiff(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "diff",
      "What changed between two moments, field by field and as access gained and lost",
      "  conntrail replay diff --data DIR --org acme --from 2025-01-01 --to 2025-12-31\n"
      "  conntrail replay diff --data DIR --from index:1200 --json | jq "
      "'select(.kind==\"access\")'\n"
      "  conntrail replay diff --data A --with B\n"
      "Each difference comes with the last record that made it so. Access is effective access: "
      "what\n"
      "somebody holds directly or through a team or role while their account is active; what the\n"
      "whole organisation holds stands once. Between two moments the exit code is 0 whatever has\n"
      "changed. With --with the stores are taken as they are, neither is brought into step with "
      "its\n"
      "log: 0 if they are equal, 1 if not; the first place where the trails part is told first.");
  const auto options = std::make_shared<Options>();
  options->to = "now";
  verb.add_option("--from", options->from,
                  "Since when: a date (its begin), RFC 3339, 30d, index:N, seq:N")
      ->type_name("MOMENT");
  verb.add_option("--to", options->to, "Until when: the same; a date means its end (now)")
      ->type_name("MOMENT");
  verb.add_option("--with", options->with, "Or compare with this data directory, both as of now")
      ->type_name("DIR");
  verb.add_flag_callback(
      "--json", [&line] { line.settings.format = Format::kNdjson; }, "The same as --output ndjson");
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
