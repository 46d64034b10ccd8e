#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "events/base/bytes.h"
#include "events/event.h"

namespace conntrail {

struct KafkaHeader {
  std::string_view name;  // a string constant
  std::string value;

  bool operator==(const KafkaHeader&) const = default;
};

// What `event` says about itself to whoever does not know our schema: the headers of the
// CloudEvents binding for Kafka (1.0, binary mode), of a record whose value is EncodeEvent(event).
//
//   content-type    application/vnd.conntrail.event
//   ce_specversion  1.0
//   ce_id           the event id
//   ce_source       /orgs/ORG, or /orgs/ORG/producers/PRODUCER with PRODUCER percent-encoded
//   ce_type         conntrail.connection.created, ...
//   ce_time         RFC 3339: when it happened, else when its source recorded it; else left out
//
// They decide nothing, are not part of the record, and nothing of conntrail reads them.
std::vector<KafkaHeader> HeadersOf(const Event& event);

// The same of a record's value; none if that is no event.
std::vector<KafkaHeader> HeadersOf(ByteSpan payload);

}  // namespace conntrail
