#pragma once

#include "services/client/client.h"
#include "tools/conntrail/answers/server_answers.h"
#include "tools/conntrail/import/import_target.h"

namespace conntrail {

// Into the org of the keys, through the intake of a server. What was sent and not answered is
// looked for by the producer's watermark before it is sent again: nothing comes twice, nothing is
// lost.
//
// A refused event does not hold up those sent with it.
class ServerTarget final : public ImportTarget {
 public:
  explicit ServerTarget(client::ClientOptions options)
      : options_(options), answers_(options), client_(std::move(options)) {}

  Result<Org> FindOrg(const std::string& name_or_id) override;
  Result<std::vector<Producer>> Producers() override { return answers_.Producers(); }
  Result<std::optional<EventId>> EventNumbered(const std::string& producer,
                                               uint64_t sequence) override;
  Result<std::vector<ImportOutcome>> Append(std::span<const Event> events) override;

 private:
  using Waiting = std::vector<size_t>;  // places in `events` of those without an outcome

  Result<Waiting> SendOnce(std::span<const Event> events, const Waiting& waiting,
                           std::vector<ImportOutcome>& outcomes);
  Result<Waiting> DropSeen(std::span<const Event> events, const Waiting& waiting,
                           std::vector<ImportOutcome>& outcomes);

  const client::ClientOptions options_;
  ServerAnswers answers_;
  client::Client client_;
};

}  // namespace conntrail
