#include "services/api/openapi/schema_table.h"

namespace conntrail::api {
namespace {

constexpr NamedSchema kSchemas[] = {
    {"AccessPath", R"({"type":"object","required":["principal","relation","via","granted_at",
      "granted_index"],"description":"One way in which somebody has come to a relation.",
      "properties":{"principal":{"$ref":"#/components/schemas/Principal"},
        "relation":{"$ref":"#/components/schemas/Relation"},
        "via":{"type":"string","enum":["default","group","org","direct"]},
        "granted_at":{"$ref":"#/components/schemas/Time"},
        "granted_index":{"$ref":"#/components/schemas/Index"},
        "group_name":{"type":"string"},
        "joined_at":{"$ref":"#/components/schemas/Time"},
        "joined_index":{"$ref":"#/components/schemas/Index"}}})"},
    {"TotalMeta", R"({"type":"object","required":["page"],"properties":{
      "page":{"type":"object","required":["total"],"properties":{
        "total":{"type":"integer","minimum":0}}}}})"},
    {"AccountAccessListAnswer", R"({"type":"object","required":["data","meta"],"properties":{
      "meta":{"$ref":"#/components/schemas/TotalMeta"},
      "data":{"type":"array","items":{"type":"object","required":["id","type","attributes"],
        "properties":{"id":{"$ref":"#/components/schemas/Principal"},
        "type":{"const":"account_access"},
        "attributes":{"type":"object","required":["active","paths","relation"],"properties":{
          "active":{"type":"boolean"},"relation":{"$ref":"#/components/schemas/Relation"},
          "paths":{"type":"array",
            "items":{"$ref":"#/components/schemas/AccessPath"}}}}}}}}})"},
    {"ConnectionAccessListAnswer", R"({"type":"object","required":["data","included","meta"],
      "properties":{
      "meta":{"$ref":"#/components/schemas/TotalMeta"},
      "included":{"type":"array","description":"Connected integrations: whoever writes a workflow reaches them without a connection.",
        "items":{"type":"object","required":["id","type","attributes"],
        "properties":{"id":{"$ref":"#/components/schemas/Uuid"},
        "type":{"const":"integration_access"},
        "attributes":{"type":"object",
          "required":["account","connected_at","connected_index","scopes","type"],"properties":{
          "account":{"type":"string"},"type":{"type":"string","examples":["Slack"]},
          "connected_at":{"$ref":"#/components/schemas/Time"},
          "connected_index":{"type":"integer","minimum":0},
          "scopes":{"type":"array","items":{"type":"string"}}}}}}},
      "data":{"type":"array","items":{"type":"object","required":["id","type","attributes"],
        "properties":{"id":{"$ref":"#/components/schemas/Uuid"},
        "type":{"const":"connection_access"},
        "attributes":{"type":"object","required":["name","paths","relation","suspended"],
          "properties":{"name":{"type":"string"},"suspended":{"type":"boolean"},
          "relation":{"$ref":"#/components/schemas/Relation"},
          "paths":{"type":"array",
            "items":{"$ref":"#/components/schemas/AccessPath"}}}}}}}}})"},
    {"TreeHash", R"({"type":"string","pattern":"^[A-Za-z0-9+/]{43}=$"})"},
    {"EvidenceAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"type":"object","required":["id","type","attributes"],"properties":{
        "id":{"$ref":"#/components/schemas/Uuid"},"type":{"const":"evidence"},
        "attributes":{"type":"object","required":["origin","records","tlog","verifier_key"],
          "properties":{"origin":{"type":"string"},"records":{"type":"integer"},
          "tlog":{"type":"string"},"verifier_key":{"type":"string"},
          "sealed":{"type":"object","required":["root","seal","sealed_at","size"],"properties":{
            "root":{"$ref":"#/components/schemas/TreeHash"},"seal":{"type":"integer"},
            "sealed_at":{"$ref":"#/components/schemas/Time"},
            "size":{"type":"integer"}}}}}}}}})"},
    {"ConsistencyProofAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"type":"object","required":["id","type","attributes"],"properties":{
        "id":{"type":"string"},"type":{"const":"consistency_proof"},
        "attributes":{"type":"object","required":["from","from_root","path","to","to_root"],
          "properties":{"from":{"type":"integer"},"to":{"type":"integer"},
          "from_root":{"$ref":"#/components/schemas/TreeHash"},
          "to_root":{"$ref":"#/components/schemas/TreeHash"},
          "path":{"type":"array","items":{"$ref":"#/components/schemas/TreeHash"}}}}}}}})"},
    {"CountsAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"type":"object","required":["id","type","attributes"],"properties":{
        "id":{"$ref":"#/components/schemas/Uuid"},"type":{"const":"org_counts"},
        "attributes":{"type":"object","required":["accounts","by_type","connections",
          "connections_deleted","connections_suspended","connections_without_policy","grants",
          "groups","last_time","name","records"],"properties":{
          "last_time":{"$ref":"#/components/schemas/Time"},
          "accounts":{"type":"integer"},"connections":{"type":"integer"},
          "connections_deleted":{"type":"integer"},"connections_suspended":{"type":"integer"},
          "connections_without_policy":{"type":"integer"},"grants":{"type":"integer"},
          "groups":{"type":"integer"},"name":{"type":"string"},"records":{"type":"integer"},
          "by_type":{"type":"array","items":{"type":"object",
            "required":["count","type","verdict"],"properties":{"count":{"type":"integer"},
            "type":{"type":"string"},"verdict":{"$ref":"#/components/schemas/Verdict"}}}}}}}}}})"},
    {"Verdict", R"({"type":"string","enum":["applied","duplicate","denied","rejected","conflict",
      "invalid","unsupported","malformed","misrouted","none"],
      "description":"What was decided: denied is a lack of rights, rejected a state that does not allow it, conflict another revision or request than was meant."})"},
    {"Marks", R"({"type":"array","items":{"enum":["gap","late","producer_gap"]}})"},
    {"Place", R"({"type":"object","required":["index","time"],
      "description":"A record of the trail, and its time.","properties":{
        "index":{"$ref":"#/components/schemas/Index"},
        "time":{"$ref":"#/components/schemas/Time"}}})"},
    {"ConnectionState", R"({"type":"object","required":["credential","fields","grants","id","kind",
      "life","restricted","slot","suspended"],
      "description":"A connection in the canonical form, of which digests are made and which the command line prints: all that is known, secrets as keyed fingerprints.",
      "properties":{"id":{"$ref":"#/components/schemas/Uuid"},"kind":{"const":"connection"},
        "created_by":{"$ref":"#/components/schemas/Principal"},
        "restricted":{"type":"boolean"},"suspended":{"type":"boolean"},
        "slot":{"type":"integer","minimum":1},"fields":{"type":"object"},
        "life":{"type":"object","required":["changed","created","deleted","incomplete","revision"],
          "properties":{"changed":{"$ref":"#/components/schemas/Place"},
          "created":{"$ref":"#/components/schemas/Place"},"deleted":{"type":"boolean"},
          "incomplete":{"type":"boolean"},"revision":{"$ref":"#/components/schemas/Revision"}}},
        "grants":{"type":"array","items":{"type":"object",
          "required":["principal","relation","since"],"properties":{
          "principal":{"$ref":"#/components/schemas/Principal"},
          "relation":{"$ref":"#/components/schemas/Relation"},
          "since":{"$ref":"#/components/schemas/Place"}}}},
        "credential":{"type":"object","required":["fingerprints","present","version"],
          "properties":{"present":{"type":"boolean"},"version":{"type":"integer"},
          "fingerprints":{"type":"object","additionalProperties":{"type":"string"}},
          "issued":{"$ref":"#/components/schemas/Place"},
          "expires_at":{"$ref":"#/components/schemas/Time"},"consent":{"type":"object"}}}}})"},
    {"UseState", R"({"type":"object","required":["automatic","connection","count","first_at","kind",
      "last","last_at","without_grant"],"properties":{
        "connection":{"$ref":"#/components/schemas/Uuid"},"kind":{"const":"use"},
        "principal":{"$ref":"#/components/schemas/Principal"},
        "count":{"type":"integer"},"automatic":{"type":"integer"},
        "without_grant":{"type":"integer"},
        "first_at":{"$ref":"#/components/schemas/Time"},
        "last":{"$ref":"#/components/schemas/Place"},
        "last_at":{"$ref":"#/components/schemas/Time"}}})"},
    {"ConnectionStateListAnswer", R"({"type":"object","required":["data","meta"],"properties":{
      "meta":{"type":"object","required":["at","page"],"properties":{
        "at":{"$ref":"#/components/schemas/Place"},
        "page":{"type":"object","required":["total"],"properties":{
          "after":{"type":"string"},"total":{"type":"integer"}}}}},
      "data":{"type":"array","items":{"type":"object","required":["id","type","attributes"],
        "properties":{"id":{"$ref":"#/components/schemas/Uuid"},"type":{"const":"connection_state"},
        "attributes":{"$ref":"#/components/schemas/ConnectionState"}}}}}})"},
    {"ConnectionStateAnswer", R"({"type":"object","required":["data","meta"],"properties":{
      "meta":{"type":"object","required":["at"],"properties":{
        "at":{"$ref":"#/components/schemas/Place"}}},
      "data":{"type":"object","required":["id","type","attributes"],
        "properties":{"id":{"$ref":"#/components/schemas/Uuid"},"type":{"const":"connection_state"},
        "attributes":{"type":"object","required":["connection","uses"],"properties":{
          "connection":{"$ref":"#/components/schemas/ConnectionState"},
          "uses":{"type":"array","items":{"$ref":"#/components/schemas/UseState"}}}}}}}})"},
    {"TrailRecordListAnswer", R"({"type":"object","required":["data","meta"],"properties":{
      "meta":{"type":"object","required":["page"],"properties":{
        "page":{"type":"object","required":["complete"],"properties":{
          "after":{"type":"string","description":"Where to go on; absent: there is no more."},
          "complete":{"type":"boolean","description":"False: much was looked at in vain before the page was full; go on."}}}}},
      "data":{"type":"array","items":{"type":"object","required":["id","type","attributes"],
        "properties":{"id":{"type":"string"},"type":{"const":"trail_record"},
        "attributes":{"type":"object","required":["event","index","outcome","revision","time"],
          "properties":{
          "actor":{"$ref":"#/components/schemas/Principal"},
          "event":{"$ref":"#/components/schemas/Uuid"},
          "event_bytes":{"type":"string","description":"The event as it is on the log (event.fbs), in base64url."},
          "index":{"$ref":"#/components/schemas/Index"},
          "marks":{"$ref":"#/components/schemas/Marks"},
          "name":{"type":"string","description":"What the subject is called now."},
          "occurred_at":{"$ref":"#/components/schemas/Time"},
          "outcome":{"$ref":"#/components/schemas/Verdict"},
          "reason":{"type":"string"},
          "revision":{"$ref":"#/components/schemas/Revision"},
          "subject":{"type":"string","examples":["connection:4f1d9c36-2f0b-4c7e-9a51-0d6f0c8b7e21"]},
          "time":{"$ref":"#/components/schemas/Time"},
          "type":{"type":"string","examples":["connection.edited"]}}}}}}}})"},
    {"HistoryAnswer", R"({"type":"object","required":["data","meta"],"properties":{
      "meta":{"type":"object","properties":{"page":{"type":"object","required":["after"],
        "properties":{"after":{"type":"string"}}}}},
      "data":{"type":"array","items":{"type":"object","required":["id","type","attributes"],
        "properties":{"id":{"type":"string"},"type":{"const":"connection_change"},
        "attributes":{"type":"object","required":["changes","event","event_type","index","marks",
          "revision","timestamp","verdict"],"properties":{
          "actor":{"$ref":"#/components/schemas/Principal"},
          "changes":{"type":"array","items":{"$ref":"#/components/schemas/Change"}},
          "event":{"$ref":"#/components/schemas/Uuid"},
          "event_type":{"type":"string","examples":["connection.edited"]},
          "index":{"$ref":"#/components/schemas/Index"},"interface":{"type":"string"},
          "marks":{"$ref":"#/components/schemas/Marks"},
          "occurred_at":{"$ref":"#/components/schemas/Time"},
          "reason":{"type":"string","examples":["editor_relation_required"]},
          "revision":{"$ref":"#/components/schemas/Revision"},
          "state":{"type":"object","description":"The whole of it after this."},
          "timestamp":{"$ref":"#/components/schemas/Time"},
          "verdict":{"$ref":"#/components/schemas/Verdict"}}}}}}}})"},

    {"AuditSearchRequest", R"({"type":"object","properties":{
      "filter":{"type":["object","null"],"properties":{
        "query":{"type":["string","null"],"default":"*","examples":["@action:deleted"]},
        "from":{"type":["string","integer","null"],"default":"now-15m"},
        "to":{"type":["string","integer","null"],"default":"now"}}},
      "options":{"type":["object","null"],"properties":{
        "timezone":{"type":["string","null"],"default":"UTC"},
        "time_offset":{"type":["integer","string","null"],"minimum":-86400,"maximum":86400,
          "description":"Seconds east of UTC at which days begin."}}},
      "page":{"type":["object","null"],"properties":{"cursor":{"type":["string","null"]},
        "limit":{"type":["integer","string","null"],"minimum":1,"maximum":1000,"default":10}}},
      "sort":{"enum":["timestamp","-timestamp",null],"default":"-timestamp"}}})"},
    {"AuditEvent", R"({"type":"object","required":["id","type","attributes"],"properties":{
      "id":{"type":"string"},"type":{"const":"audit"},
      "attributes":{"type":"object",
        "required":["attributes","message","service","tags","timestamp"],"properties":{
        "message":{"type":"string","examples":["user:… has deleted the connection pager"]},
        "service":{"type":"string"},"timestamp":{"$ref":"#/components/schemas/Time"},
        "tags":{"type":"array","items":{"type":"string"}},
        "attributes":{"$ref":"#/components/schemas/AuditAttributes"}}}}})"},
    {"AuditAttributes", R"({"type":"object","required":["action","asset","conntrail",
      "emitted_source","evt","org","status","timestamp","uuid"],
      "description":"What queries reach as @path.","properties":{
      "action":{"type":"string","examples":["modified"]},
      "asset":{"type":"object","required":["type"],"properties":{"type":{"type":"string"},
        "id":{"type":"string"},"name":{"type":"string"},
        "prev_value":{"type":"object","description":"The whole of it before."},
        "new_value":{"type":"object","description":"The whole of it after."}}},
      "auth_method":{"type":"string"},
      "conntrail":{"type":"object","description":"What no other service's events have.",
        "required":["index","verdict","event_type","revision","rules","appended_at"],"properties":{
        "index":{"$ref":"#/components/schemas/Index"},
        "verdict":{"$ref":"#/components/schemas/Verdict"},"reason":{"type":"string"},
        "event_type":{"type":"string"},"revision":{"$ref":"#/components/schemas/Revision"},
        "rules":{"type":"integer"},"first":{"$ref":"#/components/schemas/Index"},
        "marks":{"$ref":"#/components/schemas/Marks"},
        "appended_at":{"$ref":"#/components/schemas/Time"},
        "occurred_at":{"$ref":"#/components/schemas/Time"},
        "details":{"type":"object","description":"The action, as it was asked for."}}},
      "emitted_source":{"type":"string"},
      "evt":{"type":"object","required":["name","actor"],"properties":{"name":{"type":"string"},
        "actor":{"type":"object","required":["type"],"properties":{"type":{"type":"string",
          "enum":["USER","SERVICE_ACCOUNT","API_KEY","SYSTEM","Other"]}}}}},
      "http":{"type":"object"},"network":{"type":"object"},"metadata":{"type":"object"},
      "org":{"type":"object","required":["uuid"],"properties":{
        "uuid":{"$ref":"#/components/schemas/Uuid"},"name":{"type":"string"}}},
      "status":{"type":"string","enum":["info","warn","error"]},
      "timestamp":{"type":"integer","description":"Milliseconds since 1970."},
      "usr":{"type":"object"},"uuid":{"$ref":"#/components/schemas/Uuid"}}})"},
    {"AuditListAnswer", R"({"type":"object","required":["data","meta"],"properties":{
      "data":{"type":"array","items":{"$ref":"#/components/schemas/AuditEvent"}},
      "links":{"type":"object","required":["next"],"properties":{"next":{"type":"string"}}},
      "meta":{"type":"object","required":["elapsed","status"],"properties":{
        "elapsed":{"type":"integer","description":"In milliseconds."},
        "page":{"type":"object","required":["after"],"properties":{"after":{"type":"string"}}},
        "request_id":{"type":"string"},"status":{"type":"string","enum":["done","timeout"]},
        "warnings":{"type":"array","items":{"type":"object",
          "required":["code","title","detail"],"properties":{"code":{"type":"string"},
          "title":{"type":"string"},"detail":{"type":"string"}}}}}}}})"},

    {"Events", R"({"description":"One event, or an array of them.","anyOf":[
      {"type":"array","maxItems":5000,"items":{"$ref":"#/components/schemas/Event"}},
      {"$ref":"#/components/schemas/Event"}]})"},
    {"EventOutcome", R"({"type":"object","required":["id","type","attributes"],"properties":{
      "id":{"$ref":"#/components/schemas/Uuid"},"type":{"const":"connection_events"},
      "attributes":{"type":"object","required":["outcome"],"properties":{
        "outcome":{"type":"string","enum":["applied","duplicate","denied","rejected","conflict",
          "invalid","unsupported","malformed","misrouted","refused","unknown","not_recorded"],
          "description":"\"refused\" and \"not_recorded\": it is not in the trail; \"unknown\": ask later."},
        "detail":{"type":"string"},"effective_at":{"$ref":"#/components/schemas/Time"},
        "index":{"$ref":"#/components/schemas/Index"},
        "first_index":{"$ref":"#/components/schemas/Index"},
        "reason":{"type":"string"},"revision":{"$ref":"#/components/schemas/Revision"},
        "marks":{"$ref":"#/components/schemas/Marks"},
        "type":{"type":"string","examples":["connection.used"]}}}}})"},
    {"EventOutcomeAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"$ref":"#/components/schemas/EventOutcome"}}})"},
    {"EventOutcomeListAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"type":"array","items":{"$ref":"#/components/schemas/EventOutcome"}}}})"},
    {"ProducerListAnswer", R"({"type":"object","required":["data"],"properties":{
      "data":{"type":"array","items":{"type":"object","required":["id","type","attributes"],
        "properties":{"id":{"type":"string"},"type":{"const":"producers"},
        "attributes":{"type":"object",
          "required":["last_event_at","last_index","missing","watermark"],"properties":{
          "last_event_at":{"$ref":"#/components/schemas/Time"},
          "last_index":{"$ref":"#/components/schemas/Index"},
          "missing":{"type":"array","items":{"type":"object","required":["from","to"],
            "properties":{"from":{"type":"integer"},"to":{"type":"integer"}}}},
          "watermark":{"type":"integer",
            "description":"Up to here everything has come but for what is missing."}}}}}}}})"},
};

}  // namespace

std::span<const NamedSchema> TrailSchemas() { return kSchemas; }

}  // namespace conntrail::api
