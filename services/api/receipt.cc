#include "services/api/receipt.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "events/base/base64.h"
#include "events/base/sha256.h"
#include "projections/evidence/org_tree.h"
#include "projections/merkle/checkpoint.h"
#include "services/api/on_worker.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kReceiptHeader = "Conntrail-Receipt";
constexpr std::string_view kIndexHeader = "X-Conntrail-Index";

std::string Base64Of(const Digest& digest) {
  return ToBase64(AsText(std::as_bytes(std::span(digest))));
}

struct Facts {
  std::string index;
  std::string query;
  std::string answer;  // "": made while it is sent
};

struct Signatures {
  std::string checkpoint;
  std::string receipt;
};

Facts FactsOf(const Call& call, const http::Response& response, const OrgView& view) {
  Facts facts;
  facts.index = std::to_string(view.state().next_index.value);
  for (const http::Header& header : response.headers) {
    if (header.name == kIndexHeader) facts.index = header.value;
  }
  Sha256Stream query;
  query.Update(
      AsBytes(fmt::format("{} {}\n", http::MethodName(call.request.method), call.request.target)));
  query.Update(AsBytes(call.request.body));
  facts.query = Base64Of(query.Finish());
  if (response.source == nullptr) facts.answer = Base64Of(Sha256(AsBytes(response.body)));
  return facts;
}

Result<Signatures> SignBoth(Signer& signer, const OrgView& view, TileCache& tiles,
                            const SealedHead& head, const Facts& facts) {
  OrgTree tree(view, &tiles);
  Signatures signatures;
  CONNTRAIL_ASSIGN_OR_RETURN(signatures.checkpoint, signer.Sign(tree, view, head));
  const std::string origin = signer.key().OriginOf(view.address());
  const std::string text =
      fmt::format("conntrail/receipt/v1\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n", origin, facts.index,
                  head.seal, head.head.size, merkle::HashText(head.head.root), facts.query,
                  facts.answer.empty() ? "-" : facts.answer);
  const merkle::SigningKey* const keys[] = {&signer.key().key()};
  signatures.receipt = merkle::SignNote(text, origin, keys);
  return signatures;
}

void Refuse(http::Response& response, std::string_view reason) {
  response.headers.push_back({std::string(kReceiptHeader), fmt::format("none; {}", reason)});
}

}  // namespace

asio::awaitable<void> AddReceipt(Call& call, http::Response& response) {
  const std::string_view wanted = call.request.Find(kWantReceiptHeader);
  if (wanted != "true" && wanted != "signed") co_return;
  Signer* signer = call.service.signer();
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Refuse(response, "the org is answered for elsewhere");
  const auto head = OrgTree(**view).LastSealed();
  if (!head.ok() || !*head) co_return Refuse(response, "nothing is sealed yet");
  const Facts facts = FactsOf(call, response, **view);
  std::string value =
      fmt::format("index={}; seal={}; size={}; root={}; query={}", facts.index, (*head)->seal,
                  (*head)->head.size, merkle::HashText((*head)->head.root), facts.query);
  if (!facts.answer.empty()) value += "; answer=" + facts.answer;
  if (wanted == "signed") {
    if (signer == nullptr) co_return Refuse(response, "there is no evidence key here");
    const auto sign = [signer, held = *view, at = **head, facts, tiles = &call.service.tiles()] {
      return SignBoth(*signer, *held, *tiles, at, facts);
    };
    const Result<Signatures> notes = co_await OnWorker(call.service.workers(), sign);
    if (!notes.ok()) co_return Refuse(response, "what is here is not what was signed before");
    response.headers.push_back({"Conntrail-Checkpoint", ToBase64(notes->checkpoint)});
    response.headers.push_back({"Conntrail-Receipt-Note", ToBase64(notes->receipt)});
  }
  response.headers.push_back({std::string(kReceiptHeader), std::move(value)});
}

}  // namespace conntrail::api
