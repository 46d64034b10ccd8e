#include "projections/store/bulk_loader.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "events/base/check.h"
#include "projections/store/row_run.h"
#include "projections/store/sst_output.h"

namespace conntrail {
namespace {

// Holds the runs while the load lasts: where it is, there is no finished store.
constexpr const char* kUnfinishedDir = "unfinished_load";

constexpr size_t kReadBufferBytesMax = size_t{1} << 20;
constexpr size_t kReadBufferBytesMin = size_t{16} << 10;

}  // namespace

struct BulkLoader::Load {
  std::filesystem::path dir;
  std::filesystem::path unfinished;
  Options options;

  WriteBatch filling;
  WriteBatch spilling;  // the background thread's while `spill` is valid
  SortedRows sorted;    // likewise
  std::future<Status> spill;
  std::array<size_t, kFamilyCount> files{};  // run files written, by family

  std::filesystem::path RunPath(size_t family, size_t run) const {
    return unfinished / ("run-" + std::to_string(family) + "-" + std::to_string(run));
  }

  // Waits for the background thread. Afterwards `spilling` is empty.
  Status AwaitSpill() {
    if (!spill.valid()) return Status::Ok();
    Status status = spill.get();
    spilling.Clear();
    return status;
  }

  Status BeginSpill() {
    CONNTRAIL_RETURN_IF_ERROR(AwaitSpill());
    std::swap(filling, spilling);
    spill = std::async(std::launch::async, [this] { return Spill(); });
    return Status::Ok();
  }

  Status Spill() {
    for (const Family family : kFamilies) {
      if (spilling.rows(family).empty()) continue;
      sorted.Assign(spilling.rows(family));
      const auto f = static_cast<size_t>(family);
      CONNTRAIL_RETURN_IF_ERROR(sorted.WriteFile(RunPath(f, files[f]++)));
    }
    return Status::Ok();
  }

  // The files of the final store for `family`, of its run files and of what is still in memory.
  Result<FamilyFiles> Merge(size_t family, const std::map<PartitionId, Offset>& next) {
    SortedRows last;
    last.Assign(filling.rows(static_cast<Family>(family)));
    const size_t buffer_bytes =
        std::clamp(options.memory_bytes_max / 4 / kFamilyCount / (files[family] + 1),
                   kReadBufferBytesMin, kReadBufferBytesMax);
    std::vector<std::unique_ptr<RowSource>> sources;
    for (size_t run = 0; run < files[family]; ++run) {
      CONNTRAIL_ASSIGN_OR_RETURN(sources.emplace_back(),
                                 ReadRunFile(RunPath(family, run), buffer_bytes));
    }
    sources.push_back(last.Rows());
    const std::unique_ptr<RowSource> rows = MergeRows(std::move(sources));
    return WriteFamilyFiles(static_cast<Family>(family), *rows, next, unfinished, options.store,
                            FileUse::kLasting);
  }

  // Merges all families on several threads, the trail first: it has most bytes.
  Result<std::vector<FamilyFiles>> MergeAll(const std::map<PartitionId, Offset>& next) {
    static constexpr std::array kOrder = {Family::kTrail, Family::kHistory, Family::kActor,
                                          Family::kState, Family::kEvidence};
    static_assert(kOrder.size() == kFamilyCount);
    std::vector<FamilyFiles> merged(kFamilyCount);
    std::vector<Status> statuses(kFamilyCount);
    std::atomic<size_t> taken = 0;
    const auto work = [&] {
      for (size_t i = taken++; i < kFamilyCount; i = taken++) {
        Result<FamilyFiles> result = Merge(static_cast<size_t>(kOrder[i]), next);
        statuses[i] = result.status();
        if (result.ok()) merged[i] = std::move(result).value();
      }
    };
    {
      std::vector<std::jthread> threads;
      for (int i = 1; i < options.threads; ++i) threads.emplace_back(work);
      work();
    }
    for (const Status& status : statuses) CONNTRAIL_RETURN_IF_ERROR(status);
    return merged;
  }
};

BulkLoader::BulkLoader(std::unique_ptr<Load> load) : load_(std::move(load)) {}

BulkLoader::~BulkLoader() { (void)load_->AwaitSpill(); }

Result<std::unique_ptr<BulkLoader>> BulkLoader::Create(const std::filesystem::path& dir,
                                                       const Options& options) {
  auto load = std::make_unique<Load>();
  load->dir = dir;
  load->unfinished = dir / kUnfinishedDir;
  load->options = options;

  if (IsUnfinished(dir)) {
    return Status::FailedPrecondition(
        "a bulk load into " + dir.string() +
        " was begun and never finished; remove the directory and load again");
  }
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (!error && !std::filesystem::is_empty(dir, error) && !error) {
    return Status::FailedPrecondition("a bulk load needs an empty directory: " + dir.string());
  }
  if (!error) std::filesystem::create_directory(load->unfinished, error);
  if (error) return Status::Io("preparing " + dir.string() + ": " + error.message());
  return std::unique_ptr<BulkLoader>(new BulkLoader(std::move(load)));
}

bool BulkLoader::IsUnfinished(const std::filesystem::path& dir) {
  std::error_code ignored;
  return std::filesystem::exists(dir / kUnfinishedDir, ignored);
}

WriteBatch& BulkLoader::rows() { return load_->filling; }

Status BulkLoader::PutAsideIfFull() {
  // One half fills while the other is sorted and written.
  if (load_->filling.bytes() < load_->options.memory_bytes_max / 2) return Status::Ok();
  return load_->BeginSpill();
}

Status BulkLoader::Finish(const std::map<PartitionId, Offset>& next) {
  CONNTRAIL_CHECK(!next.empty());
  CONNTRAIL_RETURN_IF_ERROR(load_->AwaitSpill());
  load_->spilling = {};
  load_->sorted = {};
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<FamilyFiles> files, load_->MergeAll(next));
  CONNTRAIL_RETURN_IF_ERROR(AssembleStore(load_->dir, files, load_->options.store));
  std::error_code error;
  std::filesystem::remove_all(load_->unfinished, error);
  if (error) return Status::Io("removing " + load_->unfinished.string() + ": " + error.message());
  return Status::Ok();
}

}  // namespace conntrail
