#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "events/event_codec.h"
#include "projections/views/org_view.h"
#include "projections/views/trail_walk.h"
#include "services/api/audit/audit_document.h"
#include "services/api/audit/event_words.h"

namespace conntrail::api {

// A record and the document that is made of it, which grows by parts.
struct AuditEvent {
  TrailLine line;
  RulesVersion rules;
  std::optional<OrgIndex> first;
  UnixMs append_time_ms = 0;
  DecodedEvent decoded;
  EventWords words;
  unsigned parts = 0;  // bits of audit_part that the document has
  AuditDocument document;

  // Null if the record's bytes are no event.
  const Event* event() const {
    return decoded.fault == DecodeFault::kNone ? &decoded.event : nullptr;
  }
};

// Makes audit events of the records of an org.
//
// The document of a record never changes: names and states are those of its own moment. Not
// thread-safe. The org must outlive it.
class AuditEventReader {
 public:
  explicit AuditEventReader(const OrgView& org) : org_(org), org_id_(org.state().id.ToString()) {}

  // The record that a walk has come to, without a document.
  Result<AuditEvent> Read(const WalkedRecord& walked);
  // Makes its document, without parts.
  void Describe(AuditEvent& event) const;
  // Adds those of `parts` that it has not.
  Status Add(AuditEvent& event, unsigned parts);

 private:
  // What the subject was called, and from when to when we know that.
  struct Named {
    Place from;
    Place to;
    std::string name;
    KeyKind key = KeyKind::kUnspecified;
  };

  Result<const Named*> NameAt(const EntityKey& subject, const Place& place);
  Status AddNames(AuditEvent& event);
  Status AddStates(AuditEvent& event);
  Status AddAction(AuditEvent& event);

  const OrgView& org_;
  const std::string org_id_;
  std::map<EntityKey, Named> names_;
};

// The id of the document of a record: it tells where the record stands.
std::string AuditIdOf(const TrailLine& line);

// The record of that id, with all parts. kNotFound: there is none, or it is no id.
Result<AuditEvent> FindAuditEvent(const OrgView& org, std::string_view id);

}  // namespace conntrail::api
