#include "services/api/text_rules.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "events/base/time.h"
#include "events/model/principal.h"

namespace conntrail::api {
namespace {

constexpr size_t kNameMax = 255;  // characters; bytes, because the fold counts these
constexpr size_t kTagBytesMax = 200;
constexpr size_t kTagsMax = 64;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool IsTagPart(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
    return IsLetter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '/';
  });
}

bool IsTag(std::string_view tag) {
  const size_t colon = tag.find(':');
  if (colon == std::string_view::npos || !IsLetter(tag.front())) return false;
  return IsTagPart(tag.substr(0, colon)) && IsTagPart(tag.substr(colon + 1));
}

bool IsReservedTag(std::string_view tag) {
  return tag.starts_with("default:") || tag.ends_with(":default");
}

// Without a user: what stands before an "@" is a name or a password, and neither belongs here.
void CheckUrl(BodyReader& reader, const JsonValue& value, std::string_view url) {
  const std::string_view scheme = url.starts_with("https://")  ? "https://"
                                  : url.starts_with("http://") ? "http://"
                                                               : "";
  if (scheme.empty()) return reader.Fail(value, "must begin with https:// or http://");
  std::string_view host = url.substr(scheme.size());
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.find('@') != std::string_view::npos) {
    return reader.Fail(value, "must not hold a user or password");
  }
  if (host.empty()) return reader.Fail(value, "has no host");
  if (url.find(' ') != std::string_view::npos) return reader.Fail(value, "must not hold a space");
}

void CheckCertificate(BodyReader& reader, const JsonValue& value, std::string_view pem) {
  const size_t begin = pem.find("-----BEGIN CERTIFICATE-----");
  const size_t end = pem.find("-----END CERTIFICATE-----");
  if (begin != 0 || end == std::string_view::npos) {
    reader.Fail(value, "must be a certificate in PEM: -----BEGIN CERTIFICATE----- and so on");
  }
}

void CheckForm(BodyReader& reader, const JsonValue& value, const CatalogField& field) {
  const std::string& text = value.text;
  switch (field.kind) {
    case CatalogFieldKind::kUrl:
      return CheckUrl(reader, value, text);
    case CatalogFieldKind::kCertificate:
      return CheckCertificate(reader, value, text);
    case CatalogFieldKind::kChoice:
      if (std::find(field.choices.begin(), field.choices.end(), text) == field.choices.end()) {
        reader.Fail(value, fmt::format("must be one of: {}", fmt::join(field.choices, ", ")));
      }
      return;
    case CatalogFieldKind::kAccount: {
      const std::optional<Principal> account = Principal::Parse(text);
      if (!account || !account->is_account()) {
        reader.Fail(value, "must be user:<uuid> or service_account:<uuid>, in lower case");
      }
      return;
    }
    default:
      return;
  }
}

}  // namespace

std::string ReadDescribedText(BodyReader& reader, const JsonValue& value,
                              const CatalogField& field) {
  const std::string& text = reader.Text(value);
  const bool is_entry = field.is_named_list() || field.kind == CatalogFieldKind::kContent;
  const bool many_lines =
      field.kind == CatalogFieldKind::kCertificate || field.kind == CatalogFieldKind::kContent;
  if (text.empty() && !is_entry) reader.Fail(value, "must not be empty");
  if (text.size() > field.bytes_max) {
    reader.Fail(value, fmt::format("must not be longer than {} bytes in UTF-8", field.bytes_max));
  }
  if (!many_lines && HasControl(text)) reader.Fail(value, "must not contain control characters");
  reader.RefuseTokens(value, text);
  if (field.pattern != nullptr && !is_entry && !field.pattern->matches(text)) {
    reader.Fail(value,
                fmt::format("value does not match regex pattern {}", field.pattern->expression));
  }
  CheckForm(reader, value, field);
  if (!reader.ok()) return {};
  if (field.kind != CatalogFieldKind::kTime) return text;
  const std::optional<UnixMs> time_ms = ParseTime(text);
  if (!time_ms) reader.Fail(value, "must be a time as in RFC 3339: 2026-11-23T12:00:00Z");
  return time_ms ? FormatTime(*time_ms) : std::string();
}

std::string ReadDisplayName(BodyReader& reader, const JsonValue& value) {
  return reader.Line(value, kNameMax, kNameMax);
}

std::vector<std::string> ReadTags(BodyReader& reader, const JsonValue& value) {
  std::vector<std::string> tags;
  for (const JsonValue& item : reader.Items(value)) {
    const std::string tag = reader.Line(item, kTagBytesMax, kTagBytesMax);
    if (!reader.ok()) return {};
    if (!IsTag(tag)) {
      reader.Fail(item,
                  "must be \"key:value\": begin with a letter, hold one colon, and otherwise "
                  "letters, digits, \"_\", \"-\" and \"/\"");
    } else if (IsReservedTag(tag)) {
      reader.Fail(item, "\"default\" is reserved, as a key and as a value");
    }
    tags.push_back(tag);
  }
  if (tags.size() > kTagsMax) {
    reader.Fail(value, fmt::format("must not have more than {} items", kTagsMax));
  }
  return tags;
}

}  // namespace conntrail::api
