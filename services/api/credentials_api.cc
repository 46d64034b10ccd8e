// The credential of a connection: given or given anew (by hand, by consent, by refresh), and
// withdrawn (expired, revoked, leaked).

#include "projections/views/connection_view.h"
#include "services/api/connection_answers.h"
#include "services/api/credential_document.h"
#include "services/api/endpoints.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kDoing = "updating";

asio::awaitable<http::Response> Give(Call& call) {
  const Parsed<ConnectionId> id = ConnectionOfPath(call);
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  Action attempt = CredentialRotated{.connection = *id};
  KnownConnection known = co_await FindOrRefuse(call, *id, std::move(attempt), kDoing);
  if (!known.connection) co_return std::move(known.refusal);
  Parsed<Action> read =
      ReadNewCredential(call.request.body, *known.connection,
                        call.caller.principal.value_or(Principal()), call.service.fingerprinter());
  if (!read.ok()) co_return ErrorResponse(call.errors, read.fault());
  Action action = std::move(*read);
  Decided decided = co_await Decide(call, std::move(action));
  if (decided.applied) co_return CurrentConnection(call, 200, *id);
  if (decided.line.reason == Reason::kConnectionNotFound) {
    co_return ErrorResponse(call.errors, ConnectionNotFound(kDoing));
  }
  co_return std::move(decided.refusal);
}

asio::awaitable<http::Response> Withdraw(Call& call) {
  const Parsed<ConnectionId> id = ConnectionOfPath(call);
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  const Parsed<CredentialCause> cause = ReadWithdrawalCause(call.request.Parameter("cause"));
  if (!cause.ok()) co_return ErrorResponse(call.errors, cause.fault());
  Action action = CredentialWithdrawn{.connection = *id, .cause = *cause};
  co_return co_await ChangeConnection(call, std::move(action), kDoing);
}

}  // namespace

std::span<const Endpoint> CredentialEndpoints() {
  using enum http::Method;
  constexpr ErrorForm kForm = ErrorForm::kObjects;
  static constexpr std::string_view kOne = "/api/v2/actions/connections/{connection_id}/credential";
  static const Endpoint kEndpoints[] = {
      {kPost, kOne, kForm, right::kActionsApi, Give, "GiveCredential",
       "Rotate the credential of a connection, or give it one: by hand, consent or refresh"},
      {kDelete, kOne, kForm, right::kActionsApi, Withdraw, "WithdrawCredential",
       "Withdraw the credential of a connection: it has expired, was revoked, or has leaked"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
