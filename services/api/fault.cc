#include "services/api/fault.h"

#include "events/base/json_writer.h"
#include "services/api/scim/messages.h"

namespace conntrail::api {
namespace {

void WriteObject(JsonWriter& out, const Fault& fault) {
  out.BeginObject();
  out.Name("detail");
  out.Text(fault.detail);
  const bool has_source =
      !fault.pointer.empty() || !fault.parameter.empty() || !fault.header.empty();
  if (has_source) {
    out.Name("source");
    out.BeginObject();
    const auto write = [&](std::string_view name, const std::string& value) {
      if (value.empty()) return;
      out.Name(name);
      out.Text(value);
    };
    write("header", fault.header);
    write("parameter", fault.parameter);
    write("pointer", fault.pointer);
    out.EndObject();
  }
  out.Name("status");
  out.Text(std::to_string(fault.status));
  out.Name("title");
  out.Text(fault.title);
  out.EndObject();
}

std::string TextOf(const Fault& fault) {
  if (!fault.pointer.empty()) return fault.detail + " (at " + fault.pointer + ")";
  if (!fault.parameter.empty()) return fault.detail + " (parameter " + fault.parameter + ")";
  return fault.detail;
}

}  // namespace

std::string_view MediaTypeOf(ErrorForm form) {
  switch (form) {
    case ErrorForm::kObjects:
      return "application/vnd.api+json";
    case ErrorForm::kScim:
      return "application/scim+json";
    case ErrorForm::kTexts:
      break;
  }
  return "application/json";
}

http::Response ErrorResponse(ErrorForm form, const Fault& fault) {
  if (form == ErrorForm::kScim) return scim::ErrorResponse(fault);
  JsonWriter out;
  out.BeginObject();
  out.Name("errors");
  out.BeginArray();
  if (form == ErrorForm::kObjects) {
    WriteObject(out, fault);
  } else {
    out.Text(TextOf(fault));
  }
  out.EndArray();
  out.EndObject();
  http::Response response;
  response.status = fault.status;
  response.content_type = MediaTypeOf(form);
  response.body = out.Take();
  return response;
}

}  // namespace conntrail::api
