// How long does it take to import ten years of a real permission history, and to ask about its
// past? The limit: one second for some 20,000 lines is what reading and checking them costs many
// times over.
//
// usage: history_bench [directory with the recorded history]; without one: CONNTRAIL_DATA_DIR

#include <cstdlib>
#include <filesystem>
#include <random>

#include <fmt/format.h>

#include "projections/views/trail_view.h"
#include "tests/bench/measure.h"
#include "tests/bench/or_die.h"
#include "tools/conntrail/import/importer.h"

namespace conntrail::bench {
namespace {

namespace fs = std::filesystem;

void Print(const char* what, const char* target, const Latencies& latencies) {
  fmt::print("  {:40} p50 {:9.1f} us  p99 {:9.1f} us   target {}\n", what, latencies.Percentile(50),
             latencies.Percentile(99), target);
}

void Ask(const OrgView& org) {
  std::mt19937_64 random(1);
  std::vector<Uuid> ids;
  UnixMs first_ms = org.state().effective_time_ms;
  const Status status =
      org.ForEachEntity(EntityKind::kConnection, keys::kPlaceMax, [&](const Entity& entity) {
        ids.push_back(std::get<Connection>(entity).id.uuid);
        first_ms = std::min(first_ms, LifecycleOf(entity)->created.time_ms);
        return true;
      });
  if (!status.ok()) std::exit(1);
  const auto moment = [&]() -> Place {
    const auto span = static_cast<uint64_t>(org.state().effective_time_ms - first_ms);
    return {first_ms + static_cast<UnixMs>(random() % span), keys::kPlaceMax.index};
  };
  Print("one connection as of T", "p99 <= 1 ms", Measure(4000, [&](int) {
          OrDie(org.EntityAt(EntityKind::kConnection, ids[random() % ids.size()], moment()));
        }));
  Print(fmt::format("all {} connections as of T", ids.size()).c_str(), "<= 50 ms",
        Measure(40, [&](int) {
          int seen = 0;
          (void)org.ForEachEntity(EntityKind::kConnection, moment(),
                                  [&](const Entity&) { return ++seen >= 0; });
        }));
  Print("trail search: refused, first page", "p99 <= 5 ms", Measure(400, [&](int) {
          TrailQuery query;
          query.filter.verdicts = TrailFilter::Bit(Verdict::kDenied);
          query.filter.to_ms = moment().time_ms;
          OrDie(SearchTrail(org, query));
        }));
}

void Run(const fs::path& recorded) {
  const fs::path file = recorded / "jenkins-permissions.jsonl.gz";
  if (!fs::exists(file)) {
    fmt::print("history_bench: SKIPPED: {} is not there; name its directory\n", file.string());
    return;
  }
  const fs::path root = fs::temp_directory_path() / fmt::format("history_bench.{}", getpid());
  ImportOptions options;
  options.org = "history";
  options.file = file.string();
  options.uses_file = (recorded / "jenkins-uses.jsonl.gz").string();
  {
    const Stopwatch watch;
    const auto directory = OrDie(DataDirectory::Open(root.string(), {.create = true}));
    const ImportSummary summary = OrDie(Import(directory.get(), options));
    fmt::print(
        "history_bench: {} lines imported, durable and applied, in {:.2f} s ({:.2f} s CPU)"
        "   target <= 3 s\n",
        summary.appended, watch.wall(), watch.cpu());
    const OrgView org = OrDie(directory->View("history"));
    Ask(org);
  }
  fs::remove_all(root);
}

}  // namespace
}  // namespace conntrail::bench

int main(int argc, char** argv) {
  const char* from_environment = std::getenv("CONNTRAIL_DATA_DIR");
  conntrail::bench::Run(argc > 1 ? argv[1] : from_environment != nullptr ? from_environment : "");
}
