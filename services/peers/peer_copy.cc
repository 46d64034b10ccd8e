#include "services/peers/peer_copy.h"

#include <span>
#include <thread>

#include <fmt/format.h>

#include "events/base/sha256.h"
#include "services/peers/copy_offers.h"
#include "services/peers/peers.h"

namespace conntrail {
namespace {

constexpr std::chrono::milliseconds kAskAgain{100};
constexpr std::string_view kPrefix = "/internal/v1/copies";

client::ClientOptions ClientOptionsOf(const PeerCopy::Options& options) {
  client::ClientOptions client;
  client.url = options.url;
  client.ca_file = options.ca_file;
  client.headers = {{std::string(kPeerHeader), options.token}};
  client.body_bytes_max = 2 * kCopyPieceBytes;
  return client;
}

}  // namespace

PeerCopy::PeerCopy(Options options)
    : options_(std::move(options)), client_(ClientOptionsOf(options_)) {}

Result<client::Answer> PeerCopy::Ask(const std::string& target) {
  if (gives_up()) return Status::Unavailable("this node goes down");
  CONNTRAIL_ASSIGN_OR_RETURN(client::Answer answer, client_.Send({.target = target}));
  if (answer.status == 200 || answer.status == 202) return answer;
  const std::string message = fmt::format("it answers {} with status {}: {}", target, answer.status,
                                          answer.body.substr(0, 200));
  if (answer.status == 404) {
    return Status::NotFound(message + "; is it a node of this log, with the same fingerprint key?");
  }
  return Status::Unavailable(message);
}

Result<std::string> PeerCopy::Manifest() {
  const auto give_up = std::chrono::steady_clock::now() + options_.make_wait_max;
  while (true) {
    CONNTRAIL_ASSIGN_OR_RETURN(client::Answer answer,
                               Ask(fmt::format("{}/{}", kPrefix, options_.partition.value)));
    if (answer.status == 200) {
      const auto hash = Sha256(AsBytes(answer.body));
      copy_ = ToHex(std::as_bytes(std::span(hash)));
      return std::move(answer.body);
    }
    if (std::chrono::steady_clock::now() > give_up) {
      return Status::Unavailable("it is still making the copy");
    }
    std::this_thread::sleep_for(kAskAgain);
  }
}

Status PeerCopy::Read(const CopyManifest::File& file, const Take& take) {
  for (uint64_t at = 0; at < file.size;) {
    CONNTRAIL_ASSIGN_OR_RETURN(const client::Answer answer,
                               Ask(fmt::format("{}/{}/{}/{}?from={}", kPrefix,
                                               options_.partition.value, copy_, file.name, at)));
    if (answer.body.empty()) return Status::Corruption(file.name + " comes without a byte");
    CONNTRAIL_RETURN_IF_ERROR(take(AsBytes(answer.body)));
    at += answer.body.size();
  }
  return Status::Ok();
}

}  // namespace conntrail
