// How long does a page of 100 audit events take, in process, on a warm store? Measured against the
// limit of 10 ms for the slowest of a hundred at 5 million events, rendering included.
//
// usage: audit_search_bench [events]

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "events/event_codec.h"
#include "projections/rebuild.h"
#include "projections/store/rocksdb_store.h"
#include "services/api/audit/audit_search.h"
#include "tests/bench/measure.h"
#include "tests/bench/or_die.h"
#include "tests/bench/workload.h"

namespace conntrail::bench {
namespace {

namespace fs = std::filesystem;
constexpr PartitionId kPartition{0};
constexpr int kTimes = 200;

// One page of 100 of the largest org, from the whole of its trail.
void Ask(const OrgView& org, const std::string& query, const char* what, bool newest_first = true) {
  const auto parsed = api::ReadAuditParameters({{"filter[query]", query},
                                                {"filter[from]", "0"},
                                                {"sort", newest_first ? "-timestamp" : "timestamp"},
                                                {"page[limit]", "100"}},
                                               kTimeMsMax);
  if (!parsed.ok()) OrDie(Result<int>(Status::InvalidArgument(parsed.fault().detail)));
  size_t rows = 0;
  bool is_whole = true;
  const auto search = [&](int) {
    const Stopwatch watch;
    api::AuditSearchOptions options;
    options.elapsed_ms = [&] { return static_cast<int64_t>(watch.wall() * 1000); };
    const api::AuditPage page = OrDie(api::SearchAudit(org, *parsed, options));
    rows = page.rows;
    is_whole = page.is_whole;
  };
  Measure(3, search);  // warm
  const Latencies latencies = Measure(kTimes, search);
  fmt::print("  {:44} p50 {:7.2f} ms  p99 {:7.2f} ms  {:4} rows{}\n", what,
             latencies.Percentile(50) / 1000, latencies.Percentile(99) / 1000, rows,
             is_whole ? "" : "  out of budget");
}

void Run(uint64_t events) {
  Workload workload({.orgs = 100, .events = events});
  const fs::path root = fs::temp_directory_path() / fmt::format("audit_search_bench.{}", getpid());
  BuildStore(workload, root);
  const auto store = OrDie(RocksDbStore::Open(root));
  {
    const std::shared_ptr<const StoreSnapshot> snapshot = store->NewSnapshot();
    const OrgView org = OrDie(OrgView::Open(snapshot, kPartition, workload.Org(0).ToString()));
    fmt::print("audit_search_bench: {} events, of the largest org {}; limit: p99 10 ms at 5M\n",
               workload.size(), org.state().next_index.value);
    const std::string connection = workload.Connection(workload.ConnectionsOf(0)[1]).ToString();
    const std::string account = workload.Account(0, 1).id.ToString();
    Ask(org, "", "everything, newest first");
    Ask(org, "", "everything, oldest first", false);
    Ask(org, "@asset.id:" + connection, "one connection");
    Ask(org, "@usr.uuid:" + account, "one account");
    Ask(org, "@usr.uuid:" + account + " @action:modified", "one account's changes");
    Ask(org, "@conntrail.verdict:denied", "refused");
    Ask(org, "@asset.type:restriction_policy @action:(modified OR deleted)", "policies");
    Ask(org, "@evt.name:\"Custom Connections\" @action:created", "created, newest first");
    Ask(org, "@action:deleted", "a type that may never have come");
    Ask(org, "status:warn connection", "refused, and a word of the message");
    Ask(org, "connection -@action:completed", "a word, but no uses");
  }
  fs::remove_all(root);
}

}  // namespace
}  // namespace conntrail::bench

int main(int argc, char** argv) {
  conntrail::bench::Run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000);
}
