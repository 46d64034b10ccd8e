// Evidence: the signed tree over the trail of the caller's org, in formats that other people's
// programs read (C2SP tlog-tiles, tlog-checkpoint, tlog-proof).

#include <fmt/format.h>

#include "events/base/number.h"
#include "events/base/sha256.h"
#include "projections/evidence/org_tree.h"
#include "projections/merkle/checkpoint.h"
#include "projections/merkle/tile.h"
#include "projections/merkle/tlog_proof.h"
#include "services/api/audit_reading.h"
#include "services/api/endpoints.h"
#include "services/api/json_answer.h"
#include "services/api/on_worker.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;
using merkle::Hash;

constexpr std::string_view kForEver = "private, max-age=31536000, immutable";
constexpr std::string_view kAskAgain = "private, no-cache";

// What all of these work with, kept while a worker has it.
struct Evidence {
  std::shared_ptr<const OrgView> view;
  Signer* signer = nullptr;
  TileCache* tiles = nullptr;
};

Fault Unsigned(const Call& call) {
  return {.status = 503, .title = "No Evidence Key", .detail = call.service.no_signer()};
}

Result<Evidence> Open(Call& call) {
  CONNTRAIL_ASSIGN_OR_RETURN(auto view, call.service.View(call.caller.address));
  return Evidence{std::move(view), call.service.signer(), &call.service.tiles()};
}

Result<SealedHead> LastSealed(const OrgTree& tree) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<SealedHead> head, tree.LastSealed());
  if (!head)
    return Status::NotFound("nothing of this org has been sealed yet; ask again in a second");
  return *head;
}

http::Response PlainAnswer(std::string body, std::string_view media, std::string_view caching) {
  http::Response response;
  response.content_type = media;
  response.body = std::move(body);
  response.headers.push_back({"Cache-Control", std::string(caching)});
  return response;
}

// A failure of the signer is a conflict with what was signed before, and has to be seen.
http::Response EvidenceFailed(const Call& call, const Status& status) {
  if (status.code() != StatusCode::kFailedPrecondition) return Failed(call, status);
  return ErrorResponse(
      call.errors,
      {.status = 503, .title = "Evidence In Conflict", .detail = std::string(status.message())});
}

Result<std::string> SignedCheckpoint(const Evidence& evidence) {
  OrgTree tree(*evidence.view, evidence.tiles);
  CONNTRAIL_ASSIGN_OR_RETURN(const SealedHead head, LastSealed(tree));
  return evidence.signer->Sign(tree, *evidence.view, head);
}

Result<std::string> EntriesOf(const OrgTree& tree, const merkle::TileId& tile) {
  std::string bundle;
  const uint64_t first = tile.index * merkle::kTileWidth;
  CONNTRAIL_RETURN_IF_ERROR(
      tree.ForEachLeaf(first, first + tile.width, [&](const OrgTree::Leaf& leaf) {
        merkle::AppendEntry(bundle, AsBytes(leaf.bytes));
        return Status::Ok();
      }));
  return bundle;
}

// The bytes of a file of the tree; kNotFound beyond what is sealed.
Result<std::string> TileBytes(const Evidence& evidence, const merkle::TileId& tile) {
  OrgTree tree(*evidence.view, evidence.tiles);
  CONNTRAIL_ASSIGN_OR_RETURN(const SealedHead head, LastSealed(tree));
  const int shift = merkle::kTileHeight * tile.level;
  const uint64_t nodes = shift < 64 ? head.head.size >> shift : 0;
  if (tile.index > nodes / merkle::kTileWidth ||
      tile.index * merkle::kTileWidth + tile.width > nodes) {
    return Status::NotFound(fmt::format("the tree of {} records has no such tile", head.head.size));
  }
  if (tile.is_entries) return EntriesOf(tree, tile);
  return merkle::EncodeTile(tree, tile);
}

asio::awaitable<http::Response> CheckpointAnswer(Call& call, Evidence evidence) {
  const auto sign = [evidence] { return SignedCheckpoint(evidence); };
  const Result<std::string> note = co_await OnWorker(call.service.workers(), sign);
  if (!note.ok()) co_return EvidenceFailed(call, note.status());
  co_return PlainAnswer(*note, "text/plain; charset=utf-8", kAskAgain);
}

