#include "services/api/json_answer.h"

#include "events/base/number.h"

namespace conntrail::api {

http::Response JsonAnswer(const Call& call, int status, std::string body) {
  http::Response response;
  response.status = status;
  response.content_type = MediaTypeOf(call.errors);
  response.body = std::move(body);
  return response;
}

http::Response DataAnswer(const Call& call, int status,
                          const std::function<void(JsonWriter&)>& write) {
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  write(out);
  out.EndObject();
  return JsonAnswer(call, status, out.Take());
}

http::Response NoContent() {
  http::Response response;
  response.status = 204;
  return response;
}

void SayIndex(http::Response& response, const OrgView& view) {
  response.headers.push_back({"X-Conntrail-Index", std::to_string(view.state().next_index.value)});
}

http::Response Failed(const Call& call, const Status& status) {
  Fault fault;
  switch (status.code()) {
    case StatusCode::kNotFound:
      fault.status = 404;
      fault.title = "Not Found";
      fault.detail = status.message();
      break;
    case StatusCode::kInvalidArgument:
      fault.detail = status.message();
      break;
    default:
      fault.status = 500;
      fault.title = "Internal Server Error";
      fault.detail = "the answer could not be read; the diagnostics of the server say why";
      break;
  }
  return ErrorResponse(call.errors, fault);
}

Parsed<Uuid> UuidOfPath(const Call& call, std::string_view name) {
  const std::string_view text = call.path[name];
  if (const std::optional<Uuid> id = Uuid::Parse(text)) return *id;
  return Fault{.title = "Invalid Parameter",
               .detail = "invalid parameter \"" + std::string(name) +
                         "\" in \"path\"; expected type \"uuid\" in lower case",
               .parameter = std::string(name)};
}

Parsed<Moment> AsOf(const Call& call) {
  const std::string* text = call.request.Parameter("as_of");
  if (text == nullptr) return Moment::Now();
  Result<Moment> moment = Moment::Parse(*text);
  if (!moment.ok() && ParseTime(*text)) moment = Moment::At(*ParseTime(*text));
  if (moment.ok()) return *moment;
  return Fault{.title = "Invalid Parameter",
               .detail =
                   "must be now, a time (RFC 3339), index:<number>, seq:<number> or "
                   "seq:<producer>:<number>",
               .parameter = "as_of"};
}

Parsed<bool> FlagParameter(const Call& call, std::string_view name, bool unless) {
  const std::string* text = call.request.Parameter(name);
  if (text == nullptr) return unless;
  if (*text == "true" || *text == "false") return *text == "true";
  return Fault{.title = "Invalid Parameter",
               .detail = "must be true or false",
               .parameter = std::string(name)};
}

Parsed<size_t> NumberParameter(const Call& call, std::string_view name, size_t unless, size_t max) {
  const std::string* text = call.request.Parameter(name);
  if (text == nullptr) return unless;
  const auto value = ParseNumber<size_t>(*text);
  if (value && *value >= 1 && *value <= max) return *value;
  return Fault{.title = "Invalid Parameter",
               .detail = "must be a number from 1 to " + std::to_string(max),
               .parameter = std::string(name)};
}

}  // namespace conntrail::api
