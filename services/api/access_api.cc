// Who can use what, and how a connection came to be what it is: with every path, at any moment.

#include "projections/views/access_view.h"
#include "projections/views/connection_view.h"
#include "projections/views/counts_view.h"
#include "services/api/access_document.h"
#include "services/api/endpoints.h"
#include "services/api/history_document.h"
#include "services/api/json_answer.h"
#include "services/api/visible.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

constexpr size_t kPageDefault = 50;
constexpr size_t kPageMax = 1000;

// What all questions of this file begin with.
struct Question {
  std::shared_ptr<const OrgView> view;
  Moment at;
  Relation relation = Relation::kViewer;
  std::optional<http::Response> refusal;
};

Question Begin(Call& call) {
  Question question;
  const Parsed<Moment> moment = AsOf(call);
  if (!moment.ok()) {
    question.refusal = ErrorResponse(call.errors, moment.fault());
    return question;
  }
  question.at = *moment;
  if (const std::string* relation = call.request.Parameter("relation")) {
    const auto parsed = ParseRelation(*relation);
    if (!parsed) {
      question.refusal = ErrorResponse(
          call.errors, {.detail = "must be viewer, resolver or editor", .parameter = "relation"});
      return question;
    }
    question.relation = *parsed;
  }
  auto view = call.service.View(call.caller.address);
  if (view.ok()) {
    question.view = std::move(*view);
  } else {
    question.refusal = Failed(call, view.status());
  }
  return question;
}

http::Response Told(const Call& call, const OrgView& view, std::string body) {
  http::Response response = JsonAnswer(call, 200, std::move(body));
  SayIndex(response, view);
  return response;
}

asio::awaitable<http::Response> Who(Call& call) {
  const Parsed<Uuid> id = UuidOfPath(call, "connection_id");
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  Question q = Begin(call);
  if (q.refusal) co_return std::move(*q.refusal);
  const auto accounts = WhoCan(*q.view, {*id}, q.relation, q.at);
  if (!accounts.ok()) co_return Failed(call, accounts.status());
  co_return Told(call, *q.view, AccountAccessDocument(*accounts));
}

asio::awaitable<http::Response> What(Call& call) {
  const auto principal = Principal::Parse(call.path["principal"]);
  if (!principal) {
    co_return ErrorResponse(
        call.errors, {.detail = "must be a principal, like user:<uuid>", .parameter = "principal"});
  }
  Question q = Begin(call);
  if (q.refusal) co_return std::move(*q.refusal);
  const auto connections = WhatCan(*q.view, *principal, q.relation, q.at);
  if (!connections.ok()) co_return Failed(call, connections.status());
  const auto integrations = IntegrationsOf(*q.view, *principal, q.at);
  if (!integrations.ok()) co_return Failed(call, integrations.status());
  co_return Told(call, *q.view, ConnectionAccessDocument(*connections, *integrations));
}

asio::awaitable<http::Response> Counts(Call& call) {
  Question q = Begin(call);
  if (q.refusal) co_return std::move(*q.refusal);
  const auto counts = CountOrg(*q.view, q.at);
  if (!counts.ok()) co_return Failed(call, counts.status());
  co_return Told(call, *q.view, CountsDocument(q.view->state(), *counts));
}

struct HistoryAsked {
  HistoryQuery query;
  bool with_states = false;
};

Parsed<HistoryAsked> ReadHistoryQuery(const Call& call, const Uuid& id) {
  HistoryAsked asked;
  asked.query.id = id;
  const Parsed<size_t> limit = NumberParameter(call, "page[limit]", kPageDefault, kPageMax);
  if (!limit.ok()) return limit.fault();
  asked.query.limit = *limit;
  const std::string* sort = call.request.Parameter("sort");
  if (sort != nullptr && *sort != "timestamp" && *sort != "-timestamp") {
    return Fault{.detail = "must be timestamp or -timestamp", .parameter = "sort"};
  }
  asked.query.newest_first = sort == nullptr || *sort == "-timestamp";
  const Parsed<bool> changes_only = FlagParameter(call, "changes_only", false);
  if (!changes_only.ok()) return changes_only.fault();
  asked.query.changes_only = *changes_only;
  const Parsed<bool> states = FlagParameter(call, "states", false);
  if (!states.ok()) return states.fault();
  asked.with_states = *states;
  if (const std::string* cursor = call.request.Parameter("page[cursor]")) {
    asked.query.cursor = *cursor;
  }
  return asked;
}

asio::awaitable<http::Response> History(Call& call) {
  const Parsed<Uuid> id = UuidOfPath(call, "connection_id");
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  const Parsed<HistoryAsked> asked = ReadHistoryQuery(call, *id);
  if (!asked.ok()) co_return ErrorResponse(call.errors, asked.fault());
  Question q = Begin(call);
  if (q.refusal) co_return std::move(*q.refusal);
  // Attempts at a connection that never came to be have a history, too: who reads the trail sees
  // it.
  const Result<Connection> connection = FindConnection(*q.view, {*id}, Moment::Now());
  if (!call.caller.Has(right::kAuditLogsRead)) {
    if (!connection.ok()) co_return Failed(call, connection.status());
    const auto relation = Visible(call, *q.view).RelationOn(*connection);
    if (!relation.ok()) co_return Failed(call, relation.status());
    if (*relation == Relation::kNone) {
      co_return ErrorResponse(call.errors, NotVisible());
    }
  }
  const Result<HistoryPage> page = ReadHistory(*q.view, asked->query);
  if (!page.ok()) co_return Failed(call, page.status());
  if (page->entries.empty() && !connection.ok()) co_return Failed(call, connection.status());
  co_return Told(call, *q.view, HistoryDocument(*page, asked->with_states));
}

}  // namespace

std::span<const Endpoint> AccessEndpoints() {
  using enum http::Method;
  static const Endpoint kEndpoints[] = {
      {kGet, "/api/v2/actions/connections/{connection_id}/history", ErrorForm::kObjects,
       right::kConnectionsRead, History, "GetConnectionHistory",
       "What became of a connection, change by change, with differences"},
      {kGet, "/api/v2/access/connections/{connection_id}", ErrorForm::kTexts, right::kAuditLogsRead,
       Who, "ListConnectionAccess", "Who can use a connection, by which paths, at any moment"},
      {kGet, "/api/v2/access/principals/{principal}", ErrorForm::kTexts, right::kAuditLogsRead,
       What, "ListPrincipalAccess", "What somebody can use, by which paths, at any moment"},
      {kGet, "/api/v2/counts", ErrorForm::kTexts, right::kAuditLogsRead, Counts, "GetCounts",
       "How many there are of what, at any moment"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
