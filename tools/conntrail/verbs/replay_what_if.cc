#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "tools/conntrail/candidate_file.h"
#include "tools/conntrail/time_argument.h"
#include "tools/conntrail/verbs/replay_log.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  uint32_t rules = 0;
  std::string policy;
  bool each = false;
  bool cascade = false;
  std::string from;
  std::string to;
  size_t examples = 10;
  size_t threads = 0;
  uint64_t rate = 0;
};

Result<WhatIfQuestion> QuestionOf(const Session& session, const Options& options) {
  WhatIfQuestion question;
  question.mode = options.cascade ? WhatIfMode::kCascade : WhatIfMode::kEach;
  question.org = session.settings().org;
  question.examples_max = options.examples;
  if (options.rules > 0) question.rules = RulesVersion(options.rules);
  if (options.rules > kRulesVersionMax.value) {
    return Status::InvalidArgument(
        fmt::format("--rules {}: this build knows the versions 1 to {}; use a newer build",
                    options.rules, kRulesVersionMax.value));
  }
  if (!options.policy.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(question.policy, ReadCandidate(options.policy));
  }
  if (!options.from.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(question.from_ms,
                               ParseTimeArgument(options.from, session.now_ms(), DayEnd::kBegin));
  }
  if (!options.to.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(question.to_ms,
                               ParseTimeArgument(options.to, session.now_ms(), DayEnd::kLast));
  }
  return question;
}

std::string NameOf(const Options& options) {
  if (options.rules > 0) return fmt::format("rules version {}", options.rules);
  return "policy " + options.policy;
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const WhatIfQuestion question, QuestionOf(session, options));
  CONNTRAIL_ASSIGN_OR_RETURN(const OpenedLog opened, OpenHistory(session));
  WhatIfRun run;
  run.threads =
      options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  run.records_per_second_max = options.rate;
  CONNTRAIL_ASSIGN_OR_RETURN(const WhatIfAnswer answer,
                             AskWatched(session, *opened.log, question, run));
  WriteWhatIf(session, question, answer, NameOf(options));
  return ExitCode::kOk;
}

}  // namespace

void AddReplayWhatIf(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "what-if", "What other rules would have made of the history: exact counts, examples",
      "  conntrail replay what-if --data DIR --policy two-people.toml --each\n"
      "  conntrail replay what-if --data DIR --rules 2 --cascade --json\n"
      "  conntrail replay what-if --log kafka:127.0.0.1:9092/audit --rules 2 --from 30d\n"
      "Every policy change needs a second person:\n"
      "  [[refuse]]\n"
      "  name = \"second-person\"\n"
      "  types = [\"policy changes\"]\n"
      "  unless.approver = \"another person\"\n"
      "Nothing is written. When --from or --to is given, what lies outside is told but not "
      "counted.");
  const auto options = std::make_shared<Options>();
  CLI::Option* rules = verb.add_option("--rules", options->rules,
                                       "The candidate: rules of this version, from the beginning")
                           ->type_name("N")
                           ->check(CLI::PositiveNumber.description(""));
  CLI::Option* policy = verb.add_option("--policy", options->policy,
                                        "Or what it refuses of what was applied, in TOML")
                            ->type_name("FILE");
  rules->excludes(policy);
  CLI::Option* each = verb.add_flag("--each", options->each,
                                    "Judge each record against the state as it was (default)");
  verb.add_flag("--cascade", options->cascade, "Let what is refused have no effect on what follows")
      ->excludes(each);
  verb.add_option("--from", options->from, "Count from this time on: a date, RFC 3339, or 30d")
      ->type_name("TIME");
  verb.add_option("--to", options->to, "Count up to this time, inclusive")->type_name("TIME");
  verb.add_option("--examples", options->examples, "Show the first N that differ (10)")
      ->type_name("N");
  verb.add_option("--threads", options->threads, "At most so many partitions at a time")
      ->type_name("N");
  verb.add_option("--rate", options->rate, "At most so many records a second")->type_name("N");
  verb.add_flag_callback(
      "--json", [&line] { line.settings.format = Format::kJson; }, "The same as --output json");
  verb.callback([&line, options, &verb] {
    if (options->rules == 0 && options->policy.empty()) {
      throw CLI::RequiredError("--rules N or --policy FILE");
    }
    (void)verb;
    line.task = [options](Session& session) { return Run(session, *options); };
  });
}

}  // namespace conntrail
