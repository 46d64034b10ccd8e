#include "tools/conntrail/server_document.h"
#include "tools/conntrail/verbs/arguments.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  std::string connection;
  std::string file;
};

Result<std::string> TargetOf(Session& session, const Options& options) {
  std::optional<Uuid> id = Uuid::Parse(options.connection);
  if (!id) {
    CONNTRAIL_ASSIGN_OR_RETURN(Answers * answers, session.Answers());
    CONNTRAIL_ASSIGN_OR_RETURN(const ConnectionId found,
                               FindConnectionId(*answers, options.connection, Moment::Now()));
    id = found.uuid;
  }
  return "/api/v2/restriction_policy/connection:" + id->ToString();
}

Result<ExitCode> Get(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::string target, TargetOf(session, options));
  return AskDocument(session, target);
}

Result<ExitCode> Set(Session& session, const Options& options) {
  client::ClientRequest request{.method = http::Method::kPost};
  CONNTRAIL_ASSIGN_OR_RETURN(request.body, ReadDocumentFile(options.file));
  CONNTRAIL_ASSIGN_OR_RETURN(request.target, TargetOf(session, options));
  return SendChange(session, std::move(request));
}

}  // namespace

void AddPolicy(CLI::App& group, CommandLine& line) {
  const auto add = [&](const char* name, const char* description, const char* examples,
                       Result<ExitCode> (*run)(Session&, const Options&), bool has_file) {
    CLI::App& verb = AddVerb(group, name, description, examples);
    auto options = std::make_shared<Options>();
    verb.add_option("connection", options->connection, "Its id, or its name if only it has that")
        ->type_name("ID|NAME")
        ->required();
    if (has_file) {
      verb.add_option("--file", options->file, "The policy, JSON as the API takes it; - reads it")
          ->type_name("FILE")
          ->required();
    }
    OnVerb(verb, line, options, run);
  };
  add("get", "The restriction policy of a connection, from a server",
      "  conntrail policy get pager > policy.json", Get, false);
  add("set", "Replaces it, through a server", "  conntrail policy set pager --file policy.json",
      Set, true);
}

}  // namespace conntrail
