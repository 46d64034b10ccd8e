#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/json_writer.h"
#include "events/event.h"
#include "events/secret/fingerprint.h"
#include "services/api/json_body.h"

// What connections and connected integrations share: the consent that a credential rests on, and
// secrets by name.
namespace conntrail::api {

// {"client_id","provider"?,"scopes"?,"given_by"?}: `provider` and `caller` stand for what is left
// out. Scopes are a set.
Consent ReadConsent(BodyReader& reader, const JsonValue& value, std::string_view provider,
                    const Principal& caller);

// The same, or null.
void WriteConsent(JsonWriter& out, const std::optional<Consent>& consent);

// {"<name>":"<secret>",…} as fingerprints at `prefix` + name, sorted. Names are of letters, digits,
// "_" and ".", and `takes` them. No fault repeats a name or a secret.
std::vector<SecretFingerprint> ReadSecretMembers(
    BodyReader& reader, const JsonValue& value, std::string_view prefix,
    const Fingerprinter& fingerprinter, const std::function<bool(std::string_view name)>& takes);

}  // namespace conntrail::api
