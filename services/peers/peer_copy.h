#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "projections/projection_copy.h"
#include "services/client/client.h"

namespace conntrail {

// The copy of a partition that another node makes when it is asked (services/peers/copy_offers.h).
// Waits for the network.
class PeerCopy final : public CopyFiles {
 public:
  struct Options {
    client::ServerUrl url;
    std::string token;    // Fingerprinter::PeerToken
    std::string ca_file;  // for https; "": the system's authorities
    PartitionId partition;
    std::chrono::milliseconds make_wait_max{std::chrono::minutes(10)};
    const std::atomic<bool>* gives_up = nullptr;  // true: kUnavailable soon; may be null
  };
  explicit PeerCopy(Options options);

  std::string place() const override { return options_.url.ToString(); }
  // kNotFound: it has no such partition, is no peer, or does not take this node for one.
  Result<std::string> Manifest() override;
  Status Read(const CopyManifest::File& file, const Take& take) override;

 private:
  Result<client::Answer> Ask(const std::string& target);
  bool gives_up() const { return options_.gives_up != nullptr && *options_.gives_up; }

  const Options options_;
  client::Client client_;
  std::string copy_;  // which one was offered
};

}  // namespace conntrail
