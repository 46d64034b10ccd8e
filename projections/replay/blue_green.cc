#include "projections/replay/blue_green.h"

#include <fmt/format.h>

#include "projections/evidence/sealed_heads.h"
#include "projections/merkle/checkpoint.h"
#include "projections/rebuild.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

// A log that grows all the time is not waited for.
constexpr int kRoundsMax = 5;

}  // namespace

BlueGreen::BlueGreen(EventLog& log, PartitionId partition, fs::path serving, Options options)
    : log_(log), partition_(partition), places_(std::move(serving)), options_(std::move(options)) {}

BlueGreen::~BlueGreen() {
  (void)Close(candidate_);
  (void)Close(serving_);
}

Status BlueGreen::Close(Opened& opened) {
  opened.projector.reset();
  if (opened.store == nullptr) return Status::Ok();
  const Status closed = opened.store->Close();
  opened.store.reset();
  return closed;
}

// kCorruption: it is damaged, or of another layout. A store with other families is not even opened,
// for that would give it ours.
Result<BlueGreen::Opened> BlueGreen::OpenAt(const fs::path& path, OutcomeSink* outcomes) {
  CONNTRAIL_RETURN_IF_ERROR(RocksDbStore::CheckFamilies(path));
  Opened opened;
  CONNTRAIL_ASSIGN_OR_RETURN(opened.store, RocksDbStore::Open(path, options_.store));
  Projector::Options options;
  options.outcomes = outcomes;
  Result<std::unique_ptr<Projector>> projector =
      Projector::Open(log_, *opened.store, partition_, options);
  if (!projector.ok()) {
    (void)Close(opened);
    return projector.status();
  }
  opened.projector = std::move(projector).value();
  return opened;
}

Status BlueGreen::Open() {
  CONNTRAIL_RETURN_IF_ERROR(places_.Mend());
  if (!places_.HasServing()) return Status::Ok();
  Result<Opened> serving = OpenAt(places_.serving(), options_.outcomes);
  if (serving.status().code() == StatusCode::kCorruption) {
    unreadable_ = serving.status().message();
    return Status::Ok();
  }
  CONNTRAIL_RETURN_IF_ERROR(serving.status());
  serving_ = std::move(serving).value();
  return Status::Ok();
}

// Both to the same offset, if the log lets them.
Status BlueGreen::CatchUpBoth() {
  const auto tell = [&](Offset next, Offset end) {
    if (options_.progress) options_.progress(next.value, end.value);
  };
  for (int round = 0; round < kRoundsMax; ++round) {
    if (serving_.projector != nullptr) CONNTRAIL_RETURN_IF_ERROR(serving_.projector->CatchUp(tell));
    CONNTRAIL_RETURN_IF_ERROR(candidate_.projector->CatchUp(tell));
    if (serving_.projector == nullptr ||
        serving_.projector->next() == candidate_.projector->next()) {
      break;
    }
  }
  return Status::Ok();
}

Result<CandidateReport> BlueGreen::Compare() {
  CandidateReport report;
  report.unreadable = unreadable_;
  report.has_serving = places_.HasServing();
  report.next = candidate_.projector->next().value;
  const auto candidate = candidate_.store->NewSnapshot();
  if (serving_.projector == nullptr) {
    CONNTRAIL_ASSIGN_OR_RETURN(report.comparison.digests, ComputeDigests(*candidate, partition_));
    report.comparison.has_digests = true;
    CONNTRAIL_RETURN_IF_ERROR(CompareSigned(report));
    return report;
  }
  const bool is_same = serving_.projector->next() == candidate_.projector->next();
  CONNTRAIL_ASSIGN_OR_RETURN(report.comparison, CompareStores(*serving_.store->NewSnapshot(),
                                                              *candidate, partition_, is_same));
  CONNTRAIL_RETURN_IF_ERROR(CompareSigned(report));
  return report;
}

