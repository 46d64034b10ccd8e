#pragma once

#include <string_view>

#include "events/event.h"
#include "events/secret/fingerprint.h"
#include "projections/fold/entity.h"
#include "services/api/fault.h"

// The credential of a connection as a document, in the API's conventions: an addition of this
// project. Only what is audited is kept: of a secret its fingerprint, of an OAuth grant who
// consented to what and until when, and never a token.
namespace conntrail::api {

// The body of POST /api/v2/actions/connections/{id}/credential: {"data":{"type":"credential",
// "attributes":{"cause"?,"secrets"?,"expires_at"?,"consent"?}}}. A CredentialRotated, or, if
// `connection` has none, a CredentialIssued. Causes are asked (which it is if it is left out),
// consent (whose object must be there then), refresh, and leak. Secrets are those that the type of
// its credentials has, by name, and those that it has already.
Parsed<Action> ReadNewCredential(std::string_view body, const Connection& connection,
                                 const Principal& caller, const Fingerprinter& fingerprinter);

// Why a credential is withdrawn: asked, expiry, revocation or leak.
Parsed<CredentialCause> ReadWithdrawalCause(const std::string* parameter);

}  // namespace conntrail::api
