#include "services/api/audit/query_plan.h"

#include <algorithm>
#include <array>

#include "services/api/audit/event_words.h"
#include "services/api/audit/query_match.h"

namespace conntrail::api {
namespace {

using Op = QueryNode::Op;
using Where = QueryTest::Where;

constexpr std::string_view kOfType[] = {"action", "asset.type", "conntrail.event_type", "evt.name"};

bool IsOfType(const QueryTest& test) {
  return test.where == Where::kAttribute &&
         std::find(std::begin(kOfType), std::end(kOfType), test.key) != std::end(kOfType);
}

bool IsOfVerdict(const QueryTest& test) {
  switch (test.where) {
    case Where::kAttribute:
      return test.key == "conntrail.verdict" || test.key == "status";
    case Where::kReserved:
      return test.key == "status";
    case Where::kTag:
      return test.key == "outcome";
    default:
      return false;
  }
}

template <typename Is>
bool AllTests(const QueryNode& query, const Is& is) {
  if (query.op == Op::kTest) return is(query.test);
  return std::all_of(query.parts.begin(), query.parts.end(),
                     [&](const QueryNode& part) { return AllTests(part, is); });
}

// A document with no more than what follows from the type of a record, or from its verdict.
struct Example {
  int number = 0;
  EventWords words;  // of a type
  AuditDocument document;
};

const std::vector<Example>& ExamplesOfTypes() {
  static const std::vector<Example> kExamples = [] {
    std::vector<Example> examples;
    for (int type = 0; type <= kEventTypeMax; ++type) {
      const auto event_type = static_cast<EventType>(type);
      for (const EventWords& words : PossibleWords(event_type)) {
        Tree tree;
        tree.Set("action", words.action);
        tree.Set("asset.type", words.asset_type);
        tree.Set("evt.name", words.evt_name);
        tree.Set("conntrail.event_type", type == 0 ? "none" : EventTypeName(event_type));
        examples.push_back({type, words, {}});
        examples.back().document.attributes = std::move(tree);
      }
    }
    return examples;
  }();
  return kExamples;
}

const std::vector<Example>& ExamplesOfVerdicts() {
  static const std::vector<Example> kExamples = [] {
    std::vector<Example> examples;
    for (int number = 0; number <= kVerdictMax; ++number) {
      const auto verdict = static_cast<Verdict>(number);
      examples.push_back({number, {}, {}});
      AuditDocument& document = examples.back().document;
      document.status = StatusOf(verdict);
      document.tags = {"outcome:" + std::string(VerdictName(verdict))};
      document.attributes.Set("conntrail.verdict", VerdictName(verdict));
      document.attributes.Set("status", StatusOf(verdict));
    }
    return examples;
  }();
  return kExamples;
}

// The examples which all of `queries` take.
std::vector<const Example*> Matching(const std::vector<const QueryNode*>& queries,
                                     const std::vector<Example>& examples) {
  std::vector<const Example*> matching;
  for (const Example& example : examples) {
    const auto takes = [&](const QueryNode* query) { return Matches(*query, example.document); };
    if (std::all_of(queries.begin(), queries.end(), takes)) matching.push_back(&example);
  }
  return matching;
}

class Planner {
 public:
  void Take(const QueryNode& query) {
    if (query.op == Op::kAnd) {
      for (const QueryNode& part : query.parts) Take(part);
    } else if (query.op != Op::kAll) {
      if (AllTests(query, IsOfType)) of_type_.push_back(&query);
      if (AllTests(query, IsOfVerdict)) of_verdict_.push_back(&query);
      if (query.op == Op::kTest) TakeTest(query.test);
    }
  }

  QueryPlan Done() {
    if (!of_type_.empty()) {
      for (const Example* example : Matching(of_type_, ExamplesOfTypes())) {
        plan_.filter.types |= uint64_t{1} << example->number;
        plan_.named.emplace_back(static_cast<EventType>(example->number), example->words);
      }
      plan_.takes_nothing = plan_.takes_nothing || plan_.filter.types == 0;
    }
    if (!of_verdict_.empty()) {
      for (const Example* example : Matching(of_verdict_, ExamplesOfVerdicts())) {
        plan_.filter.verdicts |= static_cast<uint16_t>(1u << example->number);
      }
      plan_.takes_nothing = plan_.takes_nothing || plan_.filter.verdicts == 0;
    }
    return plan_;
  }

 private:
  void TakeTest(const QueryTest& test) {
    const Wildcard* value = std::get_if<Wildcard>(&test.what);
    if (test.where != Where::kAttribute || value == nullptr || !value->is_literal()) return;
    const std::string& text = value->literal();
    if (test.key == "asset.id") TakeSubject(Uuid::Parse(text), EntityKind::kNone);
    if (test.key == "metadata.connection_id") {
      TakeSubject(Uuid::Parse(text), EntityKind::kConnection);
    }
    if (test.key == "usr.uuid") TakeActor(Uuid::Parse(text));
    if (test.key == "usr.id") {
      const std::optional<Principal> principal = Principal::Parse(text);
      TakeActor(principal ? std::optional<Uuid>(principal->id) : std::nullopt);
    }
    if (test.key == "conntrail.marks" && plan_.filter.marks == 0) TakeMark(text);
  }

  void TakeSubject(const std::optional<Uuid>& id, EntityKind kind) {
    if (!id || (plan_.subject && *plan_.subject != *id)) plan_.takes_nothing = true;
    if (!id) return;
    plan_.subject = *id;
    if (kind != EntityKind::kNone) plan_.filter.subject = EntityKey{kind, *id, {}};
  }

  void TakeActor(const std::optional<Uuid>& id) {
    if (!id || (plan_.filter.actor && *plan_.filter.actor != *id)) plan_.takes_nothing = true;
    if (id) plan_.filter.actor = *id;
  }

  void TakeMark(std::string_view name) {
    if (name == "gap") plan_.filter.marks = mark::kGap;
    if (name == "late") plan_.filter.marks = mark::kLate;
    if (name == "producer_gap") plan_.filter.marks = mark::kProducerGap;
    if (plan_.filter.marks == 0) plan_.takes_nothing = true;
  }

  QueryPlan plan_;
  std::vector<const QueryNode*> of_type_;
  std::vector<const QueryNode*> of_verdict_;
};

}  // namespace

QueryPlan PlanOf(const QueryNode& query) {
  Planner planner;
  planner.Take(query);
  return planner.Done();
}

bool QueryPlan::MayTake(EventType type, const EventWords& words) const {
  return named.empty() ||
         std::find(named.begin(), named.end(), std::pair(type, words)) != named.end();
}

Status QueryPlan::Settle(const OrgView& org) {
  if (!subject || filter.subject) return Status::Ok();
  static constexpr EntityKind kKinds[] = {
      EntityKind::kConnection,  EntityKind::kAccount, EntityKind::kGroup, EntityKind::kWorkflow,
      EntityKind::kIntegration, EntityKind::kKey,     EntityKind::kOrg};
  const auto rows = org.snapshot().NewIterator(Family::kHistory);
  std::vector<EntityKind> found;
  for (const EntityKind kind : kKinds) {
    const keys::Key prefix = keys::HistoryPrefix(org.address(), kind, *subject);
    rows->Seek(prefix);
    CONNTRAIL_RETURN_IF_ERROR(rows->status());
    if (rows->Valid() && rows->key().starts_with(prefix)) found.push_back(kind);
  }
  if (found.empty()) takes_nothing = true;
  if (found.size() == 1) filter.subject = EntityKey{found.front(), *subject, {}};
  return Status::Ok();
}

}  // namespace conntrail::api