Status BlueGreen::CompareSigned(CandidateReport& report) {
  const auto text = [](uint64_t size, const merkle::Hash& root) {
    return fmt::format("{} records, root {}", size, merkle::HashText(root));
  };
  return CheckSignedHeads(candidate_.store->NewSnapshot(), partition_, options_.signed_heads,
                          [&](const SignedHeadCheck& check) {
                            ++report.signed_heads;
                            if (check.fits() || report.comparison.difference) return true;
                            report.comparison.difference =
                                Difference{partition_,
                                           std::nullopt,
                                           fmt::format("slot {}", check.org.slot.value),
                                           "a head that was signed",
                                           check.records < check.head.size
                                               ? fmt::format("{} records in all", check.records)
                                               : text(check.head.size, check.root),
                                           text(check.head.size, check.head.root)};
                            return true;
                          });
}

Result<CandidateReport> BlueGreen::Build(bool tells_all) {
  CONNTRAIL_RETURN_IF_ERROR(Close(candidate_));
  CONNTRAIL_RETURN_IF_ERROR(places_.MakeRoom());
  // The one that serves tells what it has not told yet, so that the other need not.
  if (serving_.projector != nullptr) CONNTRAIL_RETURN_IF_ERROR(serving_.projector->CatchUp());
  const Offset told = serving_.projector == nullptr ? Offset(0) : serving_.projector->next();
  OutcomeSink* sink = options_.outcomes;
  if (serving_.projector == nullptr && places_.HasServing() && !tells_all) sink = nullptr;
  if (sink != nullptr) later_.emplace(*sink, told);
  OutcomeSink* const later = sink == nullptr ? nullptr : &*later_;
  CONNTRAIL_RETURN_IF_ERROR(BuildProjection(log_, partition_, places_.building(), options_.store,
                                            options_.progress, later));
  CONNTRAIL_ASSIGN_OR_RETURN(candidate_, OpenAt(places_.building(), later));
  CONNTRAIL_RETURN_IF_ERROR(CatchUpBoth());
  return Compare();
}

Status BlueGreen::Forget() {
  CONNTRAIL_RETURN_IF_ERROR(Close(candidate_));
  return places_.MakeRoom();
}

Status BlueGreen::Switch(bool keeps) {
  CONNTRAIL_RETURN_IF_ERROR(Close(candidate_));
  (void)Close(serving_);  // what of it is not on the disk follows from the log
  if (keeps) return places_.Switch();
  CONNTRAIL_RETURN_IF_ERROR(places_.Replace());
  return places_.RemoveKept();
}

Result<CandidateReport> BlueGreen::OpenKept() {
  if (!places_.HasKept()) {
    return Status::NotFound("no projection of partition " + std::to_string(partition_.value) +
                            " is kept in " + places_.kept().string());
  }
  if (serving_.projector != nullptr) CONNTRAIL_RETURN_IF_ERROR(serving_.projector->CatchUp());
  OutcomeSink* later = nullptr;
  if (options_.outcomes != nullptr) {
    later_.emplace(*options_.outcomes,
                   serving_.projector == nullptr ? Offset(0) : serving_.projector->next());
    later = &*later_;
  }
  Result<Opened> kept = OpenAt(places_.kept(), later);
  if (kept.status().code() == StatusCode::kCorruption) {
    return Status::FailedPrecondition(
        places_.kept().string() + " cannot be read by this build: " + kept.status().message() +
        "; it may be one for the build that made it: --for-another-build puts it in place unread");
  }
  CONNTRAIL_RETURN_IF_ERROR(kept.status());
  candidate_ = std::move(kept).value();
  CONNTRAIL_RETURN_IF_ERROR(CatchUpBoth());
  return Compare();
}

Status BlueGreen::Return() {
  CONNTRAIL_RETURN_IF_ERROR(Close(candidate_));
  (void)Close(serving_);
  return places_.Return();
}

}  // namespace conntrail
