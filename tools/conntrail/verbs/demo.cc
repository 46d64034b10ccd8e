#include <fmt/format.h>

#include "tools/conntrail/demo/cast.h"
#include "tools/conntrail/demo/story.h"
#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

constexpr char kOrg[] = "demo";

struct Options {};

// Tells the time of the story: what is made up carries a made-up time as well, and the demo is the
// same on every day.
class StoryClock final : public Clock {
 public:
  UnixMs Now() const override { return now_ms_; }
  void Set(UnixMs now_ms) { now_ms_ = now_ms; }

 private:
  UnixMs now_ms_ = demo::TimeOf("2026-03-02T08:00:00Z");
};

// A log that has somebody's real records gets no made-up ones.
Status RefuseForeign(Session& session, DataDirectory& directory) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OrgSummary> orgs, session.Orgs());
  uint64_t records = 0;
  for (const PartitionId partition : directory.partitions()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, directory.log().End(partition));
    records += end.value;
  }
  const bool is_ours = orgs.size() == 1 && orgs[0].name == kOrg;
  if (records == 0 || is_ours) return Status::Ok();
  return Status::FailedPrecondition(directory.path() +
                                    " holds other records than the demo's; choose another --data");
}

// How many events of the story the trail has; its record 0 opened the org.
Result<size_t> AlreadyTold(const OrgView& org, const std::vector<demo::Told>& story) {
  const uint64_t records = org.state().next_index.value;
  if (records <= 1) return size_t{0};
  const size_t told = std::min<size_t>(records - 1, story.size());
  CONNTRAIL_ASSIGN_OR_RETURN(const Place last, org.PlaceOf(OrgIndex(told)));
  CONNTRAIL_ASSIGN_OR_RETURN(const TrailRecord record, org.RecordAt(last));
  if (record.line.event == story[told - 1].event.id) return told;
  return Status::FailedPrecondition(
      "the organisation \"demo\" is another build's demo; choose another --data");
}

std::string ValuesText(const std::string& data, size_t added, uint64_t records) {
  return fmt::format(
      "org={}\nconnection={}\nprincipal={}\nmoment={}\nrecords={}\nadded={}\ndata={}\n", kOrg,
      demo::IdOf(demo::Thing::kJiraProd).ToString(), demo::User(demo::Person::kErin).ToString(),
      demo::kMidway, records, added, data);
}

Result<ExitCode> Run(Session& session, const Options&) {
  static StoryClock clock;  // the session outlives this function
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.MakeDirectory(clock));
  CONNTRAIL_RETURN_IF_ERROR(RefuseForeign(session, *directory));
  CONNTRAIL_ASSIGN_OR_RETURN(const OrgId org_id, directory->OpenOrg(kOrg));
  const std::vector<demo::Told> story = demo::Story(org_id);
  size_t told = 0;
  {
    CONNTRAIL_ASSIGN_OR_RETURN(const OrgView org, directory->View(kOrg));
    CONNTRAIL_ASSIGN_OR_RETURN(told, AlreadyTold(org, story));
  }
  const size_t begin = told;
  for (; told < story.size() && SignalCaught() == 0; ++told) {
    clock.Set(story[told].told_ms);
    CONNTRAIL_ASSIGN_OR_RETURN(const FoldedRecord folded, directory->Submit(story[told].event));
    (void)folded;
  }
  session.sink().Write(ValuesText(directory->path(), told - begin, told + 1));
  return ExitCode::kOk;
}

}  // namespace

void AddDemo(CLI::App& group, CommandLine& line) {
  CLI::App& verb =
      AddVerb(group, "demo", "Makes a small made-up organisation to ask questions about",
              "  conntrail demo --data build/demo\n"
              "A second run changes nothing. What it prints as NAME=VALUE are good things to ask "
              "about:\n"
              "  conntrail access what PRINCIPAL --data build/demo");
  OnVerb(verb, line, std::make_shared<Options>(), Run);
}

}  // namespace conntrail
