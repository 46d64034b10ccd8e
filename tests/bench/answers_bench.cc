// How long do answers take, in process, on a warm store? Measured against one seek of the store,
// which no answer can do without.
//
// usage: answers_bench [events]

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "events/event_codec.h"
#include "projections/rebuild.h"
#include "projections/store/rocksdb_store.h"
#include "projections/views/access_view.h"
#include "projections/views/connection_view.h"
#include "projections/views/trail_view.h"
#include "tests/bench/measure.h"
#include "tests/bench/or_die.h"
#include "tests/bench/workload.h"

namespace conntrail::bench {
namespace {

namespace fs = std::filesystem;
constexpr PartitionId kPartition{0};
constexpr int kTimes = 50'000;

// A question is asked of the org that the load would choose: big ones often.
class Questions {
 public:
  Questions(Workload& workload, const Store& store) : workload_(workload) {
    const std::shared_ptr<const StoreSnapshot> snapshot = store.NewSnapshot();
    const std::vector<OrgState> orgs = OrDie(OrgView::ListOrgs(*snapshot, kPartition));
    for (uint32_t org = 0; org < workload.options().orgs; ++org) {
      orgs_.push_back(OrDie(OrgView::Open(snapshot, kPartition, workload.Org(org).ToString())));
    }
  }

  uint32_t Connection() { return workload_.AnyConnection(); }
  const OrgView& OrgOf(uint32_t connection) const {
    return orgs_[workload_.OrgOfConnection(connection)];
  }
  const OrgView& Org(uint32_t org) const { return orgs_[org]; }
  ConnectionId Id(uint32_t connection) const { return workload_.Connection(connection); }
  Principal CreatorOf(uint32_t connection) const {
    const uint32_t org = workload_.OrgOfConnection(connection);
    return workload_.Account(org, connection % workload_.AccountsOf(org));
  }
  UnixMs Moment() {
    return workload_.TimeOf(workload_.AnyConnection() * workload_.size() /
                            workload_.options().connections);
  }
  // The org whose number of connections is nearest to `size`.
  uint32_t OrgOfSize(size_t size) const {
    uint32_t best = 0;
    const auto off = [&](uint32_t org) {
      const auto n = static_cast<int64_t>(workload_.ConnectionsOf(org).size());
      return std::abs(n - static_cast<int64_t>(size));
    };
    for (uint32_t org = 1; org < workload_.options().orgs; ++org) {
      if (off(org) < off(best)) best = org;
    }
    return best;
  }
  size_t SizeOf(uint32_t org) const { return workload_.ConnectionsOf(org).size(); }

