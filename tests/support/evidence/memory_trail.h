#pragma once

#include <string>
#include <vector>

#include "projections/merkle/checkpoint.h"
#include "projections/merkle/proof.h"
#include "tools/evidence/export_source.h"
#include "tools/evidence/exporter.h"

namespace conntrail {

// A made-up trail that is nowhere but in memory, its tree, and exports of it by the exporter that
// people use. Equal sizes and seeds give equal trails, and each is the beginning of longer ones.
class MemoryTrail final : public evidence::ExportSource, public merkle::NodeSource {
 public:
  // Records from `changed_from` on differ with `seed`: a fork.
  explicit MemoryTrail(uint64_t size, uint64_t seed = 0, uint64_t changed_from = 0);

  const std::string& Leaf(uint64_t index) const { return leaves_[index]; }
  Result<merkle::Hash> Node(const merkle::NodeId& node) override;

  std::string vkey() const { return VerifierKey().ToString(); }
  merkle::VerifierKey VerifierKey() const { return {origin, key.public_key()}; }
  // As it is signed.
  std::string CheckpointAt(uint64_t size);

  // Writes records [begin, end) of the first `size` to a new zip file or directory.
  Status Export(const std::string& path, uint64_t size, uint64_t begin = 0,
                uint64_t end = ~uint64_t{0}, uint64_t from_size = 0);

  Result<std::unique_ptr<evidence::ExportReader>> NewReader() override;
  std::string CsvHead() const override { return "index,text\r\n"; }

  std::string origin = "log.example/test/p0/o1";
  merkle::SigningKey key{merkle::Ed25519Seed{1, 2, 3}};

 private:
  std::vector<std::string> leaves_;
  std::vector<std::vector<merkle::Hash>> nodes_;  // by level
};

}  // namespace conntrail
