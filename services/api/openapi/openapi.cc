#include "services/api/openapi/openapi.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "events/base/check.h"
#include "events/base/json_writer.h"
#include "services/api/endpoints.h"
#include "services/api/openapi/operation_table.h"
#include "services/api/openapi/operation_words.h"
#include "services/api/openapi/schema_table.h"

namespace conntrail::api {
namespace {

constexpr std::string_view kInfo =
    "Connections are named credentials. This service keeps what they are, who may use them and "
    "everything that has become of them: every change, every use and every refusal stands in the "
    "audit trail, and every state can be asked for as of any moment. Errors come in the form of "
    "the endpoint: objects (application/vnd.api+json) or texts (application/json).";

constexpr std::string_view kSecuritySchemes = R"({
  "apiKeyAuth":{"type":"apiKey","in":"header","name":"DD-API-KEY"},
  "appKeyAuth":{"type":"apiKey","in":"header","name":"DD-APPLICATION-KEY"},
  "bearer":{"type":"http","scheme":"bearer","bearerFormat":"JWT",
    "description":"A token of the issuer that the server trusts (OpenID Connect)."}})";
constexpr std::string_view kSecurity = R"([{"apiKeyAuth":[],"appKeyAuth":[]},{"bearer":[]}])";
constexpr std::string_view kSecurityAnyKey =
    R"([{"apiKeyAuth":[],"appKeyAuth":[]},{"apiKeyAuth":[]},{"bearer":[]}])";

constexpr std::string_view kHeaders = R"({
  "X-Request-Id":{"required":true,"description":"The client's own, or one made here; it stands in the trail.","schema":{"type":"string"}},
  "ETag":{"required":true,"description":"The revision, for If-Match.","schema":{"type":"string","pattern":"^\"[0-9]+\"$"}},
  "X-Conntrail-Index":{"required":true,"description":"How many records of the trail the answer has seen.","schema":{"type":"integer","minimum":0}},
  "X-RateLimit-Limit":{"description":"Requests in a period; left out if there is no limit.","schema":{"type":"integer"}},
  "X-RateLimit-Period":{"description":"In seconds.","schema":{"type":"integer"}},
  "X-RateLimit-Remaining":{"schema":{"type":"integer"}},
  "X-RateLimit-Reset":{"description":"Seconds until there is no waiting.","schema":{"type":"integer"}},
  "X-RateLimit-Name":{"schema":{"type":"string"}},
  "Retry-After":{"description":"In seconds.","schema":{"type":"integer"}},
  "Location":{"description":"Where to ask what became of it.","schema":{"type":"string"}}})";

void Text(JsonWriter& out, std::string_view name, std::string_view value) {
  out.Name(name);
  out.Text(value);
}

void WriteRef(JsonWriter& out, std::string_view section, std::string_view name) {
  out.BeginObject();
  Text(out, "$ref", fmt::format("#/components/{}/{}", section, name));
  out.EndObject();
}

void WriteHeader(JsonWriter& out, std::string_view name) {
  out.Name(name);
  WriteRef(out, "headers", name);
}

void WriteLimitHeaders(JsonWriter& out) {
  for (const std::string_view what : {"Limit", "Period", "Remaining", "Reset", "Name"}) {
    WriteHeader(out, fmt::format("X-RateLimit-{}", what));
  }
}

void WriteMedia(JsonWriter& out, std::string_view media, std::string_view schema,
                std::string_view example = {}) {
  out.Name(media);
  out.BeginObject();
  out.Name("schema");
  WriteRef(out, "schemas", schema);
  if (!example.empty()) {
    out.Name("example");
    out.Raw(example);
  }
  out.EndObject();
}

// "ErrorTexts404": answers of the same status and form are all alike.
std::string ErrorName(ErrorForm form, int status) {
  return fmt::format("{}{}", ErrorSchemaOf(form), status);
}

void WriteError(JsonWriter& out, ErrorForm form, int status) {
  out.Name(ErrorName(form, status));
  out.BeginObject();
  Text(out, "description", StatusWords(status));
  out.Name("headers");
  out.BeginObject();
  WriteHeader(out, "X-Request-Id");
  if (status == 429 || status == 503) WriteHeader(out, "Retry-After");
  if (status == 429) WriteLimitHeaders(out);
  if (status == 504) WriteHeader(out, "Location");
  out.EndObject();
  out.Name("content");
  out.BeginObject();
  WriteMedia(out, ErrorMediaOf(form), ErrorSchemaOf(form));
  out.EndObject();
  out.EndObject();
}

