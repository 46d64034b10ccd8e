#pragma once

#include <iosfwd>

#include <rapidcheck.h>

#include "events/event.h"

// Random values for property tests (RapidCheck prints the seed of a failure and shrinks it).
namespace conntrail {

// Valid events of that type whose fields are normal: what DecodeEvent gives back as it was. Most
// are small; texts hold what breaks careless code.
rc::Gen<Event> EventsOf(EventType type);
// Of every type.
rc::Gen<Event> AnyEvent();

// Well-formed UTF-8 without NUL.
rc::Gen<std::string> AnyText();
rc::Gen<Fields> AnyFields();
rc::Gen<Principal> AnyPrincipal();

// Prints events as JSON when a property fails; found by RapidCheck.
void showValue(const Event& event, std::ostream& out);

}  // namespace conntrail
