#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/strong_id.h"
#include "events/base/uuid.h"

// Private to this folder. How an outbox lies in its directory. Stored; never change.
//
//   LOCK                          held while it is open; the holder's process id
//   NNNNNNNNNNNNNNNNNNNN.part     one or more embedded logs (events/log/log_directory.h), by number
//   sent                          how far sending has come
//   *.removed, *.unpublished      what a crash left; removed at the next open
//
//   part  := head* event*
//   head  := key: u128(0)    value: "conntrail outbox 1" LF "producer " name LF
//                                   "head " i " of " n LF (uuid(org) " " last number LF)*
//   event := key: u128(org)  value: the record as it is sent
//   sent  := "conntrail outbox sent 1" LF "log " uuid(log id) LF "part " number LF
//            "next " offset LF
//
// The heads of a part say the last number that each org had before it, so that older parts can go.
// Integers in texts are decimal.
namespace conntrail {

// The last number that a producer gave, of each org.
using LastNumbers = std::map<OrgId, uint64_t>;

struct OutboxHead {
  std::string producer;
  size_t index = 0;  // from 1
  size_t count = 0;
  LastNumbers numbers;

  bool operator==(const OutboxHead&) const = default;
};

// At least one; each fits into a record.
std::vector<std::string> HeadTexts(const std::string& producer, const LastNumbers& numbers);
std::optional<OutboxHead> ParseHead(std::string_view text);

// A record of an outbox.
struct OutboxPlace {
  uint64_t part = 0;
  Offset offset;

  auto operator<=>(const OutboxPlace&) const = default;
};

struct OutboxProgress {
  Uuid log_id;       // of the log that is sent to; nil: it was never reached
  OutboxPlace next;  // all before it is acknowledged

  bool operator==(const OutboxProgress&) const = default;
};
std::string ProgressText(const OutboxProgress& progress);
std::optional<OutboxProgress> ParseProgress(std::string_view text);

// "00000000000000000007.part"
std::string PartName(uint64_t number);
std::optional<uint64_t> ParsePartName(std::string_view name);

}  // namespace conntrail
