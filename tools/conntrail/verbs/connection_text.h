#pragma once

#include <string>

#include "projections/fold/entity.h"
#include "tools/conntrail/command_line.h"

namespace conntrail {

// A field's value as people read it: a list with commas, "" for an absent one.
std::string TextOf(const FieldValue& value);
std::string TextOf(const FieldValue* value);

// "active", "suspended" or "deleted".
std::string StateOf(const Connection& connection);

// --as-of
void AddMomentOption(CLI::App& verb, std::string& moment);

}  // namespace conntrail
