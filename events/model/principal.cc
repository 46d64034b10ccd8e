#include "events/model/principal.h"

namespace conntrail {

std::string_view PrincipalKindName(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::kNone:
      return "";
    case PrincipalKind::kUser:
      return "user";
    case PrincipalKind::kServiceAccount:
      return "service_account";
    case PrincipalKind::kTeam:
      return "team";
    case PrincipalKind::kRole:
      return "role";
    case PrincipalKind::kOrg:
      return "org";
  }
  return "";
}

std::string Principal::ToString() const {
  if (kind == PrincipalKind::kNone) return "";
  return std::string(PrincipalKindName(kind)) + ":" + id.ToString();
}

std::optional<Principal> Principal::Parse(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<Uuid> id = Uuid::Parse(text.substr(colon + 1));
  if (!id) return std::nullopt;
  for (uint8_t kind = 1; kind <= kPrincipalKindMax; ++kind) {
    if (PrincipalKindName(static_cast<PrincipalKind>(kind)) == text.substr(0, colon)) {
      return Principal{static_cast<PrincipalKind>(kind), *id};
    }
  }
  return std::nullopt;
}

}  // namespace conntrail
