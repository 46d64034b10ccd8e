#include "projections/remembered_request.h"

namespace conntrail {

uint32_t RequestMarkOf(const Event& event) {
  if (!event.request_hash) return 0;
  const Digest& hash = *event.request_hash;
  const uint32_t mark = uint32_t{hash[0]} << 24 | uint32_t{hash[1]} << 16 | uint32_t{hash[2]} << 8 |
                        uint32_t{hash[3]};
  return mark == 0 ? 1 : mark;
}

bool IsRemembered(Verdict verdict, Reason reason) {
  return verdict == Verdict::kApplied || verdict == Verdict::kDenied ||
         verdict == Verdict::kRejected || verdict == Verdict::kUnsupported ||
         (verdict == Verdict::kConflict && reason != Reason::kRequestDiffers);
}

}  // namespace conntrail
