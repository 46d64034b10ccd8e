#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "projections/log_findings.h"
#include "projections/outcomes/outcomes_topic.h"
#include "services/api/openapi/fixed_answer.h"
#include "services/auditd/metrics.h"
#include "services/auth/key_ring.h"
#include "services/gateway/gateways.h"
#include "services/http/router.h"

namespace conntrail {

// What answers without a key: whether the server lives and is ready, its figures, and the
// documents that tell how to speak to it.
class Operation {
 public:
  struct Parts {
    Metrics* metrics = nullptr;
    const Gateways* gateways = nullptr;
    const KeyRing* ring = nullptr;
    const OutcomesTopic* outcomes = nullptr;  // null: outcomes are not published
    std::chrono::milliseconds lag_max{0};     // ready up to that
    std::function<size_t()> connections;      // how many are open
    std::function<std::string()> missing;     // what it cannot answer for yet; "": nothing
    std::function<std::vector<LogFinding>()> findings;  // about the log
  };
  // All parts must outlive it.
  explicit Operation(Parts parts);

  // Adds what api::PlainEndpoints() documents. This must outlive the router.
  void AddTo(http::Router& router);

  // From now on the server is not ready.
  void StartDraining() { draining_ = true; }

 private:
  http::Response Ready() const;
  http::Response Figures() const;

  const Parts parts_;
  const api::FixedAnswer openapi_;
  const api::FixedAnswer reference_;
  bool draining_ = false;
};

}  // namespace conntrail
