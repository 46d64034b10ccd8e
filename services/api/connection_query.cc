#include "services/api/connection_query.h"

#include "services/api/json_answer.h"

namespace conntrail::api {
namespace {

constexpr size_t kPageDefault = 50;
constexpr size_t kPageMax = 1000;

}  // namespace

Parsed<ConnectionQuery> ReadConnectionQuery(const Call& call) {
  ConnectionQuery query;
  const auto text = [&](std::string_view name) {
    const std::string* value = call.request.Parameter(name);
    return value == nullptr ? std::string() : *value;
  };
  Fault fault;
  const auto flag = [&](std::string_view name) -> std::optional<bool> {
    if (call.request.Parameter(name) == nullptr) return std::nullopt;
    const Parsed<bool> value = FlagParameter(call, name, false);
    if (!value.ok()) fault = value.fault();
    return value.ok() && *value;
  };
  query.filter.name_contains = text("filter[name]");
  query.filter.integration_type = text("filter[integration]");
  query.filter.tag = text("filter[tag]");
  query.filter.suspended = flag("filter[suspended]");
  query.filter.has_credential = flag("filter[has_credential]");
  query.filter.with_deleted = flag("filter[deleted]").value_or(false);
  if (const std::string* principal = call.request.Parameter("filter[principal]")) {
    query.filter.granted = Principal::Parse(*principal);
    if (!query.filter.granted) {
      fault = {.detail = "must be a principal, like user:<uuid>", .parameter = "filter[principal]"};
    }
  }
  const std::string* sent_sort = call.request.Parameter("sort");
  const std::string sort = sent_sort == nullptr ? "name" : *sent_sort;
  if (sort == "id") {
    query.order = ConnectionOrder::kId;
  } else if (sort == "created_at") {
    query.order = ConnectionOrder::kCreated;
  } else if (sort == "last_updated") {
    query.order = ConnectionOrder::kChanged;
  } else if (sort != "name") {
    fault = {.detail = "must be name, id, created_at or last_updated", .parameter = "sort"};
  }
  const Parsed<Moment> moment = AsOf(call);
  if (!moment.ok()) return moment.fault();
  query.at = *moment;
  const Parsed<size_t> limit = NumberParameter(call, "page[limit]", kPageDefault, kPageMax);
  if (!limit.ok()) return limit.fault();
  query.limit = *limit;
  query.cursor = text("page[cursor]");
  if (!fault.detail.empty()) return fault;
  return query;
}

}  // namespace conntrail::api
