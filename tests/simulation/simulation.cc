#include "tests/simulation/simulation.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "events/base/check.h"
#include "events/log/memory_log.h"
#include "projections/projector.h"
#include "tests/simulation/gateway.h"
#include "tests/simulation/verdicts.h"
#include "tests/support/faulty_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/names.h"
#include "tests/support/random_events.h"
#include "tests/support/store_rows.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};
// All times lie so close together that every retry is inside the idempotency window.
constexpr UnixMs kEarliestMs = kNoonMs - 6 * kHourMs;
constexpr UnixMs kLatestMs = kNoonMs + 12 * kHourMs;

class World {
 public:
  World(uint64_t seed, PlantedFault fault, bool verbose)
      : random_(seed),
        verbose_(verbose),
        for_gateways_(LogOfGateways(log_, fault)),
        for_projector_(LogOfProjector(log_, fault, Offset(2 + random_.Number(100)))) {}

  SimulationReport Run();

 private:
  void Step();
  void GatewayActs();
  void ProjectorActs();
  void SomethingBreaks();
  void SomebodyElseAppends();
  void Crash(bool machine);
  void Jump();
  void Repair();
  void Say(std::string_view what) const {
    if (verbose_) fmt::print("{:>10} {}\n", clock_.Now() - kNoonMs, what);
  }

  RandomEvents random_;
  const bool verbose_;
  ManualClock clock_;
  MemoryLog durable_log_{1, clock_, IdNamed("log")};
  FaultyLog log_{durable_log_};
  FaultyStore store_;
  std::unique_ptr<EventLog> for_gateways_;
  std::unique_ptr<EventLog> for_projector_;
  std::unique_ptr<Projector> projector_;  // null: its process is dead
  std::array<Gateway, 3> gateways_;
  SimulationCounts counts_;
  std::string failure_;
};

void World::GatewayActs() {
  const uint64_t number = random_.Number(gateways_.size());
  Gateway& gateway = gateways_[number];
  if (!gateway.is_sending()) {
    gateway.Send(random_.Chance(4) ? random_.Opening(random_.Number(2))
                                   : random_.Next(clock_.Now()));
  }
  const bool acknowledged = gateway.Try(*for_gateways_);
  Say(fmt::format("gateway {} appends: {}", number, acknowledged ? "acknowledged" : "unknown"));
}

void World::ProjectorActs() {
  if (projector_ == nullptr) {
    const Projector::Options options{.folder = {.cached_entities_max = random_.Number(8)},
                                     .batch_records_max = 1 + random_.Number(6)};
    auto opened = Projector::Open(*for_projector_, store_, kPartition, options);
    if (!opened.ok()) {
      failure_ = "the projector does not open: " + opened.status().ToString();
      return;
    }
    projector_ = std::move(*opened);
    projector_->set_listener([this](const std::vector<FoldedRecord>& folded) {
      for (const FoldedRecord& record : folded) {
        for (Gateway& gateway : gateways_) gateway.Hear(record);
      }
    });
  }
  const Result<size_t> applied = projector_->Step();
  Say(fmt::format("projector steps: {}",
                  applied.ok() ? std::to_string(*applied) : applied.status().ToString()));
  if (applied.ok()) return;
  if (applied.status().code() != StatusCode::kIo) failure_ = applied.status().ToString();
  ++counts_.write_failures;
  projector_.reset();
}

void World::SomethingBreaks() {
  switch (random_.Number(4)) {
    case 0:
      return store_.FailAfter(random_.Number(3),
                              random_.Chance(50) ? WriteFault::kLost : WriteFault::kKept);
    case 1:
      return log_.FailNext(AppendFault::kLost);
    case 2:
      return log_.FailNext(AppendFault::kKept);
    default:
      return log_.FailNext(AppendFault::kInDoubt);
  }
}

void World::SomebodyElseAppends() {
  Event seal = random_.Opening(0);
  seal.org = {};
  seal.action = Seal{};
  const Bytes payload =
      random_.Chance(50) ? EncodeEvent(seal) : ToBytes(AsBytes(random_.Garbage()));
  (void)log_.Append(kPartition, {}, payload);  // nobody cares for the answer
}

