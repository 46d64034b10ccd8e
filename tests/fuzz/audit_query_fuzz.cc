#include <cstddef>
#include <cstdint>

#include "events/base/check.h"
#include "services/api/audit/query_language.h"
#include "services/api/audit/query_match.h"
#include "services/api/audit/query_plan.h"

namespace {

using namespace conntrail::api;  // NOLINT: the fuzzer is of this one namespace

AuditDocument MadeDocument() {
  AuditDocument document;
  document.id = "AQAB";
  document.message = "user:alice created connection \"Pager-Duty EU\" (base_url, name) für";
  document.service = "conntrail";
  document.status = "info";
  document.tags = {"source:audit", "outcome:applied", "env:prod:eu"};
  Tree& a = document.attributes;
  a.Set("action", "created");
  a.Set("asset.type", "custom_connection");
  a.Set("conntrail.event_type", "connection.created");
  a.Set("conntrail.index", Tree::Number(uint64_t{17}));
  a.Set("conntrail.marks", Tree::List({Tree("gap"), Tree("late")}));
  a.Set("conntrail.verdict", "applied");
  a.Set("evt.name", "Custom Connections");
  a.Set("network.client.ip", "10.1.2.3");
  a.Set("status", "info");
  a.Set("stars", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
  return document;
}

}  // namespace

// Whatever the text is, it is a query or a fault with a column; a query answers for a document, and
// its plan lets through what it takes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace conntrail;  // NOLINT: the function cannot stand in a namespace
  static const AuditDocument kDocument = MadeDocument();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<QueryNode> query = ParseQuery(text);
  if (!query.ok()) {
    CONNTRAIL_CHECK(query.status().message().starts_with("column "));
    return 0;
  }
  const bool is_taken = Matches(*query, kDocument);
  QueryNode opposite;
  opposite.op = QueryNode::Op::kNot;
  opposite.parts.push_back(*query);
  CONNTRAIL_CHECK(Matches(opposite, kDocument) != is_taken);
  const QueryPlan plan = PlanOf(*query);
  const uint64_t type = TrailFilter::Bit(EventType::kConnectionCreated);
  const uint16_t verdict = TrailFilter::Bit(Verdict::kApplied);
  const bool may_pass = !plan.takes_nothing && !plan.subject && !plan.filter.actor &&
                        (plan.filter.types == 0 || (plan.filter.types & type) != 0) &&
                        (plan.filter.verdicts == 0 || (plan.filter.verdicts & verdict) != 0);
  CONNTRAIL_CHECK(!is_taken || may_pass);
  return 0;
}
