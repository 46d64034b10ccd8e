#include "projections/replay/verification.h"

#include <algorithm>
#include <atomic>
#include <span>
#include <thread>

#include <fmt/format.h>

#include "events/base/bytes.h"
#include "events/base/check.h"
#include "projections/evidence/org_tree.h"
#include "projections/evidence/sealed_heads.h"
#include "projections/merkle/checkpoint.h"
#include "projections/projector.h"
#include "projections/replay/log_prefix.h"
#include "projections/replay/row_compare.h"
#include "projections/store/rocksdb_store.h"
#include "projections/store/row_codec.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

std::string TextOf(const TreeHead& head) {
  return fmt::format("{} records, root {}", head.size, merkle::HashText(head.root));
}

std::string TextOf(const std::optional<SealedHead>& sealed) {
  return sealed ? TextOf(sealed->head) : "none";
}

std::string TextOf(const std::optional<SealRow>& seal) {
  if (!seal) return "none";
  return fmt::format("{} records, {} orgs, appended {}, heads root {}", seal->records, seal->slots,
                     seal->append_time_ms, merkle::HashText(seal->heads_root));
}

// Of so much memory for one fold; what is not told stays as it is.
RocksDbStore::Options StoreWithin(size_t bytes) {
  RocksDbStore::Options options;
  if (bytes == 0) return options;
  options.block_cache_bytes = std::max<size_t>(bytes / 4, 1 << 20);
  options.write_buffers_bytes_max = std::max<size_t>(bytes / 4, 1 << 20);
  options.write_buffer_bytes = std::clamp<size_t>(bytes / 16, 64 << 10, options.write_buffer_bytes);
  return options;
}

Projector::Options FoldWithin(size_t bytes, uint64_t records_per_second_max) {
  constexpr size_t kEntityBytes = 512;
  Projector::Options options;
  if (bytes > 0) {
    options.batch_bytes_max = std::clamp<size_t>(bytes / 8, 256 << 10, options.batch_bytes_max);
    options.read_bytes_max = std::clamp<size_t>(bytes / 16, 64 << 10, options.read_bytes_max);
    options.folder.cached_entities_max =
        std::clamp<size_t>(bytes / 4 / kEntityBytes, 1000, options.folder.cached_entities_max);
  }
  if (records_per_second_max > 0) {
    options.batch_records_max = std::clamp<size_t>(records_per_second_max / 2, 100, 1'000'000);
  }
  return options;
}

// Verifies one partition.
class PartitionVerification {
 public:
  PartitionVerification(EventLog& log, PartitionId partition, const Store& stored,
                        const VerifyRun& run, size_t memory, ReplayCourse& course)
      : log_(log),
        stored_(stored),
        snapshot_(stored.NewSnapshot()),
        run_(run),
        memory_(memory),
        course_(course),
        prefix_(log, Offset(), [this](uint64_t n, uint64_t bytes) { return Pass(n, bytes); }) {
    result_.partition = partition;
  }