asio::awaitable<http::Response> TlogFile(Call& call) {
  if (call.service.signer() == nullptr) co_return ErrorResponse(call.errors, Unsigned(call));
  Result<Evidence> evidence = Open(call);
  if (!evidence.ok()) co_return Failed(call, evidence.status());
  const std::string own = evidence->signer->key().OriginOf(call.caller.address) + "/";
  std::string_view path = call.path["path"];
  if (!path.starts_with(own)) {
    co_return Failed(call, Status::NotFound("there is no such log for this key"));
  }
  path.remove_prefix(own.size());
  if (path == "checkpoint") co_return co_await CheckpointAnswer(call, std::move(*evidence));
  const Result<merkle::TileId> tile = merkle::ParseTilePath(path);
  if (!tile.ok()) {
    co_return Failed(call, Status::NotFound(std::string(tile.status().message())));
  }
  // Entries are what the trail says; hashes say nothing.
  if (tile->is_entries && call.service.BeginsReading(call.caller)) {
    const Digest query = Sha256(AsBytes("tlog entries"));
    if (auto refused = co_await RecordReading(call, query, tile->width)) {
      co_return std::move(*refused);
    }
  }
  const auto read = [held = *evidence, wanted = *tile] { return TileBytes(held, wanted); };
  const Result<std::string> bytes = co_await OnWorker(call.service.workers(), read);
  if (!bytes.ok()) co_return Failed(call, bytes.status());
  co_return PlainAnswer(*bytes, "application/octet-stream", kForEver);
}

void WriteText(JsonWriter& out, std::string_view name, std::string_view value) {
  out.Name(name);
  out.Text(value);
}

void WriteNumber(JsonWriter& out, std::string_view name, uint64_t value) {
  out.Name(name);
  out.Uint(value);
}

asio::awaitable<http::Response> Describe(Call& call) {
  if (call.service.signer() == nullptr) co_return ErrorResponse(call.errors, Unsigned(call));
  const Result<Evidence> evidence = Open(call);
  if (!evidence.ok()) co_return Failed(call, evidence.status());
  const OrgView& view = *evidence->view;
  const OrgTree tree(view);
  const auto head = tree.LastSealed();
  if (!head.ok()) co_return Failed(call, head.status());
  std::optional<SealRow> seal;
  if (*head) {
    const auto read = ReadSeal(view.snapshot(), view.address().partition, (*head)->seal);
    if (!read.ok()) co_return Failed(call, read.status());
    seal = *read;
  }
  const merkle::VerifierKey key = evidence->signer->key().VerifierKeyOf(view.address());
  http::Response response = DataAnswer(call, 200, [&](JsonWriter& out) {
    out.BeginObject();
    WriteText(out, "id", view.state().id.ToString());
    WriteText(out, "type", "evidence");
    out.Name("attributes");
    out.BeginObject();
    WriteText(out, "origin", key.name);
    WriteText(out, "verifier_key", key.ToString());
    WriteText(out, "tlog", "/tlog/" + key.name + "/");
    WriteNumber(out, "records", tree.size());
    if (seal) {
      out.Name("sealed");
      out.BeginObject();
      WriteNumber(out, "size", (*head)->head.size);
      WriteText(out, "root", merkle::HashText((*head)->head.root));
      WriteNumber(out, "seal", (*head)->seal);
      WriteText(out, "sealed_at", FormatTime(seal->append_time_ms));
      out.EndObject();
    }
    out.EndObject();
    out.EndObject();
  });
  SayIndex(response, view);
  co_return response;
}

Result<std::string> ProofOf(const Evidence& evidence, uint64_t index) {
  OrgTree tree(*evidence.view, evidence.tiles);
  CONNTRAIL_ASSIGN_OR_RETURN(const SealedHead head, LastSealed(tree));
  if (index >= head.head.size) {
    return Status::NotFound(fmt::format(
        "the last seal has {} records of this org, so record {} is not proven yet; ask again in a "
        "second",
        head.head.size, index));
  }
  merkle::TlogProof proof;
  proof.index = index;
  CONNTRAIL_ASSIGN_OR_RETURN(proof.path, merkle::InclusionProof(tree, index, head.head.size));
  CONNTRAIL_ASSIGN_OR_RETURN(proof.checkpoint, evidence.signer->Sign(tree, *evidence.view, head));
  return merkle::FormatTlogProof(proof);
}

