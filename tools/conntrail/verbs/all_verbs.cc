#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

// A verb that only has verbs below it.
CLI::App& AddGroup(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App& group = AddVerb(app, name, description, "");
  group.require_subcommand(1);
  return group;
}

}  // namespace

// In the order in which --help lists them.
void AddAllVerbs(CommandLine& line) {
  CLI::App& connections = AddGroup(line.app, "connections", "The connections of an organisation");
  AddConnectionsList(connections, line);
  AddConnectionsShow(connections, line);
  AddConnectionsHistory(connections, line);
  AddConnectionsChange(connections, line);
  CLI::App& policy = AddGroup(line.app, "policy", "Who may see, use or edit a connection");
  AddPolicy(policy, line);
  CLI::App& trail = AddGroup(line.app, "trail", "The records of an organisation");
  AddTrailSearch(trail, line);
  AddTrailTail(trail, line);
  CLI::App& access = AddGroup(line.app, "access", "Who may do what, and through which grant");
  AddAccessWho(access, line);
  AddAccessWhat(access, line);
  CLI::App& state = AddGroup(line.app, "state", "Everything as it was at a moment");
  AddStateExport(state, line);
  AddCounts(line.app, line);
  CLI::App& orgs = AddGroup(line.app, "orgs", "The organisations of a data directory");
  AddOrgsList(orgs, line);
  CLI::App& producers = AddGroup(line.app, "producers", "Who reports to an organisation");
  AddProducersList(producers, line);
  AddImport(line.app, line);
  AddDemo(line.app, line);
  CLI::App& log = AddGroup(line.app, "log", "The event log, record by record");
  AddLogStat(log, line);
  AddLogDump(log, line);
  AddLogCopy(log, line);
  CLI::App& kafka = AddGroup(line.app, "kafka", "A topic of Kafka as the event log");
  AddKafkaInit(kafka, line);
  AddKafkaCheck(kafka, line);
  CLI::App& projection =
      AddGroup(line.app, "projection", "Copies of what the log means, to begin with elsewhere");
  AddProjectionSave(projection, line);
  AddProjectionRestore(projection, line);
  CLI::App& outcomes = AddGroup(line.app, "outcomes", "What others are told of a log on Kafka");
  AddOutcomesPublish(outcomes, line);
  CLI::App& evidence =
      AddGroup(line.app, "evidence", "What others can check without trusting whoever runs this");
  AddEvidenceInit(evidence, line);
  AddEvidenceVkey(evidence, line);
  AddEvidenceExport(evidence, line);
  AddEvidenceVerify(evidence, line);
  CLI::App& replay = AddGroup(line.app, "replay", "Questions that only the whole history answers");
  AddReplayDiff(replay, line);
  AddReplayWhatIf(replay, line);
  AddReplayVerify(replay, line);
  AddReplayRebuild(replay, line);
  AddReplayReturn(replay, line);
  AddReplayBisect(replay, line);
  AddReplayExport(replay, line);
  AddReplaySnapshot(replay, line);
  AddReplayRestore(replay, line);
  CLI::App& rules = AddGroup(line.app, "rules", "The rules by which records are decided");
  AddRulesShow(rules, line);
  AddRulesActivate(rules, line);
  AddVerify(line.app, line);
  AddRebuild(line.app, line);
  AddCompletion(line.app, line);
  AddVersion(line.app, line);
}

}  // namespace conntrail
