#include <thread>

#include <fmt/format.h>

#include "events/event_codec.h"
#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/time_argument.h"
#include "tools/conntrail/verbs/replay_log.h"
#include "tools/conntrail/verbs/rules_text.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

constexpr Uuid kEventNameSpace{0xC0117A11'5EED'4000, 0x8000'0000'0000'0006};

struct Options {
  uint32_t version = 0;
  std::string from;
  bool yes = false;
};

// Where the version is newer than what is in force; where it is in force already there is nothing
// to do, which makes a run that was cut off good by the same command.
Result<std::vector<PartitionId>> PartitionsToChange(const std::vector<RulesInForce>& in_force,
                                                    RulesVersion version) {
  if (version > kRulesVersionMax || version.value == 0) {
    return Status::InvalidArgument(
        fmt::format("this build knows the rules versions 1 to {}, not {}; first install a build "
                    "that does, on every node",
                    kRulesVersionMax.value, version.value));
  }
  std::vector<PartitionId> partitions;
  for (const RulesInForce& one : in_force) {
    if (one.version < version) partitions.push_back(one.partition);
  }
  if (!partitions.empty()) return partitions;
  return Status::InvalidArgument(
      fmt::format("rules version {} is not newer than what is in force everywhere; rules only go "
                  "forward, so that the past keeps its outcomes (conntrail rules show)",
                  version.value));
}

Status Append(EventLog& log, PartitionId partition, RulesVersion version) {
  Event event;
  event.log_tag = log.log_id().hi;
  // By its name, so that a command that is given again says the same again.
  event.id = {Uuid::FromName(kEventNameSpace,
                             fmt::format("rules.activated {} {} {}", log.log_id().ToString(),
                                         partition.value, version.value))};
  event.authority = Authority::kLog;
  event.action = RulesActivated{version};
  const Bytes bytes = EncodeEvent(event);
  return log.Append(partition, OrgId{}, bytes).status();
}

Result<WhatIfAnswer> ShowDifference(Session& session, DataDirectory& directory,
                                    const Options& options) {
  WhatIfQuestion question;
  question.rules = RulesVersion(options.version);
  if (!options.from.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(question.from_ms,
                               ParseTimeArgument(options.from, session.now_ms(), DayEnd::kBegin));
  }
  WhatIfRun run;
  run.threads = std::max(1u, std::thread::hardware_concurrency());
  CONNTRAIL_ASSIGN_OR_RETURN(WhatIfAnswer answer,
                             AskWatched(session, directory.log(), question, run));
  WriteWhatIf(session, question, answer, fmt::format("rules version {}", options.version));
  return answer;
}

Result<ExitCode> Run(Session& session, const Options& options) {
  const RulesVersion version(options.version);
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.Directory());
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<RulesInForce> in_force, RulesOf(*directory));
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<PartitionId> partitions,
                             PartitionsToChange(in_force, version));
  if (!options.yes) {
    CONNTRAIL_RETURN_IF_ERROR(ShowDifference(session, *directory, options).status());
    session.Note(fmt::format(
        "nothing was changed; --yes activates version {} in {} partitions, from the next record "
        "on and for good",
        version.value, partitions.size()));
    if (directory->log_address() != "embedded") {
      session.Note(
          "first install this build on every node: one that does not know the version "
          "stops projecting at its activation");
    }
    return ExitCode::kOk;
  }
  for (const PartitionId partition : partitions) {
    CONNTRAIL_RETURN_IF_ERROR(Append(directory->log(), partition, version));
  }
  CONNTRAIL_RETURN_IF_ERROR(directory->CatchUp());
  for (const PartitionId partition : partitions) {
    const RulesVersion now = directory->projection(partition).projector().partition().rules;
    if (now >= version) continue;
    return Status::FailedPrecondition(fmt::format(
        "in partition {} rules version {} is still in force", partition.value, now.value));
  }
  WriteDocument(
      session.sink(), session.style(),
      {{"rules version", Cell(std::to_string(version.value), Shade::kGood)},
       {"activated in", fmt::format("{} of {} partitions", partitions.size(), in_force.size())}},
      fmt::format("{{\"partitions\":{},\"version\":{}}}", partitions.size(), version.value));
  return ExitCode::kOk;
}

}  // namespace

void AddRulesActivate(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "activate",
      "Puts newer rules in force, from the next record on; shows first what they would change",
      "  conntrail rules activate 2 --data DIR            what would be different, nothing else\n"
      "  conntrail rules activate 2 --data DIR --from 90d of the last 90 days only\n"
      "  conntrail rules activate 2 --data DIR --yes      does it, in every partition\n"
      "The past keeps its outcomes. It cannot be undone.");
  const auto options = std::make_shared<Options>();
  verb.add_option("version", options->version, "The version")->type_name("N")->required();
  verb.add_option("--from", options->from, "Look at what came since: a date, RFC 3339, or 90d")
      ->type_name("TIME");
  verb.add_flag("--yes", options->yes, "Activate it");
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
