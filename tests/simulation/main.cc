// conntrail_simulation: runs simulations by seed; see simulation.h.

#include <chrono>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tests/simulation/simulation.h"

namespace conntrail {
namespace {

struct Options {
  std::string seeds = "0..999";
  bool verbose = false;
  std::string plant;
};

int Run(const Options& options, uint64_t from, uint64_t to) {
  const PlantedFault fault =
      options.plant.empty() ? PlantedFault::kNone : *ParsePlantedFault(options.plant);
  const auto begin = std::chrono::steady_clock::now();
  SimulationCounts counts;
  uint64_t failures = 0;
  for (uint64_t seed = from; seed <= to; ++seed) {
    const SimulationReport report = Simulate(seed, fault, options.verbose);
    counts.Add(report.counts);
    if (report.failure.empty()) continue;
    if (++failures > 10) continue;  // the first ones tell enough
    fmt::print("seed {}: {}\n  repeat: conntrail_simulation --seed {} --verbose{}\n", seed,
               report.failure, seed, options.plant.empty() ? "" : " --plant " + options.plant);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  fmt::print("{} seeds, {} failed, {:.1f} s\n{}\n", to - from + 1, failures, took.count(),
             counts.ToString());
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace conntrail

int main(int argc, char** argv) {
  CLI::App app("Gateways, log, projector and store of conntrail under faults, by seed.");
  conntrail::Options options;
  std::optional<uint64_t> seed;
  app.add_option("--seeds", options.seeds, "FROM..TO, both included")->capture_default_str();
  app.add_option("--seed", seed, "Only this one");
  app.add_flag("--verbose", options.verbose, "Print each step");
  app.add_option("--plant", options.plant, "Plant a bug that is to be found")
      ->check(CLI::IsMember({"skip", "twice", "early"}));
  CLI11_PARSE(app, argc, argv);

  uint64_t from = seed.value_or(0);
  uint64_t to = from;
  if (!seed && std::sscanf(options.seeds.c_str(), "%lu..%lu", &from, &to) != 2) {
    fmt::print(stderr, "--seeds takes FROM..TO, not '{}'\n", options.seeds);
    return 2;
  }
  return conntrail::Run(options, from, to);
}
