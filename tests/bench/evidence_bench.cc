// What does evidence cost? CPU for each record that is folded, a seal over very many orgs, and the
// proof that one record of very many is there. Measured against hashing alone, which cannot be done
// without: a leaf of 28 + 400 bytes, and one node.
//
// usage: evidence_bench [records of the org that proofs are made for]

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>

#include <fmt/format.h>

#include "projections/evidence/evidence_writer.h"
#include "projections/evidence/org_tree.h"
#include "projections/store/rocksdb_store.h"
#include "tests/bench/measure.h"
#include "tests/bench/or_die.h"
#include "tests/bench/workload.h"

namespace conntrail::bench {
namespace {

namespace fs = std::filesystem;
constexpr PartitionId kPartition{0};
constexpr size_t kEventBytes = 400;

double hash_us = 0;

void MeasureHashes() {
  constexpr int kTimes = 2'000'000;
  const std::string leaf(merkle::kLeafHeaderBytes + kEventBytes, 'e');
  merkle::Hasher hasher;
  merkle::Hash hash{};
  const Stopwatch watch;
  for (int i = 0; i < kTimes; ++i) hash = hasher.Node(hash, hasher.Leaf(AsBytes(leaf)));
  hash_us = watch.cpu() / kTimes * 1e6;
  fmt::print("  {:58} {:8.3f} us CPU, the limit ({:02x})\n", "one leaf and one node hashed",
             hash_us, hash[0]);
}

void MeasureWriter(uint32_t orgs, uint32_t records, uint32_t between_seals) {
  EvidenceWriter writer(kPartition, nullptr);
  const std::string event(kEventBytes, 'e');
  WriteBatch rows;
  for (uint32_t org = 0; org <= orgs; ++org) writer.Append(OrgSlot(org), {}, AsBytes(event));
  std::mt19937 random(1);
  const Stopwatch watch;
  uint64_t seals = 0;
  for (uint32_t i = 0; i < records; ++i) {
    writer.Append(OrgSlot(random() % orgs), {}, AsBytes(event));
    if (i % between_seals == 0) {
      SealRow seal;
      seal.records = orgs + 1 + i + 1;
      seal.slots = orgs + 1;
      writer.Seal(seals++, seal);
    }
    if (i % 8192 != 0) continue;
    writer.TakeRows(rows);
    rows.Clear();
  }
  writer.WriteState(rows);
  const double us = watch.cpu() / records * 1e6;
  fmt::print("  {:58} {:8.3f} us CPU, {:4.1f} x hashing; {:.2f} us wall   target <= 0.6 us\n",
             fmt::format("a record of {} bytes; {} orgs, a seal every {}", kEventBytes, orgs,
                         between_seals),
             us, us / hash_us, watch.wall() / records * 1e6);
}

void MeasureSeal(uint32_t orgs, uint32_t records_each) {
  EvidenceWriter writer(kPartition, nullptr);
  const std::string event(kEventBytes, 'e');
  WriteBatch rows;
  SealRow seal;
  seal.slots = orgs;
  for (uint64_t round = 0; round < 3; ++round) {
    for (uint32_t i = 0; i < records_each; ++i) {
      for (uint32_t org = 0; org < orgs; ++org) writer.Append(OrgSlot(org), {}, AsBytes(event));
    }
    writer.WriteState(rows);
    rows.Clear();
    seal.records = uint64_t{orgs} * records_each * (round + 1);
    writer.Seal(round, seal);
    const Stopwatch watch;
    writer.WriteState(rows);
    rows.Clear();
    fmt::print("  {:58} {:8.1f} ms   target <= 100 ms\n",
               fmt::format("a seal over {} orgs, all changed, {} records each", orgs,
                           records_each * (round + 1)),
               watch.wall() * 1e3);
  }
}

void Print(const std::string& what, const Latencies& latencies, std::string_view target) {
  fmt::print("  {:58} p50 {:8.1f} us  p99 {:8.1f} us   {}\n", what, latencies.Percentile(50),
             latencies.Percentile(99), target);
}

void MeasureProofs(uint64_t records) {
  const fs::path directory =
      fs::temp_directory_path() / fmt::format("conntrail_evidence_bench.{}", ::getpid());
  Workload workload({.orgs = 1, .connections = 2500, .events = records});
  BuildStore(workload, directory);
  {
    const auto store = OrDie(RocksDbStore::Open(directory));
    const OrgView org = OrDie(OrgView::OpenAt(store->NewSnapshot(), {kPartition, OrgSlot(1)}));
    TileCache cache(16384);
    std::mt19937_64 random(1);
    merkle::Hasher hasher;
    const merkle::Hash root =
        OrDie(merkle::RootAt(*std::make_unique<OrgTree>(org), org.state().next_index.value));
    const uint64_t size = org.state().next_index.value;
    const auto prove = [&](int) {
      OrgTree tree(org, &cache);
      OrDie(merkle::InclusionProof(tree, random() % size, size));
    };
    Print(fmt::format("inclusion proof in {} records, nothing cached", size),
          Measure(2000,
                  [&](int) {
                    OrgTree tree(org);
                    OrDie(merkle::InclusionProof(tree, random() % size, size));
                  }),
          "p99 <= 2 ms");
    Measure(50'000, prove);  // warm
    Print(fmt::format("inclusion proof in {} records, tiles cached", size), Measure(50'000, prove),
          "p50 <= 100 us, p99 <= 2 ms");
    Print("consistency proof of two random sizes",
          Measure(2000,
                  [&](int) {
                    OrgTree tree(org, &cache);
                    const uint64_t from = 1 + random() % size;
                    OrDie(merkle::ConsistencyProof(tree, from, size));
                  }),
          "-");
    OrgTree tree(org, &cache);
    const uint64_t index = size / 3;
    const auto proof = OrDie(merkle::InclusionProof(tree, index, size));
    const merkle::Hash leaf = OrDie(tree.Node({0, index}));
    Print("verification of one inclusion proof",
          Measure(20'000,
                  [&](int) {
                    if (!merkle::VerifyInclusion(leaf, index, size, proof, root)) std::abort();
                  }),
          "-");
    constexpr uint64_t kLeaves = 100'000;
    const Stopwatch watch;
    Status read = tree.ForEachLeaf(0, std::min(size, kLeaves), [&](const OrgTree::Leaf& one) {
      hasher.Leaf(AsBytes(one.bytes));
      return Status::Ok();
    });
    if (!read.ok()) Fail(read);
    fmt::print("  {:58} {:8.0f} a second\n", "leaves read from the trail and hashed",
               static_cast<double>(std::min(size, kLeaves)) / watch.wall());
  }
  fs::remove_all(directory);
}

}  // namespace
}  // namespace conntrail::bench

int main(int argc, char** argv) {
  using namespace conntrail::bench;
  const uint64_t records = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  fmt::print(
      "evidence_bench: 2 threads at most, everything in memory but the store of the proofs\n");
  MeasureHashes();
  MeasureWriter(1000, 2'000'000, 10'000);
  MeasureWriter(1000, 2'000'000, 1'000'000);
  MeasureWriter(1, 2'000'000, 10'000);
  MeasureSeal(100'000, 10);
  MeasureProofs(records);
}
