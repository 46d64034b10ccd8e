#include <fmt/format.h>

#include "events/log/kafka/kafka_outcomes_topic.h"
#include "tools/conntrail/verbs/kafka_report.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  KafkaLogShape shape;
  bool outcomes = false;
};

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const KafkaSettings settings, TopicAskedFor(session));
  CONNTRAIL_ASSIGN_OR_RETURN(const KafkaReport report, InitKafkaLog(settings, options.shape));
  WriteReport(session, settings, report);
  session.Note(report.was_made ? "the topic was made"
                               : "the topic was there already, as it should");
  if (options.outcomes) {
    CONNTRAIL_ASSIGN_OR_RETURN(const bool was_made, InitOutcomesTopic(settings, options.shape));
    session.Note(fmt::format("the topic {} {}", OutcomesTopicOf(settings.address.topic),
                             was_made ? "was made" : "was there already, as it should"));
  }
  return ExitCode::kOk;
}

}  // namespace

void AddKafkaInit(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "init", "Makes the topic of an event log; one that is there must be as asked for",
      "  conntrail kafka init --log kafka:127.0.0.1:9092/audit\n"
      "  conntrail kafka init --log kafka:a:9092,b:9092/audit --partitions 12 --replicas 3");
  const auto options = std::make_shared<Options>();
  verb.add_option("--partitions", options->shape.partitions, "So many (1)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  verb.add_option("--replicas", options->shape.replicas,
                  "Of each partition; default: three, or as many as there are brokers")
      ->type_name("N")
      ->check(CLI::Range(1, 15));
  verb.add_flag("--outcomes", options->outcomes,
                "Also the topic TOPIC.outcomes, for conntraild --outcomes");
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
