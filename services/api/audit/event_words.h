#pragma once

#include <span>
#include <string>
#include <string_view>

#include "events/event.h"
#include "projections/store/trail_row.h"

namespace conntrail::api {

// How an audit event names what happened.
struct EventWords {
  std::string_view evt_name;    // "Custom Connections"
  std::string_view asset_type;  // "custom_connection"
  std::string_view action;      // "created"

  bool operator==(const EventWords&) const = default;
};

// All that a record of this type may be named; at least one.
std::span<const EventWords> PossibleWords(EventType type);

// One of them. `event` is null if the record's bytes are none; `key` is the kind of key that a
// record about one is about, as far as that is known.
EventWords WordsOf(const TrailLine& line, const Event* event, KeyKind key);

// "info": it counts; "warn": refused; "error": the rules could not take it.
std::string_view StatusOf(Verdict verdict);

// What a record says, in a sentence. `name` is its subject's, if it has one.
std::string SentenceOf(const TrailLine& line, const Event* event, std::string_view name);

// "user:…", "API key …", "the log".
std::string ActorText(const TrailLine& line, const Event* event);

}  // namespace conntrail::api
