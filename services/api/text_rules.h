#pragma once

#include <string_view>

#include "services/api/integration_catalog.h"
#include "services/api/json_body.h"

namespace conntrail::api {

// Checks one text of a document against its description: length, pattern, form, control characters,
// tokens. Returns it as it is kept (times in one form).
std::string ReadDescribedText(BodyReader& reader, const JsonValue& value,
                              const CatalogField& field);

// A connection's name: 1 to 255 characters and bytes, no control characters, no token.
std::string ReadDisplayName(BodyReader& reader, const JsonValue& value);

// "key:value" each, a set: begins with a letter, one colon, letters, digits, "_", "-" and "/";
// "default" is neither key nor value.
std::vector<std::string> ReadTags(BodyReader& reader, const JsonValue& value);

}  // namespace conntrail::api