class DocumentWriter {
 public:
  std::string Write(std::string_view version);

 private:
  void WriteHead(std::string_view version);
  void WritePaths();
  void WriteOperation(const Endpoint& endpoint, const OperationShape& shape);
  void WriteParameters(const Endpoint& endpoint, const OperationShape& shape);
  void WriteRequest(const OperationShape& shape);
  void WriteResponses(const Endpoint& endpoint, const OperationShape& shape);
  void WriteSuccess(const Endpoint& endpoint, const OperationShape& shape);
  void WritePlain(const PlainEndpoint& endpoint);
  void WriteComponents();

  JsonWriter out_;
  std::set<std::pair<ErrorForm, int>> errors_;  // that the paths refer to
};

void DocumentWriter::WriteHead(std::string_view version) {
  Text(out_, "openapi", "3.1.0");
  out_.Name("info");
  out_.BeginObject();
  Text(out_, "title", "conntrail");
  Text(out_, "version", version);
  Text(out_, "description", kInfo);
  out_.EndObject();
  out_.Name("servers");
  out_.Raw(R"([{"url":"/"}])");
  out_.Name("security");
  out_.Raw(kSecurity);
  out_.Name("tags");
  out_.BeginArray();
  for (const OperationGroup& group : OperationGroups()) {
    out_.BeginObject();
    Text(out_, "name", group.name);
    Text(out_, "description", group.description);
    out_.EndObject();
  }
  out_.EndArray();
}

void DocumentWriter::WriteParameters(const Endpoint& endpoint, const OperationShape& shape) {
  const std::vector<const Parameter*> parameters = ParametersOf(endpoint, shape);
  if (parameters.empty()) return;
  out_.Name("parameters");
  out_.BeginArray();
  for (const Parameter* parameter : parameters) {
    WriteRef(out_, "parameters", ComponentNameOf(*parameter));
  }
  out_.EndArray();
}

void DocumentWriter::WriteRequest(const OperationShape& shape) {
  if (shape.request.empty()) return;
  out_.Name("requestBody");
  out_.BeginObject();
  out_.Name("required");
  out_.Bool((shape.traits & trait::kOptional) == 0);
  out_.Name("content");
  out_.BeginObject();
  for (const std::string_view media : Words(shape.request_media)) {
    const bool is_json = media == "application/json";
    WriteMedia(out_, media, is_json ? shape.request : "Lines", is_json ? shape.example : "");
  }
  out_.EndObject();
  out_.EndObject();
}

void DocumentWriter::WriteSuccess(const Endpoint& endpoint, const OperationShape& shape) {
  out_.Name(std::to_string(shape.status));
  out_.BeginObject();
  Text(out_, "description", shape.status == 204 ? "Done." : "The answer.");
  out_.Name("headers");
  out_.BeginObject();
  WriteHeader(out_, "X-Request-Id");
  if ((shape.traits & trait::kEtag) != 0) WriteHeader(out_, "ETag");
  if ((shape.traits & trait::kIndex) != 0) WriteHeader(out_, "X-Conntrail-Index");
  WriteLimitHeaders(out_);
  out_.EndObject();
  if (!shape.answer.empty()) {
    const std::string media = shape.answer_media.empty() ? ErrorMediaOf(endpoint.errors)
                                                         : std::string(shape.answer_media);
    out_.Name("content");
    out_.BeginObject();
    for (const std::string_view each : Words(media)) WriteMedia(out_, each, shape.answer);
    out_.EndObject();
  }
  out_.EndObject();
}

void DocumentWriter::WriteResponses(const Endpoint& endpoint, const OperationShape& shape) {
  out_.Name("responses");
  out_.BeginObject();
  WriteSuccess(endpoint, shape);
  if ((shape.traits & trait::kMayBeGone) != 0) {
    out_.Name("204");
    out_.Raw(R"({"description":"Done, and somebody else has deleted it by now."})");
  }
  for (const int status : ErrorsOf(shape)) {
    errors_.emplace(endpoint.errors, status);
    out_.Name(std::to_string(status));
    WriteRef(out_, "responses", ErrorName(endpoint.errors, status));
  }
  out_.EndObject();
}

