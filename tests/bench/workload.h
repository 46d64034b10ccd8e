#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <vector>

#include "events/event.h"
#include "events/log/memory_log.h"

namespace conntrail::bench {

// A made-up load: orgs of very different size (Zipf, s = 1), connections that belong to them, and
// events of about 400 bytes: creations first, then uses, edits, grants, rotations, refusals. The
// same seed gives the same events.
struct WorkloadOptions {
  uint32_t orgs = 1000;
  uint32_t connections = 100'000;
  uint64_t events = 1'000'000;  // all told, with the creations
  uint64_t seed = 1;
};

class Workload {
 public:
  explicit Workload(WorkloadOptions options);

  const WorkloadOptions& options() const { return options_; }

  // The next event; the first ones open the orgs.
  Event Next();

  // How many events there are in all: orgs opened, then options.events.
  uint64_t size() const { return options_.orgs + options_.events; }

  // Something that exists, chosen as the load chooses: big orgs often.
  uint32_t AnyConnection();
  uint32_t OrgOfConnection(uint32_t connection) const { return org_of_[connection]; }
  OrgId Org(uint32_t org) const;
  ConnectionId Connection(uint32_t connection) const;
  Principal Account(uint32_t org, uint32_t number) const;
  // Connections of that org, in order.
  const std::vector<uint32_t>& ConnectionsOf(uint32_t org) const { return of_org_[org]; }
  uint32_t AccountsOf(uint32_t org) const;
  UnixMs TimeOf(uint64_t event) const {
    return 1'600'000'000'000 + static_cast<UnixMs>(event) * 200;
  }

 private:
  Event Envelope(uint32_t org);
  Event Create(uint32_t connection);
  Event Change();
  uint32_t Roll(uint32_t below) { return static_cast<uint32_t>(random_() % below); }

  WorkloadOptions options_;
  std::mt19937_64 random_;
  std::vector<uint32_t> org_of_;
  std::vector<std::vector<uint32_t>> of_org_;
  uint64_t made_ = 0;
};

// A clock that the workload's events move on.
class WorkloadClock final : public Clock {
 public:
  UnixMs Now() const override { return now_ms; }
  UnixMs now_ms = 0;
};

// Makes a projection of the whole load in `directory`, or ends the program.
void BuildStore(Workload& workload, const std::filesystem::path& directory);

}  // namespace conntrail::bench