asio::awaitable<http::Response> Inclusion(Call& call) {
  if (call.service.signer() == nullptr) co_return ErrorResponse(call.errors, Unsigned(call));
  const auto index = ParseNumber<uint64_t>(call.path["index"]);
  if (!index) {
    co_return ErrorResponse(call.errors, {.title = "Invalid Parameter",
                                          .detail = "must be the index of a record",
                                          .parameter = "index"});
  }
  const Result<Evidence> evidence = Open(call);
  if (!evidence.ok()) co_return Failed(call, evidence.status());
  const auto prove = [held = *evidence, at = *index] { return ProofOf(held, at); };
  const Result<std::string> proof = co_await OnWorker(call.service.workers(), prove);
  if (!proof.ok()) co_return EvidenceFailed(call, proof.status());
  co_return PlainAnswer(*proof, "text/plain; charset=utf-8", kAskAgain);
}

struct Consistency {
  uint64_t from = 0, to = 0;
  Hash from_root{}, to_root{};
  std::vector<Hash> path;
};

// `to` 0: the last sealed head.
Result<Consistency> ConsistencyOf(const Evidence& evidence, uint64_t from, uint64_t to) {
  OrgTree tree(*evidence.view, evidence.tiles);
  CONNTRAIL_ASSIGN_OR_RETURN(const SealedHead head, LastSealed(tree));
  Consistency proof;
  proof.from = from;
  proof.to = to == 0 ? head.head.size : to;
  if (proof.to > head.head.size || from > proof.to) {
    return Status::NotFound(
        fmt::format("the last seal has {} records of this org; expected from <= to <= {}",
                    head.head.size, head.head.size));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(proof.from_root, merkle::RootAt(tree, proof.from));
  CONNTRAIL_ASSIGN_OR_RETURN(proof.to_root, merkle::RootAt(tree, proof.to));
  CONNTRAIL_ASSIGN_OR_RETURN(proof.path, merkle::ConsistencyProof(tree, proof.from, proof.to));
  return proof;
}

asio::awaitable<http::Response> ProveConsistency(Call& call) {
  if (call.service.signer() == nullptr) co_return ErrorResponse(call.errors, Unsigned(call));
  constexpr size_t kMax = size_t{1} << 48;
  const Parsed<size_t> from = NumberParameter(call, "from", 0, kMax);
  if (!from.ok()) co_return ErrorResponse(call.errors, from.fault());
  const Parsed<size_t> to = NumberParameter(call, "to", 0, kMax);
  if (!to.ok()) co_return ErrorResponse(call.errors, to.fault());
  const Result<Evidence> evidence = Open(call);
  if (!evidence.ok()) co_return Failed(call, evidence.status());
  const auto prove = [held = *evidence, a = *from, b = *to] { return ConsistencyOf(held, a, b); };
  const Result<Consistency> proof = co_await OnWorker(call.service.workers(), prove);
  if (!proof.ok()) co_return Failed(call, proof.status());
  co_return DataAnswer(call, 200, [&](JsonWriter& out) {
    out.BeginObject();
    WriteText(out, "id", fmt::format("{}-{}", proof->from, proof->to));
    WriteText(out, "type", "consistency_proof");
    out.Name("attributes");
    out.BeginObject();
    WriteNumber(out, "from", proof->from);
    WriteText(out, "from_root", merkle::HashText(proof->from_root));
    WriteNumber(out, "to", proof->to);
    WriteText(out, "to_root", merkle::HashText(proof->to_root));
    out.Name("path");
    out.BeginArray();
    for (const Hash& hash : proof->path) out.Text(merkle::HashText(hash));
    out.EndArray();
    out.EndObject();
    out.EndObject();
  });
}

}  // namespace

std::span<const Endpoint> EvidenceEndpoints() {
  using enum http::Method;
  constexpr ErrorForm kForm = ErrorForm::kTexts;
  constexpr uint64_t kRead = right::kAuditLogsRead;
  static const Endpoint kEndpoints[] = {
      {kGet, "/api/v2/evidence", kForm, kRead, Describe, "GetEvidence",
       "Tell the key, the log and the last seal of the org's evidence"},
      {kGet, "/api/v2/evidence/proofs/{index}", kForm, kRead, Inclusion, "GetInclusionProof",
       "Prove that a record is in the sealed trail"},
      {kGet, "/api/v2/evidence/consistency", kForm, kRead, ProveConsistency, "GetConsistencyProof",
       "Prove that one sealed trail begins with another"},
      {kGet, "/tlog/{path...}", kForm, kRead, TlogFile, "GetTlogFile",
       "Read a checkpoint, a tile or a bundle of entries"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
