#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "events/event.h"
#include "projections/views/org_view.h"
#include "services/api/audit/audit_scan.h"
#include "services/api/fault.h"

namespace conntrail::api {

struct AuditWarning {
  std::string code;
  std::string title;
  std::string detail;
};

// A search as it was asked for: GET /api/v2/audit/events or POST /api/v2/audit/events/search.
struct AuditSearch {
  std::string query;  // as it was sent
  std::string from_text =
      "now-15m";  // as they were sent; without a time window, the last 15 minutes
  std::string to_text = "now";
  AuditWindow window;  // what these mean; a cursor brings its own
  bool newest_first = true;
  size_t limit = 10;
  std::string cursor;
  QueryNode root;  // `query`, parsed
  std::vector<AuditWarning> warnings;
};

inline constexpr size_t kAuditLimitMax = 1000;

// From the parameters of a GET, percent-decoded; others than those of a search are left alone.
Parsed<AuditSearch> ReadAuditParameters(
    const std::vector<std::pair<std::string, std::string>>& parameters, UnixMs now_ms);
// From the body of a POST; an empty one asks for all of the last 15 minutes.
Parsed<AuditSearch> ReadAuditBody(std::string_view body, UnixMs now_ms);

// What a search may cost.
struct AuditBudget {
  size_t rows_max = 1'000'000;  // looked at
  int64_t elapsed_ms_max = 2'000;
  // While nothing was found: clients take an empty page for the end.
  size_t rows_empty_max = 10'000'000;
  int64_t elapsed_ms_empty_max = 10'000;
  size_t page_bytes_max = 8 << 20;  // of the answer; a page ends early with what goes beyond
};

struct AuditSearchOptions {
  AuditBudget budget;
  std::function<int64_t()> elapsed_ms;  // since the request came; never goes back
  std::string request_id;
  std::string base_url;               // of links: "https://host", or "" for links without a host
  unsigned parts = audit_part::kAll;  // that answers have; without kNames they have no message
};

struct AuditPage {
  std::string body;         // the JSON document to answer with
  size_t rows = 0;          // events on the page
  std::string next_cursor;  // "": this was the last page
  bool is_whole = true;     // false: the budget ended it, as its status says ("timeout")
};

// One page. A page sequence has every record of its window that was there when its first page was
// asked for, and none twice, whatever is written meanwhile; the window of the first page is that of
// all. kInvalidArgument: the cursor is not one of this search.
Result<AuditPage> SearchAudit(const OrgView& org, const AuditSearch& search,
                              const AuditSearchOptions& options);

// What tells this search from others, for the record that it was made.
Digest AuditQueryDigest(const AuditSearch& search);

}  // namespace conntrail::api
