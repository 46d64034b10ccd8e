#pragma once

#include "events/codec/wire_writer.h"

namespace conntrail {

// The table of `action`; its type in the union is the index of the alternative. Null for monostate.
flatbuffers::Offset<void> WriteAction(WireWriter& writer, const Action& action);

}  // namespace conntrail
