#include "tools/conntrail/server_document.h"
#include "tools/conntrail/verbs/arguments.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

constexpr const char* kAll = "/api/v2/actions/connections";

struct Options {
  std::string connection;
  std::string file;
  std::optional<uint64_t> revision;
};

// The request for the connection that was named, `below` it.
Result<client::ClientRequest> RequestFor(Session& session, const Options& options,
                                         http::Method method, const std::string& below = "") {
  // Only a name has to be looked for.
  std::optional<Uuid> id = Uuid::Parse(options.connection);
  if (!id) {
    CONNTRAIL_ASSIGN_OR_RETURN(Answers * answers, session.Answers());
    CONNTRAIL_ASSIGN_OR_RETURN(const ConnectionId found,
                               FindConnectionId(*answers, options.connection, Moment::Now()));
    id = found.uuid;
  }
  client::ClientRequest request{.method = method,
                                .target = std::string(kAll) + "/" + id->ToString() + below};
  if (options.revision) {
    request.headers.push_back({"If-Match", "\"" + std::to_string(*options.revision) + "\""});
  }
  return request;
}

Result<ExitCode> Create(Session& session, const Options& options) {
  client::ClientRequest request{.method = http::Method::kPost, .target = kAll};
  CONNTRAIL_ASSIGN_OR_RETURN(request.body, ReadDocumentFile(options.file));
  return SendChange(session, std::move(request));
}

Result<ExitCode> Update(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::string body, ReadDocumentFile(options.file));
  CONNTRAIL_ASSIGN_OR_RETURN(client::ClientRequest request,
                             RequestFor(session, options, http::Method::kPatch));
  request.body = body;
  return SendChange(session, std::move(request));
}

Result<ExitCode> Delete(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(client::ClientRequest request,
                             RequestFor(session, options, http::Method::kDelete));
  return SendChange(session, std::move(request));
}

Result<ExitCode> Suspend(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(client::ClientRequest request,
                             RequestFor(session, options, http::Method::kPut, "/suspension"));
  return SendChange(session, std::move(request));
}

Result<ExitCode> Resume(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(client::ClientRequest request,
                             RequestFor(session, options, http::Method::kDelete, "/suspension"));
  return SendChange(session, std::move(request));
}

void AddFile(CLI::App& verb, Options& options) {
  verb.add_option("--file", options.file, "The document, JSON as the API takes it; - reads it")
      ->type_name("FILE")
      ->required();
}

void AddConnection(CLI::App& verb, Options& options) {
  verb.add_option("connection", options.connection, "Its id, or its name if only it has that")
      ->type_name("ID|NAME")
      ->required();
  verb.add_option("--revision", options.revision, "Only if this is its revision still")
      ->type_name("N");
}

}  // namespace

void AddConnectionsChange(CLI::App& group, CommandLine& line) {
  const auto add = [&](const char* name, const char* description, const char* examples,
                       Result<ExitCode> (*run)(Session&, const Options&), bool has_connection,
                       bool has_file) {
    CLI::App& verb = AddVerb(group, name, description, examples);
    auto options = std::make_shared<Options>();
    if (has_connection) AddConnection(verb, *options);
    if (has_file) AddFile(verb, *options);
    OnVerb(verb, line, options, run);
  };
  add("create", "Makes one, through a server; answers its document",
      "  conntrail connections create --file pager.json --profile prod", Create, false, true);
  add("update", "Changes what the document names, through a server",
      "  conntrail connections update pager --file rename.json --revision 3", Update, true, true);
  add("delete", "Deletes one, through a server; its history stays",
      "  conntrail connections delete ID", Delete, true, false);
  add("suspend", "Has nobody use it until it is resumed, through a server",
      "  conntrail connections suspend pager", Suspend, true, false);
  add("resume", "Ends that, through a server", "  conntrail connections resume pager", Resume, true,
      false);
}

}  // namespace conntrail
