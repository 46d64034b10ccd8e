#pragma once

#include <string>
#include <string_view>

#include "services/api/fault.h"
#include "services/api/service.h"
#include "services/http/message.h"

namespace conntrail::api {

// True if the endpoint belongs into the document. Directory sync does not: it describes itself, as
// its standard has it (RFC 7644 section 4).
inline bool IsDocumented(const Endpoint& endpoint) { return endpoint.errors != ErrorForm::kScim; }

// The OpenAPI 3.1 document of all endpoints, made from the tables that the server itself runs on:
// AllEndpoints(), OperationTable(), the catalog of integrations and the description of events.
//
// REQUIRES: each endpoint has its row in OperationTable() (a test says so).
std::string OpenApiDocument(std::string_view version);

// The media type and the name of the schema of errors of that form.
std::string ErrorMediaOf(ErrorForm form);
std::string_view ErrorSchemaOf(ErrorForm form);

}  // namespace conntrail::api
