#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/log/event_log.h"
#include "projections/record_folder.h"

// What is told to others of one record that was decided. It depends on the records of the org and
// nothing else: not on machines, batches, offsets or times of publishing. Whoever says it again
// says the same bytes. All integers big-endian. Stored by others; never change.
//
//   outcome record := u8 layout | u8 event type | u16 marks | uuid org | u64 org index |
//                     u64 org index of the first (of a duplicate; all ones: none) | leaf
//   leaf           := projections/merkle/leaf.h; layout 1 with the event bytes, layout 2
//   with
//                     their number and hash
//
// Layout 2 is for records larger than kRecordBytesMax, which only others can have written; they are
// malformed. What stands before the content has 64 bytes. The leaf is what a hash tree over the
// org's trail has at that index.
namespace conntrail {

inline constexpr size_t kOutcomeHeadBytes = 64;

struct OutcomeRecord {
  OrgId org;
  OrgIndex index;
  EventType type = EventType::kNone;
  uint16_t marks = 0;
  std::optional<OrgIndex> first;
  Verdict verdict = Verdict::kNone;
  Reason reason = Reason::kNone;
  RulesVersion rules;
  UnixMs effective_time_ms = 0;
  Revision revision;
  std::optional<uint32_t> slot;
  bool is_whole = true;      // false: `content` has length and hash
  std::string_view content;  // points into what it was made or read from
};

// `event` are the bytes on the log.
std::string EncodeOutcome(const FoldedRecord& folded, ByteSpan event);

// kCorruption: it is no outcome record.
Result<OutcomeRecord> DecodeOutcome(std::string_view bytes);

// A message's headers, as the Kafka binding of CloudEvents 1.0 names them. They follow from the
// record and the partition: `source` is OutcomeSource of it.
using OutcomeHeaders = std::vector<std::pair<std::string_view, std::string>>;
OutcomeHeaders HeadersOf(const OutcomeRecord& record, std::string_view source);

// "/conntrail/TOPIC/PARTITION" of the log. With it ce_id, "ORG/INDEX", names one record: the org
// of what belongs to no org, the nil org, is there once in each partition.
std::string OutcomeSource(std::string_view topic, PartitionId partition);

}  // namespace conntrail