 private:
  Workload& workload_;
  std::vector<OrgView> orgs_;
};

double seek_us = 0;

template <typename Ask>
void Print(const char* what, const char* target, Ask ask, int times = kTimes) {
  Measure(times, ask);  // warm
  const Latencies latencies = Measure(times, ask);
  fmt::print("  {:46} p50 {:8.1f} us  p99 {:8.1f} us  {:6.1f} x seek   target {}\n", what,
             latencies.Percentile(50), latencies.Percentile(99),
             seek_us == 0 ? 1.0 : latencies.Percentile(50) / seek_us, target);
  if (seek_us == 0) seek_us = latencies.Percentile(50);
}

TrailQuery Last50() {
  TrailQuery query;
  query.limit = 50;
  return query;
}

void AskAll(Questions& q) {
  Print("one seek in the history (the limit)", "-", [&](int) {
    const uint32_t c = q.Connection();
    const OrgView& org = q.OrgOf(c);
    const auto rows = org.snapshot().NewIterator(Family::kHistory);
    rows->Seek(
        keys::History(org.address(), EntityKind::kConnection, q.Id(c).uuid, keys::kPlaceMax));
  });
  Print("current state of a connection", "p50 <= 5 us", [&](int) {
    const uint32_t c = q.Connection();
    OrDie(FindConnection(q.OrgOf(c), q.Id(c), Moment::Now()));
  });
  Print("last 50 of a connection", "p50 <= 30 us", [&](int) {
    const uint32_t c = q.Connection();
    TrailQuery query = Last50();
    query.filter.subject = KeyOf(q.Id(c));
    OrDie(SearchTrail(q.OrgOf(c), query));
  });
  Print("last 50 of a connection, with differences", "-", [&](int) {
    const uint32_t c = q.Connection();
    HistoryQuery query;
    query.id = q.Id(c).uuid;
    OrDie(ReadHistory(q.OrgOf(c), query));
  });
  Print("last 50 of an actor", "p50 <= 80 us", [&](int) {
    const uint32_t c = q.Connection();
    TrailQuery query = Last50();
    query.filter.actor = q.CreatorOf(c).id;
    OrDie(SearchTrail(q.OrgOf(c), query));
  });
  Print("50 of an org before T", "p50 <= 80 us", [&](int) {
    TrailQuery query = Last50();
    query.filter.to_ms = q.Moment();
    OrDie(SearchTrail(q.OrgOf(q.Connection()), query));
  });
  Print("one connection as of T", "p50 <= 12 us, p99 <= 1 ms", [&](int) {
    const uint32_t c = q.Connection();
    OrDie(q.OrgOf(c).EntityAt(EntityKind::kConnection, q.Id(c).uuid,
                              {q.Moment(), keys::kPlaceMax.index}));
  });
  const uint32_t middle = q.OrgOfSize(68);
  const std::string org68 = fmt::format("an org of {} connections as of T", q.SizeOf(middle));
  Print(org68.c_str(), "p50 <= 300 us", [&](int) {
    int seen = 0;
    const Status status =
        q.Org(middle).ForEachEntity(EntityKind::kConnection, {q.Moment(), keys::kPlaceMax.index},
                                    [&](const Entity&) { return ++seen >= 0; });
    if (!status.ok()) std::exit(1);
  });
  const uint32_t large = q.OrgOfSize(2500);
  const std::string org2500 = fmt::format("an org of {} connections as of T", q.SizeOf(large));
  Print(
      org2500.c_str(), "<= 50 ms",
      [&](int) {
        int seen = 0;
        const Status status =
            q.Org(large).ForEachEntity(EntityKind::kConnection, {q.Moment(), keys::kPlaceMax.index},
                                       [&](const Entity&) { return ++seen >= 0; });
        if (!status.ok()) std::exit(1);
      },
      40);
  Print("who can use a connection", "-", [&](int) {
    const uint32_t c = q.Connection();
    OrDie(WhoCan(q.OrgOf(c), q.Id(c), Relation::kResolver, Moment::Now()));
  });
  Print(
      "trail search: refused, first page, largest org", "p99 <= 5 ms",
      [&](int) {
        TrailQuery query = Last50();
        query.filter.verdicts = TrailFilter::Bit(Verdict::kDenied);
        OrDie(SearchTrail(q.Org(0), query));
      },
      400);
  Print(
      "trail search: type that never came, largest org", "p99 <= 5 ms",
      [&](int) {
        TrailQuery query = Last50();
        query.filter.types = TrailFilter::Bit(EventType::kConnectionDeleted);
        OrDie(SearchTrail(q.Org(0), query));
      },
      400);
  Print(
      "trail search: created, oldest first, largest org", "p99 <= 5 ms",
      [&](int) {
        TrailQuery query = Last50();
        query.newest_first = false;
        query.filter.types = TrailFilter::Bit(EventType::kConnectionCreated);
        OrDie(SearchTrail(q.Org(0), query));
      },
      400);
}

void Run(uint64_t events) {
  Workload workload({.events = events});
  const fs::path root = fs::temp_directory_path() / fmt::format("answers_bench.{}", getpid());
  BuildStore(workload, root);
  const auto store = OrDie(RocksDbStore::Open(root));
  fmt::print("answers_bench: {} events, {} orgs (Zipf), {} connections, warm\n", workload.size(),
             workload.options().orgs, workload.options().connections);
  {
    Questions questions(workload, *store);
    AskAll(questions);
  }
  fs::remove_all(root);
}

}  // namespace
}  // namespace conntrail::bench

int main(int argc, char** argv) {
  conntrail::bench::Run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000);
}
