#include <algorithm>

#include "services/api/openapi/operation_table.h"

namespace conntrail::api {
namespace {

constexpr std::string_view kUuid = R"({"$ref":"#/components/schemas/Uuid"})";
constexpr std::string_view kFlag = R"({"type":"boolean"})";
constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kDate =
    R"({"type":"string","examples":["now-1d","2026-05-03T14:03:00Z","1777816980000"]})";

constexpr Parameter kParameters[] = {
    {"connection_id", "path", "Id of a connection.", kUuid},
    {"app_key_id", "path", "Id of an application key.", kUuid},
    {"workflow_id", "path", "Id of a workflow; the client chooses it.", kUuid},
    {"integration_id", "path", "Id of a connected integration.", kUuid},
    {"key_id", "path", "Id of an API or application key.", kUuid},
    {"event_id", "path", "Id of an event.", kUuid},
    {"index", "path", "Index of a record of the trail; the first has 0.",
     R"({"$ref":"#/components/schemas/Index"})"},
    {"path", "path",
     "`attributes.origin` of `GET /api/v2/evidence`, and then the path of a file as C2SP "
     "tlog-tiles "
     "names it: `checkpoint`, `tile/0/000`, `tile/entries/000.p/12`.",
     R"({"type":"string","examples":["example.org/main/p0/o1/checkpoint"]})"},
    {"from", "query", "How many records the shorter trail has.",
     R"({"type":"integer","minimum":1})"},
    {"to", "query", "How many records the longer trail has; all that are sealed without it.",
     R"({"type":"integer","minimum":1})"},
    {"step", "path", "Name of a step of the workflow.",
     R"({"type":"string","minLength":1,"maxLength":128})"},
    {"principal", "path", "Whom the question is about.",
     R"({"$ref":"#/components/schemas/Principal"})"},
    {"resource_id", "path", "\"connection:\" and the id of a connection; the colon may be escaped.",
     R"({"$ref":"#/components/schemas/RestrictedResource"})"},

    {"as_of", "query",
     "The moment that is asked about: `now` (the default), a time of RFC 3339, `time:` and such a "
     "time, `index:` and the index of a record of the trail, or `seq:` and the number of a "
     "producer's event.",
     R"({"$ref":"#/components/schemas/Moment"})"},
    {"relation", "query", "At least this relation; viewer without it.",
     R"({"$ref":"#/components/schemas/Relation"})"},
    {"page[limit]", "query", "How many at most.",
     R"({"type":"integer","minimum":1,"maximum":1000})"},
    {"page[cursor]", "query", "`meta.page.after` of the page before.", kText},
    {"page[size]", "query", "How many at most.",
     R"({"type":"integer","minimum":1,"maximum":1000,"default":10})"},
    {"page[number]", "query", "Which page; the first is 0.",
     R"({"type":"integer","minimum":0,"maximum":1000000,"default":0})"},
    {"filter[name]", "query", "Connections whose name contains this.", kText},
    {"filter[integration]", "query", "Connections of this integration.", kText},
    {"filter[tag]", "query", "Connections with this tag, `key:value`.", kText},
    {"filter[principal]", "query", "Connections whose policy names this principal.",
     R"({"$ref":"#/components/schemas/Principal"})"},
    {"filter[suspended]", "query", "Only those that are suspended, or only those that are not.",
     kFlag},
    {"filter[has_credential]", "query", "Only those with a credential, or only those without.",
     kFlag},
    {"filter[deleted]", "query", "Whether deleted ones are listed too.", kFlag},
    {"connections_sort", "query", "The order.",
     R"({"type":"string","enum":["name","id","created_at","last_updated"],"default":"name"})"},
    {"trail_sort", "query", "Oldest or newest first.",
     R"({"type":"string","enum":["timestamp","-timestamp"],"default":"-timestamp"})"},
    {"changes_only", "query", "Leaves out what changed nothing, such as uses and refusals.", kFlag},
    {"states", "query", "Whether each entry carries the whole state after it.", kFlag},
    {"allow_self_lockout", "query", "The policy may take away the caller's own access.", kFlag},
    {"cause", "query", "Why the credential is withdrawn.",
     R"({"type":"string","enum":["asked","expiry","revocation","leak"],"default":"asked"})"},
    {"filter[query]", "query", "A query in log search syntax; everything without it.", kText},
    {"filter[from]", "query", "The first moment: date math, RFC 3339 or milliseconds since 1970.",
     kDate},
    {"filter[to]", "query", "The moment after the last; now without it.", kDate},
    {"filter[subject]", "query", "Records about this: a kind and an id.",
     R"({"type":"string","examples":["connection:4f1d9c36-2f0b-4c7e-9a51-0d6f0c8b7e21"]})"},
    {"filter[actor]", "query", "Records of what this account has done.",
     R"({"$ref":"#/components/schemas/Principal"})"},
    {"filter[type]", "query", "Of these types, with commas between them.",
     R"({"type":"string","examples":["connection.edited,connection.deleted"]})"},
    {"filter[outcome]", "query", "With one of these outcomes, with commas between them.",
     R"({"type":"string","examples":["denied,rejected"]})"},
    {"filter[mark]", "query", "With one of these marks, with commas between them.",
     R"({"type":"string","examples":["gap,late,producer_gap"]})"},
    {"filter[first_time]", "query", "The first moment.", R"({"$ref":"#/components/schemas/Time"})"},
    {"filter[last_time]", "query", "The last moment.", R"({"$ref":"#/components/schemas/Time"})"},
    {"events", "query", "Whether each record carries its event, as it is on the log.", kFlag},
    {"audit_limit", "query", "How many at most.",
     R"({"type":"integer","minimum":1,"maximum":1000,"default":10})"},
    {"format", "query", "The form of the lines.",
     R"({"type":"string","enum":["ndjson","csv","ocsf","archive"],"default":"ndjson"})"},
    {"last_event_id", "query", "As Last-Event-ID, for clients that cannot set headers.",
     R"({"type":"string","pattern":"^(-1|[0-9]{1,19})$"})"},
    {"Last-Event-ID", "header",
     "Index of the last record that was seen; -1 for the beginning. Without it: what comes.",
     R"({"type":"string","pattern":"^(-1|[0-9]{1,19})$"})"},
    {"If-Match", "header",
     "The ETag of an answer. If the revision is another one by now, the answer is 412 and nothing "
     "changes.",
     R"({"type":"string","pattern":"^(\\*|\"[0-9]{1,19}\")$","examples":["\"3\""]})"},
    {"Idempotency-Key", "header",
     "Words of the client's own for this request. The same request with the same words is carried "
     "out once, and answered the same; another request with them is answered 409.",
     R"({"type":"string","pattern":"^[ -~]{1,255}$"})"},
};

}  // namespace

std::span<const Parameter> ParameterTable() { return kParameters; }

const Parameter* FindParameter(std::string_view name) {
  const auto found = std::find_if(std::begin(kParameters), std::end(kParameters),
                                  [&](const Parameter& p) { return p.name == name; });
  return found == std::end(kParameters) ? nullptr : &*found;
}

}  // namespace conntrail::api
