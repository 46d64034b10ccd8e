#pragma once

#include <string>
#include <string_view>

#include "events/base/result.h"
#include "events/event.h"

namespace conntrail {

// Turns secrets into keyed fingerprints (HMAC-SHA-256, RFC 2104) under the deployment's key. The
// only code that sees secrets; it keeps none.
//
// Thread-safety: Fingerprint may be called from any thread.
class Fingerprinter {
 public:
  // Opens the key file at `path`, or makes one: 32 random bytes in hexadecimal, mode 0600, durable
  // before this returns. kFailedPrecondition if somebody else may read the file, kCorruption if it
  // holds anything but a key.
  static Result<Fingerprinter> OpenOrCreate(const std::string& path);

  // The same secret in the same field kind gives the same fingerprint everywhere in this
  // deployment, so that reuse is visible. `field` names the secret and is not part of the HMAC.
  SecretFingerprint Fingerprint(std::string_view field, std::string_view secret) const;

  // What the nodes of a deployment, which all have its key, know each other by. It follows from no
  // fingerprint, whatever secret that is of.
  std::string PeerToken() const;

 private:
  explicit Fingerprinter(const Digest& key) : key_(key) {}

  Digest key_{};
};

}  // namespace conntrail
