#include <fmt/format.h>

#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {};

// Of the projection as it is; empty texts if it cannot be read, which is why one may rebuild it.
StateDigests DigestsNow(Session& session, DataDirectory& directory) {
  auto digests = directory.Digests();
  if (digests.ok()) return std::move(digests).value();
  session.Note("before: " + digests.status().message());
  return {};
}

void WriteDigests(JsonWriter& out, std::string_view name, const StateDigests& digests) {
  out.Name(name);
  out.BeginObject();
  out.Name("outcomes");
  out.Text(digests.outcomes);
  out.Name("state");
  out.Text(digests.state);
  out.EndObject();
}

Result<ExitCode> Run(Session& session, const Options&) {
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.Directory());
  const StateDigests before = DigestsNow(session, *directory);
  Progress progress("rebuilding", session.settings().quiet);
  CONNTRAIL_RETURN_IF_ERROR(directory->Rebuild(session.Watch(progress)));
  const double seconds = progress.seconds();
  progress.Finish();
  CONNTRAIL_ASSIGN_OR_RETURN(const StateDigests after, directory->Digests());
  const bool equal = before == after;
  const double rate = seconds > 0 ? static_cast<double>(after.records) / seconds : 0;

  JsonWriter out;
  out.BeginObject();
  WriteDigests(out, "after", after);
  WriteDigests(out, "before", before);
  out.Name("equal");
  out.Bool(equal);
  out.Name("records");
  out.Uint(after.records);
  out.Name("records_per_second");
  out.Uint(static_cast<uint64_t>(rate));
  out.EndObject();
  WriteDocument(session.sink(), session.style(),
                {{"records", std::to_string(after.records)},
                 {"took", fmt::format("{:.2f} s, {:.0f} records/s", seconds, rate)},
                 {"state before", before.state},
                 {"state after", after.state},
                 {"outcomes before", before.outcomes},
                 {"outcomes after", after.outcomes},
                 {"equal", Cell(equal ? "yes" : "no", equal ? Shade::kGood : Shade::kWarning)}},
                out.Take());
  return ExitCode::kOk;
}

}  // namespace

void AddRebuild(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(group, "rebuild",
                           "Makes the answers anew from the log; the old ones serve until then",
                           "  conntrail rebuild --data DIR");
  OnVerb(verb, line, std::make_shared<Options>(), Run);
}

}  // namespace conntrail
