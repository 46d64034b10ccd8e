#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "projections/fold/entity.h"
#include "services/api/fault.h"
#include "services/api/scim/document.h"

// What Users and Groups have in common. Within this folder only.
namespace conntrail::api::scim {

// The attribute "meta" (RFC 7643 section 3.1); its version is the entity tag of the answer.
JsonValue Meta(std::string_view type, const Lifecycle& life, const std::string& location);

// Reads attributes of a document and keeps the first fault: 400 invalidValue, with the name.
class Reader {
 public:
  // "" if it is absent or null.
  std::string Text(const JsonValue& object, std::string_view name);
  // nullopt if it is absent or null. Some directories send flags as texts ("False").
  std::optional<bool> Flag(const JsonValue& object, std::string_view name);

  void Fail(std::string_view name, std::string_view what);
  const std::optional<Fault>& fault() const { return fault_; }

 private:
  std::optional<Fault> fault_;
};

}  // namespace conntrail::api::scim
