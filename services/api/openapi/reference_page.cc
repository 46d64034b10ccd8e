#include "services/api/openapi/reference_page.h"

#include <fmt/format.h>

#include "events/base/check.h"
#include "services/api/endpoints.h"
#include "services/api/openapi/example_json.h"
#include "services/api/openapi/openapi.h"
#include "services/api/openapi/operation_words.h"
#include "services/api/openapi/schema_html.h"
#include "services/api/openapi/schema_table.h"

namespace conntrail::api {
namespace {

constexpr std::string_view kBasics = R"html(
<section aria-labelledby="basics"><h2 id="basics">Before the first request</h2>
<dl><dt>Keys</dt><dd>Send <code>DD-API-KEY</code> and <code>DD-APPLICATION-KEY</code>, or
<code>Authorization: Bearer</code> with a token of the trusted issuer. An API key alone does for
producers of events. Connections take an application key that is
<a href="#RegisterAppKey">registered</a>.</dd>
<dt>Errors</dt><dd>Each endpoint has one form:
<a href="#schema-ErrorObjects">objects</a> or <a href="#schema-ErrorTexts">texts</a>.</dd>
<dt>Concurrency</dt><dd>Answers carry the revision as <code>ETag</code>. Sent back as
<code>If-Match</code>, an edit of what has changed meanwhile is refused with 412.</dd>
<dt>Repetition</dt><dd>With an <code>Idempotency-Key</code> a request that is sent again is carried
out once.</dd>
<dt>The past</dt><dd>Reads with <code>as_of</code> answer as of any moment. They name in
<code>X-Conntrail-Index</code> how much of the trail they have seen.</dd>
<dt>Limits</dt><dd>Bodies 256 KiB (events 8 MiB), headers 8 KiB, 64 members an object. Requests a
minute and key: <code>X-RateLimit-Limit</code>; beyond it 429 with <code>Retry-After</code>.</dd>
</dl></section>
)html";

class PageWriter {
 public:
  std::string Write(std::string_view version);

 private:
  void WriteHead(std::string_view version);
  void WriteContents(std::string_view version);
  void WriteGroups();
  void WriteOperation(const Endpoint& endpoint, const OperationShape& shape);
  void WriteParameters(const Endpoint& endpoint, const OperationShape& shape);
  void WriteRequest(const Endpoint& endpoint, const OperationShape& shape);
  void WriteAnswers(const Endpoint& endpoint, const OperationShape& shape);
  void WritePlain();
  void WriteSchemas();
  void WriteCode(std::string_view words, std::string_view text);
  std::string ExampleBody(const OperationShape& shape) const;
  std::string Curl(const Endpoint& endpoint, const OperationShape& shape) const;
  const Endpoint& EndpointOf(const OperationShape& shape) const;

  template <typename... Args>
  void Add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(html_), format, std::forward<Args>(args)...);
  }

  const SchemaMap schemas_ = AllSchemas();
  std::string html_;
};

const Endpoint& PageWriter::EndpointOf(const OperationShape& shape) const {
  for (const std::span<const Endpoint> table : AllEndpoints()) {
    for (const Endpoint& endpoint : table) {
      if (endpoint.name == shape.name) return endpoint;
    }
  }
  CONNTRAIL_CHECK(!"each row has its endpoint");
  return AllEndpoints()[0][0];
}

void PageWriter::WriteHead(std::string_view version) {
  Add("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<title>conntrail {}: API reference</title><style>{}</style></head><body>",
      EscapeHtml(version), ReferenceStyle());
}

