#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "services/api/audit/audit_scan.h"
#include "services/api/audit/audit_search.h"
#include "services/api/audit/query_language.h"
#include "services/api/audit/query_match.h"
#include "tests/projections/views/views_test_base.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"

namespace conntrail::api {

inline QueryNode QueryOf(std::string_view text) {
  Result<QueryNode> query = ParseQuery(text);
  EXPECT_TRUE(query.ok()) << text << ": " << query.status().ToString();
  return query.ok() ? std::move(*query) : QueryNode();
}

// Every record of an org as a document with all parts, oldest first, without plan or index.
inline std::vector<AuditEvent> AllEvents(const OrgView& org) {
  std::vector<AuditEvent> events;
  AuditEventReader reader(org);
  TrailWalk walk;
  walk.newest_first = false;
  const auto each = [&](const WalkedRecord& walked) -> Result<bool> {
    CONNTRAIL_ASSIGN_OR_RETURN(AuditEvent event, reader.Read(walked));
    reader.Describe(event);
    CONNTRAIL_RETURN_IF_ERROR(reader.Add(event, audit_part::kAll));
    events.push_back(std::move(event));
    return true;
  };
  const Result<WalkStop> stop = WalkTrail(org, walk, each);
  EXPECT_TRUE(stop.ok()) << stop.status().ToString();
  return events;
}

inline std::string ToJson(const AuditDocument& document) {
  JsonWriter out;
  WriteAuditDocument(out, document);
  return out.Take();
}

}  // namespace conntrail::api
