#pragma once

#include <string>
#include <vector>

#include "events/base/time.h"
#include "services/api/audit/tree.h"

namespace conntrail::api {

// What a document may be made of beyond the record itself; each costs reads of the store.
namespace audit_part {
inline constexpr unsigned kNames = 1u << 0;   // asset.name, and the message
inline constexpr unsigned kStates = 1u << 1;  // asset.prev_value, asset.new_value
inline constexpr unsigned kAction = 1u << 2;  // conntrail.details: all that the event says
inline constexpr unsigned kAll = kNames | kStates | kAction;
}  // namespace audit_part

// One audit event as it is searched and shown.
struct AuditDocument {
  std::string id;
  UnixMs timestamp_ms = 0;
  std::string message;
  std::string service;
  std::string status;             // "info", "warn", "error"
  std::vector<std::string> tags;  // "key:value"
  Tree attributes;
};

// {"attributes":{…},"id":…,"type":"audit"}, as a list of events has it.
void WriteAuditDocument(JsonWriter& out, const AuditDocument& document);
// {"_id":…,"attributes":{…},"date":…,"message":…,"source":"audit",…}, as archives have it.
void WriteArchiveDocument(JsonWriter& out, const AuditDocument& document);

}  // namespace conntrail::api