void PageWriter::WriteContents(std::string_view version) {
  Add("<nav aria-label=\"Operations\"><a class=\"skip\" href=\"#reference\">To the text</a>"
      "<h1>conntrail</h1><p>API reference, version {}<br>"
      "<a href=\"/openapi.json\">OpenAPI document</a></p>"
      "<input id=\"filter\" type=\"search\" placeholder=\"Filter ( / )\" "
      "aria-label=\"Filter the operations\" hidden>"
      "<details id=\"contents\"><summary>Operations</summary>",
      EscapeHtml(version));
  for (const OperationGroup& group : OperationGroups()) {
    std::string items;
    for (const OperationShape& shape : OperationTable()) {
      if (shape.group != group.name) continue;
      const Endpoint& endpoint = EndpointOf(shape);
      std::string words = fmt::format("{} {} {} {} {}", LowerMethod(endpoint.method), endpoint.path,
                                      endpoint.name, endpoint.summary, group.name);
      for (char& c : words) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      items += fmt::format("<li data-words=\"{}\"><a href=\"#{}\">{}</a></li>", EscapeHtml(words),
                           endpoint.name, EscapeHtml(endpoint.summary));
    }
    if (items.empty()) continue;
    Add("<div><h2>{}</h2><ul>{}</ul></div>", EscapeHtml(group.name), items);
  }
  Add("<p><a href=\"#operation\">Operation</a><br><a href=\"#schemas\">Schemas</a></p>"
      "</details></nav>");
}

void PageWriter::WriteCode(std::string_view words, std::string_view text) {
  Add("<details><summary>{}</summary><pre tabindex=\"0\"><code>{}</code></pre></details>", words,
      EscapeHtml(text));
}

std::string PageWriter::ExampleBody(const OperationShape& shape) const {
  if (shape.request.empty()) return "";
  return shape.example.empty() ? ExampleOf(schemas_, schemas_.find(shape.request)->second)
                               : std::string(shape.example);
}

std::string PageWriter::Curl(const Endpoint& endpoint, const OperationShape& shape) const {
  std::string path = DocumentedPath(endpoint.path);
  for (const Parameter* parameter : ParametersOf(endpoint, shape)) {
    if (parameter->in != "path") continue;
    const std::string brace = fmt::format("{{{}}}", parameter->name);
    std::string value = ExampleOf(schemas_, parameter->schema);
    value = value.substr(1, value.size() - 2);  // without quotes
    path.replace(path.find(brace), brace.size(), value == "text" ? "first" : value);
  }
  std::string curl = "curl";
  if (endpoint.method != http::Method::kGet) {
    curl += fmt::format(" -X {}", http::MethodName(endpoint.method));
  }
  if (shape.answer == "EventStream") curl += " -N";
  curl += fmt::format(" \"$CONNTRAIL{}\" \\\n  -H \"DD-API-KEY: $DD_API_KEY\"", path);
  curl += " \\\n  -H \"DD-APPLICATION-KEY: $DD_APP_KEY\"";
  if (!shape.request.empty()) {
    curl += " \\\n  -H \"Content-Type: application/json\" \\\n  -d '" + ExampleBody(shape) + "'";
  }
  return curl;
}

void PageWriter::WriteParameters(const Endpoint& endpoint, const OperationShape& shape) {
  const std::vector<const Parameter*> parameters = ParametersOf(endpoint, shape);
  if (parameters.empty()) return;
  Add("<h4>Parameters</h4><dl>");
  for (const Parameter* parameter : parameters) {
    Add("<dt><code>{}</code> <span class=\"type\">{}</span></dt><dd>{}{}</dd>",
        EscapeHtml(SentNameOf(*parameter)), parameter->in, EscapeHtml(parameter->description),
        SchemaHtml(parameter->schema));
  }
  Add("</dl>");
}

void PageWriter::WriteRequest(const Endpoint& endpoint, const OperationShape& shape) {
  if (!shape.request.empty()) {
    Add("<h4>Body</h4><p><a href=\"#schema-{0}\">{0}</a>{1}", shape.request,
        (shape.traits & trait::kOptional) != 0 ? ", may be left out" : "");
    for (const std::string_view media : Words(shape.request_media)) {
      Add(" <span class=\"rule\">{}</span>", media);
    }
    Add("</p>");
    Add("<details><summary>Members</summary>{}</details>",
        SchemaHtml(schemas_.find(shape.request)->second));
    WriteCode("Example", Indented(ExampleBody(shape)));
  }
  WriteCode("curl", Curl(endpoint, shape));
}

