#include "tools/verify/export_format.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "events/base/time.h"
#include "projections/merkle/checkpoint.h"

namespace conntrail::verify {
namespace {

// What the fold calls its numbers. A copy of its own: what checks it links none of it; a test
// compares them.
constexpr std::string_view kOutcomes[] = {"none",      "applied",  "duplicate", "denied",
                                          "rejected",  "conflict", "invalid",   "unsupported",
                                          "malformed", "misrouted"};
constexpr std::pair<uint16_t, std::string_view> kReasons[] = {
    {0, ""},
    {1, "no_change"},
    {2, "gap_before_differs"},
    {3, "gap_unknown_subject"},
    {4, "gap_already_exists"},
    {5, "gap_already_there"},
    {6, "use_without_grant"},
    {20, "actor_required"},
    {21, "account_inactive"},
    {22, "key_revoked"},
    {23, "right_required"},
    {24, "viewer_relation_required"},
    {25, "resolver_relation_required"},
    {26, "editor_relation_required"},
    {27, "refused_by_source"},
    {28, "rights_beyond_own"},
    {40, "connection_not_found"},
    {41, "connection_exists"},
    {42, "connection_suspended"},
    {43, "connection_not_suspended"},
    {44, "self_lockout"},
    {45, "credential_missing"},
    {46, "credential_present"},
    {47, "integration_type_fixed"},
    {48, "not_found"},
    {49, "exists"},
    {50, "org_exists"},
    {51, "rules_not_newer"},
    {52, "seal_too_early"},
    {53, "name_required"},
    {54, "limit_reached"},
    {60, "revision_differs"},
    {61, "request_differs"},
    {80, "invalid_field"},
    {81, "authority_not_allowed"},
    {82, "malformed_at_source"},
    {100, "unknown_type"},
    {101, "not_in_these_rules"},
    {110, "not_an_event"},
    {120, "org_not_opened"},
};

void AppendText(std::string& out, std::string_view name, std::string_view text) {
  out.append(",\"").append(name).append("\":\"").append(text).push_back('"');
}
void AppendNumber(std::string& out, std::string_view name, uint64_t number) {
  out.append(",\"").append(name).append("\":").append(std::to_string(number));
}

}  // namespace

std::optional<std::string_view> OutcomeName(uint8_t outcome) {
  if (outcome >= std::size(kOutcomes)) return std::nullopt;
  return kOutcomes[outcome];
}

std::optional<std::string_view> ReasonName(uint16_t reason) {
  const auto found =
      std::lower_bound(std::begin(kReasons), std::end(kReasons), reason,
                       [](const auto& known, uint16_t sought) { return known.first < sought; });
  if (found == std::end(kReasons) || found->first != reason) return std::nullopt;
  return found->second;
}

void AppendRowPrefix(std::string& out, uint64_t index, const merkle::LeafHeader& header,
                     std::string_view outcome, std::string_view reason, const merkle::Hash& leaf) {
  out.append("{\"index\":").append(std::to_string(index));
  AppendText(out, "time", FormatTime(static_cast<UnixMs>(header.time_ms)));
  AppendNumber(out, "time_ms", header.time_ms);
  AppendText(out, "outcome", outcome);
  AppendText(out, "reason", reason);
  AppendNumber(out, "revision", header.revision);
  AppendNumber(out, "rules", header.rules);
  if (header.slot) {
    AppendNumber(out, "slot", *header.slot);
  } else {
    out.append(",\"slot\":null");
  }
  AppendText(out, "leaf_hash", merkle::HashText(leaf));
}

}  // namespace conntrail::verify
