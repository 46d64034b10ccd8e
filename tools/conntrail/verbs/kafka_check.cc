#include "tools/conntrail/verbs/kafka_report.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {};

Result<ExitCode> Run(Session& session, const Options&) {
  CONNTRAIL_ASSIGN_OR_RETURN(const KafkaSettings settings, TopicAskedFor(session));
  CONNTRAIL_ASSIGN_OR_RETURN(const KafkaReport report, CheckKafkaLog(settings));
  if (!report.topic) {
    return Status::NotFound("there is no topic " + settings.address.topic + " at " +
                            settings.address.bootstrap + "; conntrail kafka init makes it");
  }
  WriteReport(session, settings, report);
  const bool is_sound = report.log_id && Unaccepted(report.findings, settings.accepted).empty();
  return is_sound ? ExitCode::kOk : ExitCode::kBusy;
}

}  // namespace

void AddKafkaCheck(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "check", "Whether a topic is safe as an event log; 4 if something speaks against it",
      "  conntrail kafka check --log kafka:127.0.0.1:9092/audit --output json");
  OnVerb(verb, line, std::make_shared<Options>(), Run);
}

}  // namespace conntrail
