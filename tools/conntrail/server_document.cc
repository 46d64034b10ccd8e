#include "tools/conntrail/server_document.h"

#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "tools/conntrail/answers/server_answers.h"

namespace conntrail {
namespace {

constexpr size_t kDocumentBytesMax = size_t{256} << 10;  // the server takes no more

Result<std::string> ReadStream(std::istream& in, const std::string& path) {
  std::string text(kDocumentBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return Status::Io(path + " could not be read");
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > kDocumentBytesMax) {
    return Status::InvalidArgument(path + " has more than 256 KiB; the server takes no more");
  }
  const Result<JsonValue> json = ParseJson(text);
  if (json.ok()) return text;
  return Status::InvalidArgument(fmt::format("{}: {}", path, json.status().message()));
}

Result<ExitCode> Exchange(Session& session, const client::ClientRequest& request) {
  CONNTRAIL_ASSIGN_OR_RETURN(std::optional<client::ClientOptions> options, session.Server());
  if (!options) {
    return Status::InvalidArgument(
        "this verb goes through a server: --server URL or --profile NAME; into a data directory "
        "only import and demo write");
  }
  client::Client client(std::move(*options));
  CONNTRAIL_ASSIGN_OR_RETURN(const client::Answer answer, client.Send(request));
  if (answer.status / 100 != 2) return StatusOf(client.url(), answer);
  if (!answer.body.empty()) session.sink().Write(answer.body + "\n");
  return ExitCode::kOk;
}

}  // namespace

Result<std::string> ReadDocumentFile(const std::string& path) {
  if (path == "-") return ReadStream(std::cin, "standard input");
  std::ifstream in(path, std::ios::binary);
  if (!in) return Status::NotFound(path + " cannot be opened");
  return ReadStream(in, path);
}

Result<ExitCode> SendChange(Session& session, client::ClientRequest request) {
  request.idempotency_key = Uuid::NewTimeOrdered(session.now_ms()).ToString();
  return Exchange(session, request);
}

Result<ExitCode> AskDocument(Session& session, const std::string& target) {
  return Exchange(session, {.target = target});
}

}  // namespace conntrail
