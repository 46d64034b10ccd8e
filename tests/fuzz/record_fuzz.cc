// Any bytes as records of a log. The input is a sequence of them, each with its length in two bytes
// before it; the org of each is opened first, or hardly any would come beyond "misrouted".
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "events/base/check.h"
#include "events/event_codec.h"
#include "projections/record_folder.h"
#include "projections/state_digest.h"
#include "projections/store/memory_store.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};
constexpr Uuid kLogId{1, 2};
constexpr size_t kRecordsMax = 64;

std::vector<Bytes> RecordsIn(std::string_view input) {
  std::vector<Bytes> records;
  std::set<OrgId> opened;
  while (input.size() >= 2 && records.size() < kRecordsMax) {
    const size_t length = std::min(ReadBigEndian(input.substr(0, 2)), input.size() - 2);
    const ByteSpan payload = AsBytes(input.substr(2, length));
    input.remove_prefix(2 + length);
    const DecodedEvent decoded = DecodeEvent(payload);
    const OrgId org = decoded.event.org;
    if (decoded.fault == DecodeFault::kNone && !org.uuid.is_nil() && opened.insert(org).second) {
      Event opening;
      opening.id = {{opened.size(), 3}};
      opening.org = org;
      opening.authority = Authority::kLog;
      opening.action = OrgOpened{"org " + std::to_string(opened.size())};
      records.push_back(EncodeEvent(opening));
    }
    records.push_back(ToBytes(payload));
  }
  return records;
}

uint64_t TrailRows(const Store& store) {
  uint64_t rows = 0;
  const auto at = store.NewSnapshot()->NewIterator(Family::kTrail);
  for (at->Seek(""); at->Valid(); at->Next()) ++rows;
  return rows;
}

// Folds `records` up to the first that this build must not fold; returns how many those are. With
// `reopens`, everything that is remembered comes from the store each time.
uint64_t FoldInto(MemoryStore& store, const std::vector<Bytes>& records, bool reopens) {
  std::unique_ptr<RecordFolder> folder;
  WriteBatch batch;
  uint64_t folded = 0;
  for (const Bytes& payload : records) {
    if (folder == nullptr || reopens) {
      folder = std::make_unique<RecordFolder>(kPartition, kLogId, &store,
                                              RecordFolder::Options{.cached_entities_max = 0});
      CONNTRAIL_CHECK(folder->Load().ok());
    }
    LogRecord record;
    record.offset = Offset(folded);
    record.append_time_ms = 1'700'000'000'000 + static_cast<UnixMs>(folded) * 400;
    record.payload = payload;
    batch.Clear();
    const Result<FoldedRecord> one = folder->Fold(record, batch);
    if (!one.ok()) {
      CONNTRAIL_CHECK(one.status().code() == StatusCode::kFailedPrecondition);
      break;
    }
    CONNTRAIL_CHECK(one->line.verdict != Verdict::kNone);
    folder->WriteState(batch);
    ++folded;
    CONNTRAIL_CHECK(store.Write(batch, kPartition, Offset(folded)).ok());
  }
  return folded;
}

}  // namespace
}  // namespace conntrail

// Each record gets exactly one row in a trail, all rows can be read, and what is remembered does
// not matter.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace conntrail;  // NOLINT: the function cannot stand in a namespace
  const auto records = RecordsIn({reinterpret_cast<const char*>(data), size});
  MemoryStore store;
  const uint64_t folded = FoldInto(store, records, /*reopens=*/false);
  CONNTRAIL_CHECK(TrailRows(store) == folded);
  const Result<StateDigests> digests = ComputeDigests(*store.NewSnapshot(), kPartition);
  CONNTRAIL_CHECK(digests.ok() && digests->records == folded);

  MemoryStore again;
  CONNTRAIL_CHECK(FoldInto(again, records, /*reopens=*/true) == folded);
  CONNTRAIL_CHECK(ComputeDigests(*again.NewSnapshot(), kPartition).value() == *digests);
  return 0;
}
