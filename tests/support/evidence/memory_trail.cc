#include "tests/support/evidence/memory_trail.h"

#include <algorithm>

#include "projections/merkle/leaf.h"

namespace conntrail {
namespace {

std::string MakeLeaf(uint64_t index, uint64_t seed) {
  merkle::LeafHeader header;
  header.outcome = static_cast<uint8_t>(1 + index % 5);
  header.reason = header.outcome == 3 ? 23 : 0;
  header.rules = 1;
  header.time_ms = 1'700'000'000'000 + index * 250 + seed;
  header.revision = index / 3;
  if (index % 2 == 0) header.slot = static_cast<uint32_t>(index % 97);
  // Of different lengths, and one that is empty.
  const std::string record(index % 41, static_cast<char>('a' + index % 26));
  return merkle::EncodeLeaf(header, AsBytes(record));
}

class Reader final : public evidence::ExportReader {
 public:
  explicit Reader(const MemoryTrail& trail) : trail_(trail) {}

  Status ForEachLeaf(uint64_t begin, uint64_t end, const EachLeaf& each) override {
    for (uint64_t index = begin; index < end; ++index) {
      CONNTRAIL_RETURN_IF_ERROR(each(index, trail_.Leaf(index)));
    }
    return Status::Ok();
  }

  Status ForEachRecord(uint64_t begin, uint64_t end, const EachRecord& each) override {
    for (uint64_t index = begin; index < end; ++index) {
      const std::string number = std::to_string(index);
      evidence::DecodedRecord record;
      record.type = index % 3 == 0 ? "connection.used" : "connection.edited";
      record.members = ",\"event\":{\"number\":" + number + "}";
      record.csv = number + ",\"a \"\"text\"\"\nof two lines\"\r\n";
      record.ocsf_rows = 1 + index % 2;
      for (uint64_t row = 0; row < record.ocsf_rows; ++row) {
        record.ocsf += "{\"time\":" + number + "}\n";
      }
      CONNTRAIL_RETURN_IF_ERROR(each(index, trail_.Leaf(index), record));
    }
    return Status::Ok();
  }

 private:
  const MemoryTrail& trail_;
};

}  // namespace

MemoryTrail::MemoryTrail(uint64_t size, uint64_t seed, uint64_t changed_from) {
  merkle::Hasher hasher;
  nodes_.emplace_back();
  for (uint64_t index = 0; index < size; ++index) {
    leaves_.push_back(MakeLeaf(index, index < changed_from ? 0 : seed));
    nodes_[0].push_back(hasher.Leaf(AsBytes(leaves_.back())));
  }
  while (nodes_.back().size() > 1) {
    const std::vector<merkle::Hash>& below = nodes_.back();
    std::vector<merkle::Hash> level;
    for (size_t i = 0; i + 1 < below.size(); i += 2) {
      level.push_back(hasher.Node(below[i], below[i + 1]));
    }
    nodes_.push_back(std::move(level));
  }
}

Result<merkle::Hash> MemoryTrail::Node(const merkle::NodeId& node) {
  return nodes_[static_cast<size_t>(node.level)][node.index];
}

std::string MemoryTrail::CheckpointAt(uint64_t size) {
  const merkle::SigningKey* const keys[] = {&key};
  return merkle::SignCheckpoint({origin, size, merkle::RootAt(*this, size).value()}, keys);
}

Status MemoryTrail::Export(const std::string& path, uint64_t size, uint64_t begin, uint64_t end,
                           uint64_t from_size) {
  evidence::ExportRequest request;
  request.vkey = vkey();
  request.org_id = "00000000-0000-0000-0000-000000000001";
  request.org_name = "a made-up org";
  request.checkpoint = CheckpointAt(size);
  if (from_size > 0) request.from_checkpoint = CheckpointAt(from_size);
  request.begin = begin;
  request.end = std::min(end, size);
  request.threads = 2;
  CONNTRAIL_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::ExportSink> sink,
                             evidence::MakeExportSink(path));
  return evidence::WriteExport(*this, request, *sink).status();
}

Result<std::unique_ptr<evidence::ExportReader>> MemoryTrail::NewReader() {
  return std::unique_ptr<evidence::ExportReader>(std::make_unique<Reader>(*this));
}

}  // namespace conntrail
