#pragma once

#include <map>

#include "tools/conntrail/answers/answers.h"

namespace conntrail {

// Answers from one org of a data directory, which must outlive this.
class DirectoryAnswers final : public Answers {
 public:
  explicit DirectoryAnswers(OrgView org) : org_(std::move(org)) {}

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
  Result<std::string> NameOf(const EntityKey& subject);

  const OrgView org_;
  std::map<EntityKey, std::string> names_;
};

}  // namespace conntrail
