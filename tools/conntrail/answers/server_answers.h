#pragma once

#include "events/base/json_reader.h"
#include "services/client/client.h"
#include "tools/conntrail/answers/answers.h"

namespace conntrail {

// Answers from a server, about the org of the keys. Long lists come in several requests; all of one
// list are about the moment of the first.
//
// Errors: kNotFound and kInvalidArgument in the words of the server, which are those of a data
// directory; kFailedPrecondition: the keys are not good or not enough; else those of Client.
class ServerAnswers final : public Answers {
 public:
  explicit ServerAnswers(client::ClientOptions options) : client_(std::move(options)) {}

  Result<OrgSummary> Org() override;
  Result<ConnectionPage> Connections(const ConnectionQuery& query) override;
  Status ForEachConnection(const Moment& at,
                           const std::function<bool(const Connection&)>& each) override;
  Result<ConnectionAnswer> ConnectionAt(const ConnectionId& id, const Moment& at) override;
  Result<HistoryPage> History(const HistoryQuery& query) override;
  Result<TrailAnswer> Trail(const TrailQuery& query, const TrailParts& parts) override;
  Result<std::vector<AccountAccess>> Who(const ConnectionId& id, Relation relation,
                                         const Moment& at) override;
  Result<std::vector<ConnectionAccess>> What(const Principal& principal, Relation relation,
                                             const Moment& at) override;
  Result<OrgCounts> Counts(const Moment& at) override;
  Result<std::vector<Producer>> Producers() override;

 private:
  Result<JsonValue> Get(const std::string& target);
  Result<ConnectionPage> PageOfConnections(const ConnectionQuery& query);
  Result<HistoryPage> PageOfHistory(const HistoryQuery& query);

  client::Client client_;
};

// The error that a status other than success tells, with the remedy.
Status StatusOf(const client::ServerUrl& url, const client::Answer& answer);

// As Moment::Parse reads it.
std::string MomentText(const Moment& moment);

}  // namespace conntrail
