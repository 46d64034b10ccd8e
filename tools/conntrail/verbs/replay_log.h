#pragma once

#include <string>

#include "projections/log_choice.h"
#include "projections/replay/what_if.h"
#include "tools/conntrail/session.h"

// What the verbs share that tell history again.
namespace conntrail {

// The log of --data, or the topic of --log if there is no --data. No projection is opened.
Result<OpenedLog> OpenHistory(Session& session);

// As AskWhatIf with a line of progress; what stops the process stops it at the next batch.
Result<WhatIfAnswer> AskWatched(Session& session, EventLog& log, const WhatIfQuestion& question,
                                WhatIfRun run);

// Writes the answer, in whatever format was asked for. `under` names the candidate.
void WriteWhatIf(Session& session, const WhatIfQuestion& question, const WhatIfAnswer& answer,
                 const std::string& under);

}  // namespace conntrail