  Result<VerifiedPartition> Run() {
    CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log_.End(result_.partition));
    CONNTRAIL_ASSIGN_OR_RETURN(const Offset applied, stored_.Applied(result_.partition));
    result_.records = end.value;
    result_.applied = applied.value;
    if (end < applied) {
      return Status::Corruption(fmt::format(
          "the log of partition {} ends at record {}, but the store has applied {}: the log has "
          "lost its tail",
          result_.partition.value, end.value, applied.value));
    }
    CONNTRAIL_RETURN_IF_ERROR(CompareLogId());
    if (result_.difference) return result_;
    prefix_.set_end(applied);
    CONNTRAIL_RETURN_IF_ERROR(OpenFold(applied));
    CONNTRAIL_RETURN_IF_ERROR(FoldAndCompareSeals());
    if (!result_.difference) CONNTRAIL_RETURN_IF_ERROR(CompareRows());
    if (result_.difference) return result_;
    prefix_.set_end(end);
    CONNTRAIL_RETURN_IF_ERROR(projector_->CatchUp());
    CONNTRAIL_RETURN_IF_ERROR(CompareSigned());
    return result_;
  }

 private:
  bool Pass(uint64_t records, uint64_t bytes) {
    // The record before the next one is read again at the beginning.
    return projector_ == nullptr ? !course_.stopped() : course_.Pass(records, bytes);
  }

  void Differ(std::string what, std::string expected, std::string found,
              std::optional<uint64_t> seal = std::nullopt, std::string org = "") {
    result_.difference =
        Difference{result_.partition, seal, std::move(org), std::move(what), std::move(expected),
                   std::move(found)};
  }

  Status CompareLogId() {
    const auto row = snapshot_->Get(Family::kState, keys::PartitionRow(result_.partition));
    if (row.ok() && !*row) return Status::Ok();  // nothing was applied
    const Result<PartitionRow> read =
        row.ok() ? DecodePartitionRow(**row) : Result<PartitionRow>(row.status());
    if (!read.ok()) {
      Differ("the partition's row", "one that can be read", read.status().message());
    } else if (read->log_id != log_.log_id()) {
      Differ("the log it was made from", log_.log_id().ToString(), read->log_id.ToString());
    }
    return Status::Ok();
  }

  Status OpenFold(Offset applied) {
    const fs::path place = run_.work / fmt::format("partition-{}", result_.partition.value);
    const auto open = [&]() -> Status {
      CONNTRAIL_ASSIGN_OR_RETURN(fold_, RocksDbStore::Open(place, StoreWithin(memory_)));
      CONNTRAIL_ASSIGN_OR_RETURN(projector_,
                                 Projector::Open(log_, *fold_, result_.partition,
                                                 FoldWithin(memory_, run_.records_per_second_max)));
      return Status::Ok();
    };
    CONNTRAIL_RETURN_IF_ERROR(open());
    const Offset there = projector_->next();
    projector_.reset();
    std::error_code error;
    if (applied < there) {
      // An earlier run went beyond where the store stands: rows are compared at one place only.
      CONNTRAIL_RETURN_IF_ERROR(fold_->Close());
      fold_.reset();
      fs::remove_all(place, error);
      CONNTRAIL_ASSIGN_OR_RETURN(fold_, RocksDbStore::Open(place, StoreWithin(memory_)));
    } else {
      course_.Skip(there.value);
    }
    CONNTRAIL_ASSIGN_OR_RETURN(projector_,
                               Projector::Open(prefix_, *fold_, result_.partition,
                                               FoldWithin(memory_, run_.records_per_second_max)));
    return Status::Ok();
  }

  Status FoldAndCompareSeals() {
    for (size_t applied = 1; applied > 0 && !result_.difference;) {
      CONNTRAIL_ASSIGN_OR_RETURN(applied, projector_->Step());
      CONNTRAIL_RETURN_IF_ERROR(CompareSeals());
    }
    return Status::Ok();
  }

  Status CompareSeals() {
    const std::shared_ptr<const StoreSnapshot> fold = fold_->NewSnapshot();
    const uint64_t sealed = projector_->partition().seals;
    for (; result_.seals < sealed; ++result_.seals) {
      const uint64_t number = result_.seals;
      CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<SealRow> expected,
                                 ReadSeal(*fold, result_.partition, number));
      CONNTRAIL_CHECK(expected.has_value());
      const auto found = ReadSeal(*snapshot_, result_.partition, number);
      if (!found.ok()) {
        Differ("the seal", TextOf(expected), found.status().message(), number);
        return Status::Ok();
      }
      if (*found != expected) return FindHead(fold, number, *expected, *found);
    }
    if (sealed > 0) course_.set_seal(sealed - 1);
    return Status::Ok();
  }

  // The seals are not equal: which org's head is it?
  Status FindHead(const std::shared_ptr<const StoreSnapshot>& fold, uint64_t number,
                  const SealRow& expected, const std::optional<SealRow>& found) {
    Differ("the seal", TextOf(expected), TextOf(found), number);
    CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OrgState> orgs,
                               OrgView::ListOrgs(*fold, result_.partition));
    for (const OrgState& org : orgs) {
      const keys::OrgAddress address{result_.partition, org.slot};
      CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<SealedHead> ours,
                                 ReadHeadBy(*fold, address, number));
      const auto theirs = ReadHeadBy(*snapshot_, address, number);
      const bool is_equal = theirs.ok() && theirs->has_value() == ours.has_value() &&
                            (!ours || (*theirs)->head == ours->head);
      if (is_equal) continue;
      Differ("the head", TextOf(ours), theirs.ok() ? TextOf(*theirs) : theirs.status().message(),
             number, org.name);
      break;
    }
    return Status::Ok();
  }

  Status CompareRows() {
    const std::shared_ptr<const StoreSnapshot> fold = fold_->NewSnapshot();
    const auto difference = FirstDifference(*snapshot_, *fold);
    if (!difference.ok()) {
      Differ("the rows", "such as can be read", difference.status().message());
    } else if (*difference) {
      Differ("the rows", "those that follow from the log", **difference);
    }
    CONNTRAIL_ASSIGN_OR_RETURN(result_.digests, ComputeDigests(*fold, result_.partition));
    return Status::Ok();
  }

  Status CompareSigned() {
    const std::shared_ptr<const StoreSnapshot> fold = fold_->NewSnapshot();
    return CheckSignedHeads(
        fold, result_.partition, run_.signed_heads, [&](const SignedHeadCheck& check) {
          ++result_.signed_heads;
          if (check.fits()) return true;
          const auto org = OrgView::OpenAt(fold, check.org);
          const TreeHead now{std::min(check.records, check.head.size), check.root};
          Differ(check.is_kept_here ? "the head that this machine signed last"
                                    : "a head that was signed, says the log",
                 check.records < check.head.size ? fmt::format("{} records in all", check.records)
                                                 : TextOf(now),
                 TextOf(check.head), std::nullopt, org.ok() ? org->state().name : "");
          return false;
        });
  }

  EventLog& log_;
  const Store& stored_;
  const std::shared_ptr<const StoreSnapshot> snapshot_;
  const VerifyRun& run_;
  const size_t memory_;
  ReplayCourse& course_;
  LogPrefix prefix_;
  std::unique_ptr<RocksDbStore> fold_;
  std::unique_ptr<Projector> projector_;
  VerifiedPartition result_;
};

}  // namespace

