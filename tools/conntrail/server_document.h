#pragma once

#include <string>

#include "tools/conntrail/session.h"

namespace conntrail {

// What a file holds: a document in JSON, as the API takes it. "-": standard input. At most 256 KiB.
Result<std::string> ReadDocumentFile(const std::string& path);

// Sends a change to the server and writes the document that it answers, if there is one. The change
// has a key of its own, so that it is carried out once however often it has to be sent.
// kInvalidArgument, with the remedy: a data directory was named, not a server.
Result<ExitCode> SendChange(Session& session, client::ClientRequest request);

// The same for a question.
Result<ExitCode> AskDocument(Session& session, const std::string& target);

}  // namespace conntrail