// The projector's process dies; with `machine` also the log's, and what no disk has seen is gone.
void World::Crash(bool machine) {
  ++counts_.crashes;
  projector_.reset();
  if (!machine) return Say("the projector dies");
  const size_t torn = random_.Number(log_.in_doubt() + 1);
  const size_t unwritten = random_.Number(store_.unflushed() + 1);
  counts_.torn_records += torn;
  counts_.lost_writes += unwritten;
  Say(fmt::format("the machine dies: {} records torn, {} writes lost", torn, unwritten));
  log_.Crash(log_.in_doubt() - torn);
  store_.Crash(store_.unflushed() - unwritten);
}

void World::Jump() {
  const auto by_ms = static_cast<UnixMs>(random_.Number(2 * kHourMs)) - kHourMs;
  clock_.Set(std::clamp(clock_.Now() + by_ms, kEarliestMs, kLatestMs));
  Say("the clock jumps");
}

void World::Step() {
  clock_.Set(std::min(clock_.Now() + static_cast<UnixMs>(random_.Number(2000)), kLatestMs));
  const uint64_t choice = random_.Number(100);
  if (choice < 50) return GatewayActs();
  if (choice < 70) return ProjectorActs();
  if (choice < 85) return SomethingBreaks();
  if (choice < 89) return SomebodyElseAppends();
  if (choice < 92) return Jump();
  if (choice < 95) return (void)store_.Flush();
  Crash(choice < 98);
}

// No more faults: everybody finishes what they have begun.
void World::Repair() {
  Say("repair");
  for (Gateway& gateway : gateways_) {
    for (int attempt = 0; !gateway.Try(*for_gateways_); ++attempt) CONNTRAIL_CHECK(attempt < 3);
  }
  if (random_.Chance(50)) Crash(true);
  const auto is_behind = [&] {
    return projector_ == nullptr || projector_->next() < *for_projector_->End(kPartition);
  };
  for (int attempt = 0; failure_.empty() && is_behind(); ++attempt) {
    ProjectorActs();
    CONNTRAIL_CHECK(attempt < 10'000);
  }
}

SimulationReport World::Run() {
  const uint64_t steps = 100 + random_.Number(600);
  for (uint64_t step = 0; step < steps && failure_.empty(); ++step) Step();
  if (failure_.empty()) Repair();
  if (failure_.empty()) failure_ = DifferenceFromReplay(store_, durable_log_);
  const TrailsByOrg trails = TrailsOf(store_);
  for (const Gateway& gateway : gateways_) {
    if (failure_.empty()) failure_ = WrongAcknowledgement(gateway, durable_log_, trails);
    if (failure_.empty()) failure_ = WrongAnswer(gateway, trails);
    counts_.acknowledged += gateway.acknowledged().size();
    counts_.answers += gateway.answers().size();
    counts_.retries += gateway.retries();
  }
  counts_.records = durable_log_.End(kPartition)->value;
  counts_.duplicates = CountOf(Verdict::kDuplicate, trails);
  return {failure_, counts_};
}

}  // namespace

void SimulationCounts::Add(const SimulationCounts& other) {
  records += other.records;
  acknowledged += other.acknowledged;
  retries += other.retries;
  duplicates += other.duplicates;
  answers += other.answers;
  crashes += other.crashes;
  torn_records += other.torn_records;
  lost_writes += other.lost_writes;
  write_failures += other.write_failures;
}

std::string SimulationCounts::ToString() const {
  return fmt::format(
      "{} records, {} acknowledged, {} appends of unknown fate, {} duplicates, {} answers, "
      "{} crashes, {} torn records, {} lost writes, {} failed writes",
      records, acknowledged, retries, duplicates, answers, crashes, torn_records, lost_writes,
      write_failures);
}

SimulationReport Simulate(uint64_t seed, PlantedFault fault, bool verbose) {
  return World(seed, fault, verbose).Run();
}

}  // namespace conntrail
