#pragma once

#include <string>

#include "projections/views/connection_view.h"

namespace conntrail::api {

// A page of a connection's history, or of another entity's, as a JSON document:
//
//   {"data":[{"id","type":"connection_change","attributes":{"actor","changes":[{"after","before",
//   "path"}],"event","event_type","index","reason","revision","state","timestamp","verdict",…}}],
//   "meta":{"page":{"after"}}}
//
// `id` is that of the audit event. A side of a change that is absent is left out; `state`, the
// whole state afterwards, stands where the record changed it and `with_states` is set.
std::string HistoryDocument(const HistoryPage& page, bool with_states);

}  // namespace conntrail::api
