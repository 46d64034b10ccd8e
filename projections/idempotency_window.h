#pragma once

#include <cstdint>
#include <optional>

#include <boost/unordered/unordered_flat_map.hpp>

#include "projections/fold/entity.h"

namespace conntrail {

// The requests of one org that may still be retried: remembers at least those inside the fold's
// window (kIdempotencyWindowMs, kIdempotencyWindowRecords), and somewhat more. A function of the
// trail, so it is not stored but read back from there.
class IdempotencyWindow {
 public:
  struct Seen {
    Place place;
    uint32_t request_mark = 0;
  };

  // The last request with this key that is remembered.
  std::optional<Seen> Find(const Uuid& key) const;

  // REQUIRES: `place` does not lie before that of the last Insert.
  void Insert(const Uuid& key, const Place& place, uint32_t request_mark);

 private:
  struct Request {
    UnixMs time_ms = 0;
    uint32_t index_delta = 0;  // from the generation's first index
    uint32_t request_mark = 0;
  };
  // Two generations, each as wide as the window, so that nothing is ever deleted singly.
  struct Generation {
    boost::unordered_flat_map<Uuid, Request, std::hash<Uuid>> requests;
    Place first;
  };

  Generation young_;
  Generation old_;
};

}  // namespace conntrail
