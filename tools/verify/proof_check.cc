#include "tools/verify/proof_check.h"

#include <fmt/format.h>

#include "events/base/time.h"
#include "projections/merkle/leaf.h"
#include "projections/merkle/tlog_proof.h"
#include "tools/verify/export_format.h"
#include "tools/verify/read_file.h"

namespace conntrail::verify {
namespace {

using merkle::Checkpoint;

std::string Describe(const merkle::LeafHeader& header) {
  const auto outcome = OutcomeName(header.outcome);
  const auto reason = ReasonName(header.reason);
  std::string text = fmt::format("{}, {}", FormatTime(static_cast<UnixMs>(header.time_ms)),
                                 outcome ? std::string(*outcome) : std::to_string(header.outcome));
  if (header.reason != 0) {
    text += fmt::format(" ({})", reason ? std::string(*reason) : std::to_string(header.reason));
  }
  return text + fmt::format(", revision {}, rules {}", header.revision, header.rules);
}

Status CompareKept(const std::string& since, const merkle::VerifierKey& key,
                   const Checkpoint& head) {
  const Result<Checkpoint> kept = merkle::OpenCheckpoint(since, key);
  if (!kept.ok()) {
    return Status::Corruption("the checkpoint that was kept: " + kept.status().message());
  }
  if (kept->size > head.size) {
    return Status::Corruption(
        fmt::format("checkpoint, line 2: ROLLBACK: expected at least {} records, found {}",
                    kept->size, head.size));
  }
  if (kept->size == head.size && kept->root != head.root) {
    return Status::Corruption(fmt::format(
        "checkpoint, line 3: FORK: expected the root {}, found {}: both are signed, keep both",
        merkle::HashText(kept->root), merkle::HashText(head.root)));
  }
  return Status::Ok();
}

Status Check(const std::string& path, const merkle::VerifierKey& key,
             const std::optional<std::string>& entry, const std::string& since, Report& report) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, merkle::kTlogProofBytesMax));
  CONNTRAIL_ASSIGN_OR_RETURN(const merkle::TlogProof proof, merkle::ParseTlogProof(text));
  if (!entry && proof.extra.empty()) {
    return Status::InvalidArgument("the proof has no extra line: --entry FILE says what it is of");
  }
  const std::string& leaf = entry ? *entry : proof.extra;
  CONNTRAIL_ASSIGN_OR_RETURN(const merkle::LeafHeader header, merkle::DecodeLeafHeader(leaf));
  CONNTRAIL_ASSIGN_OR_RETURN(const Checkpoint head,
                             merkle::VerifyTlogProof(proof, merkle::LeafHash(AsBytes(leaf)), key));
  report.steps.push_back(
      {"checkpoint",
       fmt::format("{} has signed {} records of {}", key.ToString(), head.size, head.origin),
       {{"size", head.size}}});
  report.steps.push_back(
      {"inclusion",
       fmt::format("{} hashes lead from record {} to the root", proof.path.size(), proof.index),
       {{"index", proof.index}, {"hashes", proof.path.size()}}});
  report.steps.push_back({"record", Describe(header), {{"bytes", leaf.size()}}});
  if (since.empty()) return Status::Ok();
  CONNTRAIL_RETURN_IF_ERROR(CompareKept(since, key, head));
  report.steps.push_back({"since", "no rollback; an export shows that nothing has changed", {}});
  return Status::Ok();
}

}  // namespace

void CheckProof(const std::string& path, const merkle::VerifierKey& key,
                const std::optional<std::string>& entry, const std::string& since, Report& report) {
  report.path = path;
  report.refused = Check(path, key, entry, since, report);
}

}  // namespace conntrail::verify