void DocumentWriter::WriteOperation(const Endpoint& endpoint, const OperationShape& shape) {
  out_.Name(LowerMethod(endpoint.method));
  out_.BeginObject();
  Text(out_, "operationId", endpoint.name);
  Text(out_, "summary", endpoint.summary);
  Text(out_, "description", DescriptionOf(endpoint, shape));
  out_.Name("tags");
  out_.BeginArray();
  out_.Text(shape.group);
  out_.EndArray();
  out_.Name("x-required-scopes");
  out_.BeginArray();
  for (const std::string& scope : ScopesOf(endpoint.rights | shape.decided)) out_.Text(scope);
  out_.EndArray();
  if ((shape.traits & trait::kAnyKey) != 0) {
    out_.Name("security");
    out_.Raw(kSecurityAnyKey);
  }
  WriteParameters(endpoint, shape);
  WriteRequest(shape);
  WriteResponses(endpoint, shape);
  out_.EndObject();
}

void DocumentWriter::WritePlain(const PlainEndpoint& endpoint) {
  out_.Name(endpoint.path);
  out_.BeginObject();
  out_.Name("get");
  out_.BeginObject();
  Text(out_, "operationId", endpoint.name);
  Text(out_, "summary", endpoint.summary);
  out_.Name("tags");
  out_.Raw(R"(["Operation"])");
  out_.Name("security");
  out_.Raw("[]");
  out_.Name("responses");
  out_.BeginObject();
  const auto write = [&](std::string_view status, std::string_view words) {
    out_.Name(status);
    out_.BeginObject();
    Text(out_, "description", words);
    out_.Name("content");
    out_.BeginObject();
    out_.Name(endpoint.media);
    out_.Raw(endpoint.media == "application/json" ? R"({"schema":{"type":"object"}})"
                                                  : R"({"schema":{"type":"string"}})");
    out_.EndObject();
    out_.EndObject();
  };
  write("200", "The answer.");
  if (endpoint.may_be_unready) write("503", "Not ready; the text says why.");
  out_.EndObject();
  out_.EndObject();
  out_.EndObject();
}

void DocumentWriter::WritePaths() {
  std::map<std::string, std::vector<const Endpoint*>> by_path;
  for (const std::span<const Endpoint> table : AllEndpoints()) {
    for (const Endpoint& endpoint : table) {
      if (IsDocumented(endpoint)) by_path[DocumentedPath(endpoint.path)].push_back(&endpoint);
    }
  }
  out_.Name("paths");
  out_.BeginObject();
  for (const auto& [path, endpoints] : by_path) {
    out_.Name(path);
    out_.BeginObject();
    for (const Endpoint* endpoint : endpoints) {
      const OperationShape* shape = FindOperation(endpoint->name);
      CONNTRAIL_CHECK(shape != nullptr);
      WriteOperation(*endpoint, *shape);
    }
    out_.EndObject();
  }
  for (const PlainEndpoint& endpoint : PlainEndpoints()) WritePlain(endpoint);
  out_.EndObject();
}

void DocumentWriter::WriteComponents() {
  out_.Name("components");
  out_.BeginObject();
  out_.Name("securitySchemes");
  out_.Raw(kSecuritySchemes);
  out_.Name("headers");
  out_.Raw(kHeaders);
  out_.Name("parameters");
  out_.BeginObject();
  for (const Parameter& parameter : ParameterTable()) {
    out_.Name(ComponentNameOf(parameter));
    out_.BeginObject();
    Text(out_, "name", SentNameOf(parameter));
    Text(out_, "in", parameter.in);
    Text(out_, "description", parameter.description);
    if (parameter.in == "path") {
      out_.Name("required");
      out_.Bool(true);
    }
    out_.Name("schema");
    out_.Raw(parameter.schema);
    out_.EndObject();
  }
  out_.EndObject();
  out_.Name("responses");
  out_.BeginObject();
  for (const auto& [form, status] : errors_) WriteError(out_, form, status);
  out_.EndObject();
  out_.Name("schemas");
  out_.BeginObject();
  for (const auto& [name, json] : AllSchemas()) {
    out_.Name(name);
    out_.Raw(json);
  }
  out_.EndObject();
  out_.EndObject();
}

std::string DocumentWriter::Write(std::string_view version) {
  out_.BeginObject();
  WriteHead(version);
  WritePaths();
  WriteComponents();
  out_.EndObject();
  return out_.Take();
}

}  // namespace

std::string OpenApiDocument(std::string_view version) { return DocumentWriter().Write(version); }

std::string ErrorMediaOf(ErrorForm form) { return ErrorResponse(form, Fault{}).content_type; }

std::string_view ErrorSchemaOf(ErrorForm form) {
  switch (form) {
    case ErrorForm::kObjects:
      return "ErrorObjects";
    case ErrorForm::kTexts:
    case ErrorForm::kScim:
      break;
  }
  return "ErrorTexts";
}

}  // namespace conntrail::api
