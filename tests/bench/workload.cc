#include "tests/bench/workload.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "events/event_codec.h"
#include "projections/rebuild.h"
#include "tests/bench/or_die.h"

namespace conntrail::bench {
namespace {

constexpr uint64_t kOrgHi = 0x0a00000000005000;
constexpr uint64_t kConnectionHi = 0x0b00000000005000;
constexpr uint64_t kAccountHi = 0x0c00000000005000;
constexpr uint64_t kLo = 0x8000000000000000;

// Spreads small numbers over the id space, as random ids would.
uint64_t Spread(uint64_t n) {
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9u;
  n = (n ^ (n >> 27)) * 0x94d049bb133111ebu;
  return n ^ (n >> 31);
}

std::vector<double> ZipfCumulative(uint32_t n) {
  std::vector<double> sums(n);
  double sum = 0;
  for (uint32_t i = 0; i < n; ++i) sums[i] = sum += 1.0 / (i + 1);
  for (double& s : sums) s /= sum;
  return sums;
}

}  // namespace

Workload::Workload(WorkloadOptions options) : options_(options), random_(options.seed) {
  const std::vector<double> sums = ZipfCumulative(options.orgs);
  of_org_.resize(options.orgs);
  for (uint32_t connection = 0; connection < options.connections; ++connection) {
    // Every org has one at least.
    const double u = static_cast<double>(random_() >> 11) * 0x1.0p-53;
    const uint32_t org =
        connection < options.orgs
            ? connection
            : static_cast<uint32_t>(std::lower_bound(sums.begin(), sums.end(), u) - sums.begin());
    org_of_.push_back(org);
    of_org_[org].push_back(connection);
  }
}

OrgId Workload::Org(uint32_t org) const { return {{kOrgHi, kLo | org}}; }

ConnectionId Workload::Connection(uint32_t connection) const {
  return {{kConnectionHi ^ Spread(connection), kLo | connection}};
}

Principal Workload::Account(uint32_t org, uint32_t number) const {
  return Principal::User({kAccountHi ^ Spread(number), kLo | org});
}

uint32_t Workload::AccountsOf(uint32_t org) const {
  return 5 + static_cast<uint32_t>(of_org_[org].size() / 2);
}

// Uniform over connections, so an org is chosen as often as it has connections.
uint32_t Workload::AnyConnection() { return Roll(options_.connections); }

Event Workload::Envelope(uint32_t org) {
  Event event;
  event.id = {Uuid::FromTime(TimeOf(made_), {random_(), random_()})};
  event.org = Org(org);
  event.authority = Authority::kIntent;
  event.occurred_at_ms = TimeOf(made_);
  event.actor.kind = ActorKind::kPerson;
  event.actor.principal = Account(org, Roll(AccountsOf(org)));
  event.rights = right::kConnectionsWrite | right::kConnectionsResolve;
  event.context.interface = Interface::kApi;
  event.context.source_ip = "198.51.100.7";
  event.context.user_agent = "workflow-runner/3.14 (linux; amd64)";
  event.context.request_id = fmt::format("req-{:016x}", random_());
  event.context.reason = "monthly change of the deployment";
  return event;
}

Event Workload::Create(uint32_t connection) {
  const uint32_t org = org_of_[connection];
  Event event = Envelope(org);
  // A creator that uses and edits it afterwards.
  event.actor.principal = Account(org, connection % AccountsOf(org));
  ConnectionCreated created;
  created.connection = Connection(connection);
  created.fields = {{"integration.base_url", std::string("https://api.example.com/v1")},
                    {"integration.type", std::string("HTTP")},
                    {"name", fmt::format("connection {}", connection)},
                    {"scopes", TextList{"deploy", "read"}},
                    {"tags", TextList{"env:prod", "team:platform"}}};
  event.action = std::move(created);
  return event;
}

Event Workload::Change() {
  const uint32_t connection = AnyConnection();
  const uint32_t org = org_of_[connection];
  Event event = Envelope(org);
  const uint32_t kind = Roll(100);
  // Mostly by its creator, who may; some by others, who may not.
  if (kind < 92) event.actor.principal = Account(org, connection % AccountsOf(org));
  if (kind < 55) {
    ConnectionUsed used;
    used.connection = Connection(connection);
    used.principal = event.actor.principal;
    used.mode = UseMode::kAutomatic;
    used.step = "call the service";
    used.count = 1 + Roll(20);
    event.action = std::move(used);
  } else if (kind < 80) {
    ConnectionEdited edited;
    edited.connection = Connection(connection);
    edited.changes = {
        {"integration.base_url", {}, fmt::format("https://api.example.com/v{}", Roll(9))},
        {"metadata.owner", {}, fmt::format("team {}", Roll(30))}};
    event.action = std::move(edited);
  } else if (kind < 92) {
    PolicyPatched patched;
    patched.connection = Connection(connection);
    const Grant grant{Relation::kResolver, Account(org, Roll(AccountsOf(org)))};
    (Roll(2) == 0 ? patched.added : patched.removed).push_back(grant);
    event.action = std::move(patched);
  } else {
    ConnectionEdited edited;
    edited.connection = Connection(connection);
    edited.changes = {{"name", {}, fmt::format("renamed {}", Roll(1000))}};
    event.action = std::move(edited);
  }
  return event;
}

Event Workload::Next() {
  const uint64_t at = made_;
  Event event;
  if (at < options_.orgs) {
    const uint32_t org = static_cast<uint32_t>(at);
    event.id = {Uuid::FromTime(TimeOf(at), {random_(), random_()})};
    event.org = Org(org);
    event.authority = Authority::kLog;
    event.action = OrgOpened{fmt::format("org {}", org)};
  } else if (at - options_.orgs < options_.connections) {
    event = Create(static_cast<uint32_t>(at - options_.orgs));
  } else {
    event = Change();
  }
  ++made_;
  return event;
}

void BuildStore(Workload& workload, const std::filesystem::path& directory) {
  WorkloadClock clock;
  MemoryLog log(1, clock);
  for (uint64_t i = 0; i < workload.size(); ++i) {
    clock.now_ms = workload.TimeOf(i);
    const Event event = workload.Next();
    OrDie(log.Append(PartitionId(0), event.org, EncodeEvent(event)));
  }
  const Status status = BuildProjection(log, PartitionId(0), directory, {}, nullptr);
  if (!status.ok()) Fail(status);
}

}  // namespace conntrail::bench
