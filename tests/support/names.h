#pragma once

#include <string_view>

#include "events/event.h"

namespace conntrail {

// Ids by the name that a thing has in a test: the same name gives the same id everywhere.
inline Uuid IdNamed(std::string_view name) {
  return Uuid::FromName({0xC0117A11'0000'4000, 0x8000'0000'0000'7E57}, name);
}
inline OrgId OrgNamed(std::string_view name) { return {IdNamed(name)}; }
inline ConnectionId ConnectionNamed(std::string_view name) { return {IdNamed(name)}; }
inline WorkflowId WorkflowNamed(std::string_view name) { return {IdNamed(name)}; }
inline KeyId KeyNamed(std::string_view name) { return {IdNamed(name)}; }
inline Principal UserNamed(std::string_view name) { return Principal::User(IdNamed(name)); }
inline Principal ServiceNamed(std::string_view name) {
  return Principal::ServiceAccount(IdNamed(name));
}
inline Principal TeamNamed(std::string_view name) { return Principal::Team(IdNamed(name)); }
inline Principal RoleNamed(std::string_view name) { return Principal::Role(IdNamed(name)); }

// The org that tests play in, unless they say otherwise.
inline OrgId Acme() { return OrgNamed("acme"); }
inline Principal EverybodyAtAcme() { return Principal::Org(Acme()); }

// A fingerprint; equal for equal `secret`.
inline SecretFingerprint FingerprintNamed(std::string_view field, std::string_view secret) {
  SecretFingerprint fingerprint{.field = std::string(field)};
  const Uuid id = IdNamed(secret);
  for (size_t i = 0; i < 8; ++i) fingerprint.digest[i] = static_cast<uint8_t>(id.hi >> (8 * i));
  return fingerprint;
}

}  // namespace conntrail
