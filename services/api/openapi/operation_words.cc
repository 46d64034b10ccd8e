#include "services/api/openapi/operation_words.h"

#include <algorithm>

#include "events/base/check.h"
#include "services/auth/rights.h"

namespace conntrail::api {

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::string LowerMethod(http::Method method) {
  std::string name(http::MethodName(method));
  for (char& c : name) c = static_cast<char>(c - 'A' + 'a');
  return name;
}

std::string DocumentedPath(std::string_view path) {
  constexpr std::string_view kTail = "...}";
  if (!path.ends_with(kTail)) return std::string(path);
  return std::string(path.substr(0, path.size() - kTail.size())) + "}";
}

std::vector<const Parameter*> ParametersOf(const Endpoint& endpoint, const OperationShape& shape) {
  std::vector<const Parameter*> parameters;
  const auto add = [&](std::string_view name) {
    parameters.push_back(FindParameter(name));
    CONNTRAIL_CHECK(parameters.back() != nullptr);
  };
  const std::string path = DocumentedPath(endpoint.path);
  for (std::string_view rest = path; rest.find('{') != std::string_view::npos;) {
    rest.remove_prefix(rest.find('{') + 1);
    add(rest.substr(0, rest.find('}')));
  }
  for (const std::string_view name : Words(shape.parameters)) add(name);
  return parameters;
}

std::string_view SentNameOf(const Parameter& parameter) {
  if (parameter.name.ends_with("_sort")) return "sort";
  if (parameter.name == "audit_limit") return "page[limit]";
  return parameter.name;
}

std::string ComponentNameOf(const Parameter& parameter) {
  std::string name;
  for (const char c : parameter.name) {
    if (c == '[') name += '.';
    if (c != '[' && c != ']') name += c;
  }
  return name;
}

std::vector<int> ErrorsOf(const OperationShape& shape) {
  std::vector<int> errors = {400, 401, 403};
  const bool writes = (shape.traits & trait::kWrites) != 0;
  if ((shape.traits & trait::kMissing) != 0) errors.push_back(404);
  if (writes) errors.insert(errors.end(), {409, 412});
  if (writes || !shape.request.empty()) errors.push_back(413);
  if (Words(shape.request_media).size() > 1) errors.push_back(415);
  errors.insert(errors.end(), {429, 431, 500, 503});
  if (writes || (shape.traits & trait::kRecords) != 0) errors.push_back(504);
  return errors;
}

std::string_view StatusWords(int status) {
  switch (status) {
    case 400:
      return "The request is not well-formed, or the state does not allow it for good.";
    case 401:
      return "No key or token, or one that is worth nothing. Nothing is recorded.";
    case 403:
      return "The key lacks a scope, or the restriction policy does not allow it.";
    case 404:
      return "There is none of that id.";
    case 409:
      return "The state does not allow it, or the Idempotency-Key was used for another request.";
    case 412:
      return "It has changed since: the revision is not the one of If-Match.";
    case 413:
      return "The body, or the record that it makes, is too large.";
    case 415:
      return "The media type of the body is none of those.";
    case 429:
      return "Too many requests with this key.";
    case 431:
      return "The headers have more than 8 KiB.";
    case 500:
      return "The answer could not be made; the server's diagnostics say why.";
    case 503:
      return "Nothing was recorded; try again.";
    case 504:
      return "The outcome is not known yet; ask at Location.";
    default:
      return "";
  }
}

std::vector<std::string> ScopesOf(uint64_t rights) {
  std::vector<std::string> scopes;
  for (uint64_t bit = 1; bit <= right::kAll; bit <<= 1) {
    if ((rights & bit) != 0) scopes.push_back(RightNames(bit));
  }
  return scopes;
}

std::string DescriptionOf(const Endpoint& endpoint, const OperationShape& shape) {
  std::string text(shape.description);
  const auto add = [&](std::string_view sentence) {
    if (!text.empty()) text += ' ';
    text += sentence;
  };
  if (endpoint.rights != 0) add("The key needs: " + RightNames(endpoint.rights) + ".");
  if (shape.decided != 0) {
    add("The decision takes " + RightNames(shape.decided) + "; a refusal stands in the trail.");
  }
  if (text.empty()) add("Any key will do.");
  return text;
}

}  // namespace conntrail::api
