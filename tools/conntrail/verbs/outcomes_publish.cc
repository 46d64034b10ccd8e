#include <fmt/format.h>

#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {};

Result<ExitCode> Run(Session& session, const Options&) {
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.Directory());
  Progress progress("publishing", session.settings().quiet);
  CONNTRAIL_RETURN_IF_ERROR(directory->PublishOutcomes(session.Watch(progress)));
  progress.Finish();
  uint64_t records = 0;
  for (const PartitionId partition : directory->partitions()) {
    records += directory->projection(partition).projector().next().value;
  }
  JsonWriter out;
  out.BeginObject();
  out.Name("records");
  out.Uint(records);
  out.Name("topic");
  out.Text(directory->outcomes()->name());
  out.EndObject();
  WriteDocument(session.sink(), session.style(),
                {{"topic", directory->outcomes()->name()}, {"records", std::to_string(records)}},
                out.Take());
  return ExitCode::kOk;
}

}  // namespace

void AddOutcomesPublish(CLI::App& group, CommandLine& line) {
  CLI::App& verb =
      AddVerb(group, "publish",
              "Publishes what became of all records, again where it was before; whoever reads "
              "them skips what they have. For a data directory that conntraild --outcomes has "
              "opened before",
              "  conntrail outcomes publish --data DIR");
  OnVerb(verb, line, std::make_shared<Options>(), Run);
}

}  // namespace conntrail
