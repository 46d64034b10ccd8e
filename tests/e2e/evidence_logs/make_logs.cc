// Writes logs of the given sizes for programs of others to check:
//
//   DIR/vkey                       the verifier key
//   DIR/SIZE/                      an export; each log is the beginning of the larger ones
//   DIR/SIZE-INDEX.tlog-proof      inclusion proofs of some records; the record is in `extra`
//   DIR/SMALLER-SIZE.consistency   consistency proofs, a hash in base64 a line
//
// usage: make_logs DIR SIZE...    sizes must rise

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "projections/merkle/proof.h"
#include "projections/merkle/tlog_proof.h"
#include "tests/support/evidence/memory_trail.h"

namespace conntrail {
namespace {

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void WriteLog(MemoryTrail& trail, const std::string& directory, uint64_t size) {
  const Status status = trail.Export(directory + "/" + std::to_string(size), size);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    std::exit(1);
  }
  const uint64_t chosen[] = {0, 1, 255, 256, size / 2, size - 2, size - 1};
  for (const uint64_t index : chosen) {
    if (index >= size) continue;
    merkle::TlogProof proof{trail.Leaf(index), index,
                            merkle::InclusionProof(trail, index, size).value(),
                            trail.CheckpointAt(size)};
    WriteFile(directory + "/" + std::to_string(size) + "-" + std::to_string(index) + ".tlog-proof",
              merkle::FormatTlogProof(proof));
  }
}

void WriteConsistency(MemoryTrail& trail, const std::string& directory, uint64_t from,
                      uint64_t to) {
  std::string text;
  const std::vector<merkle::Hash> proof = merkle::ConsistencyProof(trail, from, to).value();
  for (const merkle::Hash& hash : proof) {
    text += merkle::HashText(hash) + "\n";
  }
  WriteFile(directory + "/" + std::to_string(from) + "-" + std::to_string(to) + ".consistency",
            text);
}

int Main(int argc, char** argv) {
  const std::string directory = argv[1];
  std::filesystem::create_directories(directory);
  std::vector<uint64_t> sizes;
  for (int i = 2; i < argc; ++i) sizes.push_back(std::strtoull(argv[i], nullptr, 10));
  MemoryTrail trail(sizes.back());
  WriteFile(directory + "/vkey", trail.vkey() + "\n");
  for (size_t i = 0; i < sizes.size(); ++i) {
    WriteLog(trail, directory, sizes[i]);
    for (size_t before = 0; before < i; ++before) {
      WriteConsistency(trail, directory, sizes[before], sizes[i]);
    }
  }
  return 0;
}

}  // namespace
}  // namespace conntrail

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: make_logs DIR SIZE...\n");
    return 2;
  }
  return conntrail::Main(argc, argv);
}
