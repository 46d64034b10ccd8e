#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace conntrail::api {

struct NamedSchema {
  std::string_view name;
  std::string_view json;  // JSON Schema 2020-12
};

// Written by hand, beside the code that reads and writes these documents. All live for ever.
std::span<const NamedSchema> BasicSchemas();       // ids, times, errors
std::span<const NamedSchema> ConnectionSchemas();  // connections and restriction policies
std::span<const NamedSchema> DirectorySchemas();   // workflows, integrations, keys
std::span<const NamedSchema> TrailSchemas();       // access, history, audit, events

using SchemaMap = std::map<std::string, std::string, std::less<>>;  // name → JSON

// Made from the catalog of integrations. Of each integration and each way to authenticate three
// forms: "AWSIntegrationCreate", "AWSIntegrationPatch", "AWSIntegrationAnswer",
// "AWSAssumeRoleCreate" and so on; and over all of them "IntegrationCreate", "IntegrationPatch" and
// "IntegrationAnswer".
void AddCatalogSchemas(SchemaMap& schemas);

// Made from the description of events that their codec has: "Event", and of each type that a
// producer may report one, such as "ConnectionUsedEvent".
void AddEventSchemas(SchemaMap& schemas);

// All of them.
SchemaMap AllSchemas();

}  // namespace conntrail::api