void PageWriter::WriteAnswers(const Endpoint& endpoint, const OperationShape& shape) {
  Add("<h4>Answers</h4><dl><dt>{}</dt><dd>", shape.status);
  if (shape.answer.empty()) {
    Add("Done; no body.");
  } else {
    Add("<a href=\"#schema-{0}\">{0}</a>", shape.answer);
    const std::string media = shape.answer_media.empty() ? ErrorMediaOf(endpoint.errors)
                                                         : std::string(shape.answer_media);
    for (const std::string_view each : Words(media)) Add(" <span class=\"rule\">{}</span>", each);
    if ((shape.traits & trait::kEtag) != 0) Add(" <span class=\"rule\">ETag</span>");
    if ((shape.traits & trait::kIndex) != 0) Add(" <span class=\"rule\">X-Conntrail-Index</span>");
  }
  Add("</dd></dl>");
  if (!shape.answer.empty() && shape.answer_media.empty()) {
    WriteCode("Example of an answer",
              Indented(ExampleOf(schemas_, schemas_.find(shape.answer)->second)));
  }
  Add("<details><summary>Errors:");
  for (const int status : ErrorsOf(shape)) Add(" {}", status);
  Add("</summary><p>As <a href=\"#schema-{0}\">{0}</a>.</p><dl>", ErrorSchemaOf(endpoint.errors));
  for (const int status : ErrorsOf(shape)) {
    Add("<dt>{}</dt><dd>{}</dd>", status, EscapeHtml(StatusWords(status)));
  }
  Add("</dl></details>");
}

void PageWriter::WriteOperation(const Endpoint& endpoint, const OperationShape& shape) {
  Add("<article id=\"{}\"><h3><a href=\"#{}\">{}</a></h3>", endpoint.name, endpoint.name,
      EscapeHtml(endpoint.summary));
  Add("<p class=\"line\"><span class=\"method {0}\">{1}</span><code>{2}</code></p>",
      LowerMethod(endpoint.method), http::MethodName(endpoint.method), EscapeHtml(endpoint.path));
  const std::vector<std::string> scopes = ScopesOf(endpoint.rights | shape.decided);
  if (!scopes.empty()) {
    Add("<p class=\"line\"><span class=\"type\">Scopes</span>");
    for (const std::string& scope : scopes) Add("<span class=\"scope\">{}</span>", scope);
    Add("</p>");
  }
  Add("<p>{}</p>", EscapeHtml(DescriptionOf(endpoint, shape)));
  WriteParameters(endpoint, shape);
  WriteRequest(endpoint, shape);
  WriteAnswers(endpoint, shape);
  Add("</article>");
}

void PageWriter::WriteGroups() {
  for (const OperationGroup& group : OperationGroups()) {
    if (group.name == "Operation") continue;
    Add("<section><h2>{}</h2><p>{}</p>", EscapeHtml(group.name), EscapeHtml(group.description));
    for (const OperationShape& shape : OperationTable()) {
      if (shape.group == group.name) WriteOperation(EndpointOf(shape), shape);
    }
    Add("</section>");
  }
}

void PageWriter::WritePlain() {
  Add("<section><h2 id=\"operation\">Operation</h2><p>These take no key.</p><dl>");
  for (const PlainEndpoint& endpoint : PlainEndpoints()) {
    Add("<dt><a href=\"{0}\"><code>{0}</code></a></dt><dd>{1}{2}</dd>", endpoint.path,
        EscapeHtml(endpoint.summary), endpoint.may_be_unready ? "; 503 if not" : "");
  }
  Add("</dl></section>");
}

void PageWriter::WriteSchemas() {
  Add("<section><h2 id=\"schemas\">Schemas</h2>");
  for (const auto& [name, json] : schemas_) {
    Add("<details class=\"schema\" id=\"schema-{0}\"><summary><code>{0}</code></summary>{1}"
        "</details>",
        name, SchemaHtml(json));
  }
  Add("</section>");
}

std::string PageWriter::Write(std::string_view version) {
  WriteHead(version);
  WriteContents(version);
  Add("<main id=\"reference\" tabindex=\"-1\">{}", kBasics);
  WriteGroups();
  WritePlain();
  WriteSchemas();
  Add("</main><script>{}</script></body></html>\n", ReferenceScript());
  return std::move(html_);
}

}  // namespace

std::string ReferencePage(std::string_view version) { return PageWriter().Write(version); }

}  // namespace conntrail::api
