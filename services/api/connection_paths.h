#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "projections/fold/entity.h"
#include "services/api/integration_catalog.h"

// Where the parts of a connection's document stand among its fields.
//
//   name, tags                                      as they are
//   integration.type, integration.<field>           of the integration itself
//   integration.credentials.type
//   integration.credentials.<field>                 a field, or a secret's fingerprint
//   integration.credentials.<list>.<entry>          its value, or a secret's fingerprint
//   integration.credentials.<list>.<entry>.type     of a list of secrets: "SECRET"
//   integration.credentials.<list>                  "b,a": the entries' order, if it is not by name
//   integration.credentials.body.content            and .content_type
//
// Names of entries hold no dot and no comma.
namespace conntrail::api {

inline constexpr std::string_view kNamePath = "name";
inline constexpr std::string_view kTagsPath = "tags";
inline constexpr std::string_view kIntegrationTypePath = "integration.type";
inline constexpr std::string_view kCredentialsTypePath = "integration.credentials.type";
inline constexpr std::string_view kIntegrationPrefix = "integration.";
inline constexpr std::string_view kCredentialsPrefix = "integration.credentials.";
inline constexpr std::string_view kSecretType = "SECRET";

// The text at `path`; "" if there is none, or something else.
std::string_view TextAt(const Fields& fields, std::string_view path);

// The names of the entries of the list at `path` in the order in which they were sent. Entries that
// the kept order does not name follow, by name.
std::vector<std::string> EntriesOf(const Fields& fields, std::string_view path,
                                   CatalogFieldKind kind);
// What is kept of that order: "" where it is by name.
std::string OrderOf(const std::vector<std::string>& names);

// The integration and the variant of a connection, null where the catalog has none of that name.
struct Described {
  const IntegrationType* integration = nullptr;
  const CredentialVariant* variant = nullptr;
};
Described DescribedBy(const Fields& fields);

}  // namespace conntrail::api
