#pragma once

#include <string>

#include "events/base/result.h"
#include "projections/merkle/note.h"
#include "projections/store/keys.h"

namespace conntrail {

// What a deployment signs with: one key, under a name of its own for each org's tree.
//
// In a file of mode 0600, as the private keys of signed notes are written elsewhere:
//   "PRIVATE+KEY+" name "+" key id in 8 hexadecimal digits "+" base64(0x01 | seed) "\n"
class EvidenceKey {
 public:
  // kNotFound: there is no such file. kFailedPrecondition: others may read it. kCorruption: it
  // holds no key.
  static Result<EvidenceKey> Open(const std::string& path);

  // Makes a new key, durably. `name` is that of the deployment: "HOST/DEPLOYMENT".
  // kInvalidArgument: it is no name. kFailedPrecondition: there is a file already.
  static Result<EvidenceKey> Create(const std::string& path, const std::string& name);

  const std::string& name() const { return name_; }
  const merkle::SigningKey& key() const { return key_; }

  // The tree's origin: NAME/pPARTITION/oSLOT. Never changes, whatever the org is called.
  std::string OriginOf(const keys::OrgAddress& org) const;
  // By which others verify what is signed for that org.
  merkle::VerifierKey VerifierKeyOf(const keys::OrgAddress& org) const;

 private:
  EvidenceKey(std::string name, merkle::SigningKey key)
      : name_(std::move(name)), key_(std::move(key)) {}

  std::string name_;
  merkle::SigningKey key_;
};

// HOST/DEPLOYMENT, or more parts: letters, digits and . - _ : in each, none empty, 200 at most.
bool IsDeploymentName(const std::string& name);

}  // namespace conntrail
