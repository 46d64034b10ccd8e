#pragma once

#include <memory>
#include <string>

#include "events/log/log_copy.h"
#include "projections/log_choice.h"
#include "tools/conntrail/session.h"

namespace conntrail {

// Between which places `conntrail log copy` copies, as its options say it.
struct CopyPlaces {
  std::string from;             // --from: a topic; "": the log of --data
  std::string from_properties;  // --from-kafka-properties; "": --kafka-properties
  std::string to;               // --to: a topic
  std::string to_data;          // --to-data: a data directory
  size_t replicas = 0;          // of a topic that is made
};

// The log that is copied, open; nobody else of this machine has a directory's.
struct CopySource {
  std::string place;      // "kafka:…", or the data directory
  std::string directory;  // of an embedded log; "": it is a topic
  OpenedLog opened;
};

// kInvalidArgument: `places` contradict each other. A closed log is opened too, to go on with a
// copy; one that is an unfinished copy itself is not.
Result<CopySource> OpenCopySource(Session& session, const CopyPlaces& places);

struct CopyEnd {
  std::string place;      // as in CopySource
  std::string directory;  // of an embedded log; "": it is a topic
  std::unique_ptr<CopyTarget> target;
};
Result<CopyEnd> BeginCopy(Session& session, const CopyPlaces& places, const CopySource& source);

// Lets everybody use the copy; a data directory that remembered the topic it came from has an
// embedded log from now on.
Status OpenUp(CopyEnd& end);

}  // namespace conntrail
