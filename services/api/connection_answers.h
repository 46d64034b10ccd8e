#pragma once

#include "services/api/decision.h"
#include "services/api/json_answer.h"

// What all endpoints of one connection share.
namespace conntrail::api {

// The connection_id of the path.
Parsed<ConnectionId> ConnectionOfPath(const Call& call);

// In the API's own words: "error <doing> connection: connection not found".
Fault ConnectionNotFound(std::string_view doing);

// The connection at that moment as the caller sees it; 404 if there was none, 403 if the caller may
// not view it now.
http::Response AnswerConnection(const Call& call, const OrgView& view, const ConnectionId& id,
                                const Moment& moment);

// After a decision: the connection as it is now. REQUIRES: the caller may see it.
http::Response CurrentConnection(Call& call, int status, const ConnectionId& id);

// Writes the resource for somebody with that relation.
void WriteShown(JsonWriter& out, const OrgView& view, const Connection& connection,
                Relation relation);

// The connection that a request is about, for one that cannot be read without it. What this node
// does not know may have been created a moment ago, here or elsewhere: then `attempt`, which must
// be about it, is recorded in a way that it cannot succeed, and once that is decided so is all
// before it. `refusal` is the answer if there is no such connection.
struct KnownConnection {
  std::optional<Connection> connection;
  http::Response refusal;
};
boost::asio::awaitable<KnownConnection> FindOrRefuse(Call& call, const ConnectionId& id,
                                                     Action attempt, std::string_view doing);

// Submits an intent about a connection whose answer has no body.
boost::asio::awaitable<http::Response> ChangeConnection(Call& call, Action action,
                                                        std::string_view doing);

}  // namespace conntrail::api