Result<std::vector<VerifiedPartition>> VerifyStores(
    EventLog& log, const std::map<PartitionId, const Store*>& stores, const VerifyRun& run) {
  uint64_t all = 0;
  std::vector<std::pair<PartitionId, const Store*>> parts(stores.begin(), stores.end());
  for (const auto& [partition, store] : parts) {
    if (partition.value >= log.partition_count()) {
      return Status::InvalidArgument(
          fmt::format("the log has no partition {}, of which there is a store", partition.value));
    }
    CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log.End(partition));
    all += end.value;
  }
  std::error_code error;
  fs::create_directories(run.work, error);
  if (error) return Status::Io("cannot make " + run.work.string() + ": " + error.message());

  ReplayCourse course(all, run.records_per_second_max, run.watch);
  const size_t threads = std::clamp<size_t>(run.threads, 1, std::max<size_t>(parts.size(), 1));
  std::vector<std::optional<Result<VerifiedPartition>>> done(parts.size());
  std::atomic<size_t> taken = 0;
  const auto work = [&] {
    for (size_t i; (i = taken++) < parts.size();) {
      PartitionVerification one(log, parts[i].first, *parts[i].second, run,
                                run.memory_bytes_max / threads, course);
      done[i] = one.Run();
    }
  };
  {
    std::vector<std::jthread> others;
    for (size_t i = 1; i < threads; ++i) others.emplace_back(work);
    work();
  }
  std::vector<VerifiedPartition> answer;
  for (auto& one : done) {
    CONNTRAIL_RETURN_IF_ERROR(one->status());
    answer.push_back(std::move(**one));
  }
  return answer;
}

}  // namespace conntrail
