#pragma once

#include <optional>

#include "tools/conntrail/command_line.h"

// What conntrail can do. Each of these adds one verb, or a verb and those below it, and lives in
// the file of that name.
namespace conntrail {

void AddAllVerbs(CommandLine& line);

// `conntrail evidence verify …` becomes conntrail-verify, which links nothing that writes evidence,
// and does not return; else nullopt. An exit code: that program cannot be run.
std::optional<int> BecomeVerifier(int argc, const char* const* argv);

void AddConnectionsList(CLI::App& group, CommandLine& line);
void AddConnectionsShow(CLI::App& group, CommandLine& line);
void AddConnectionsHistory(CLI::App& group, CommandLine& line);
void AddConnectionsChange(CLI::App& group, CommandLine& line);
void AddPolicy(CLI::App& group, CommandLine& line);
void AddTrailSearch(CLI::App& group, CommandLine& line);
void AddTrailTail(CLI::App& group, CommandLine& line);
void AddAccessWho(CLI::App& group, CommandLine& line);
void AddAccessWhat(CLI::App& group, CommandLine& line);
void AddStateExport(CLI::App& group, CommandLine& line);
void AddLogStat(CLI::App& group, CommandLine& line);
void AddLogDump(CLI::App& group, CommandLine& line);
void AddLogCopy(CLI::App& group, CommandLine& line);
void AddKafkaInit(CLI::App& group, CommandLine& line);
void AddKafkaCheck(CLI::App& group, CommandLine& line);
void AddOutcomesPublish(CLI::App& group, CommandLine& line);
void AddOrgsList(CLI::App& group, CommandLine& line);
void AddProducersList(CLI::App& group, CommandLine& line);
void AddCounts(CLI::App& group, CommandLine& line);
void AddEvidenceInit(CLI::App& group, CommandLine& line);
void AddEvidenceVkey(CLI::App& group, CommandLine& line);
void AddEvidenceExport(CLI::App& group, CommandLine& line);
void AddEvidenceVerify(CLI::App& group, CommandLine& line);
void AddVerify(CLI::App& group, CommandLine& line);
void AddRebuild(CLI::App& group, CommandLine& line);
void AddProjectionSave(CLI::App& group, CommandLine& line);
void AddProjectionRestore(CLI::App& group, CommandLine& line);
void AddReplayDiff(CLI::App& group, CommandLine& line);
void AddReplayWhatIf(CLI::App& group, CommandLine& line);
void AddReplayVerify(CLI::App& group, CommandLine& line);
void AddReplayRebuild(CLI::App& group, CommandLine& line);
void AddReplayReturn(CLI::App& group, CommandLine& line);
void AddReplayBisect(CLI::App& group, CommandLine& line);
void AddReplayExport(CLI::App& group, CommandLine& line);
void AddReplaySnapshot(CLI::App& group, CommandLine& line);
void AddReplayRestore(CLI::App& group, CommandLine& line);
void AddRulesShow(CLI::App& group, CommandLine& line);
void AddRulesActivate(CLI::App& group, CommandLine& line);
void AddImport(CLI::App& group, CommandLine& line);
void AddDemo(CLI::App& group, CommandLine& line);
void AddCompletion(CLI::App& group, CommandLine& line);
void AddVersion(CLI::App& group, CommandLine& line);

}  // namespace conntrail
