#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// The one description of all integrations, their ways to authenticate and the fields of each. What
// is read, what is written, the OpenAPI document and the console's forms are made from it.
namespace conntrail::api {

enum class CatalogFieldKind : uint8_t {
  kText,
  kSecret,        // a text of which only a fingerprint is kept
  kUrl,           // http or https, without a user
  kChoice,        // one of `choices`
  kInteger,       // from 0 to `integer_max`
  kTime,          // RFC 3339
  kAccount,       // "user:<uuid>" or "service_account:<uuid>"
  kCertificate,   // PEM, without a private key
  kTexts,         // a set of texts
  kNamedTexts,    // [{"name","value"}], in order
  kNamedSecrets,  // [{"name","type":"SECRET","value"}], in order; values are secrets
  kContent,       // {"content"?,"content_type"?}
  kFlag,          // true or false; asks for something and is kept nowhere
};

// Whose shape it is: the API's that others have published, or ours.
enum class CatalogOrigin : uint8_t { kContract, kAdditional };

// A rule for a text, as an expression to show (ECMA 262) and as code.
struct TextPattern {
  std::string_view expression;
  bool (*matches)(std::string_view text);
};

struct CatalogField {
  std::string_view name;
  CatalogFieldKind kind = CatalogFieldKind::kText;
  std::string_view label;  // for forms
  std::string_view help;   // a sentence, or ""
  bool required = true;
  bool read_only = false;                // made here; may not be sent
  bool patch_only = false;               // may be sent with an edit only
  const TextPattern* pattern = nullptr;  // of the text, or of the names in a list
  size_t bytes_max = 1024;               // of the text, or of each value in a list
  int64_t integer_max = 0;
  std::span<const std::string_view> choices = {};
  std::string_view constant = {};   // of a read-only field that is the same everywhere
  std::string_view needed_if = {};  // required where the choice `first_step` is this

  bool is_secret() const {
    return kind == CatalogFieldKind::kSecret || kind == CatalogFieldKind::kNamedSecrets;
  }
  bool is_named_list() const {
    return kind == CatalogFieldKind::kNamedTexts || kind == CatalogFieldKind::kNamedSecrets;
  }
};

// One way to authenticate: a value of credentials.type.
struct CredentialVariant {
  std::string_view type;
  std::string_view label;
  std::string_view help;
  CatalogOrigin origin = CatalogOrigin::kContract;
  std::span<const CatalogField> fields;  // sorted as a form shows them

  const CatalogField* Find(std::string_view name) const;
  bool has_secrets() const;
};

// A value of integration.type.
struct IntegrationType {
  std::string_view type;
  std::string_view label;
  CatalogOrigin origin = CatalogOrigin::kContract;
  std::span<const CatalogField> fields;  // of the integration itself
  std::span<const CredentialVariant> variants;

  const CredentialVariant* Find(std::string_view variant_type) const;
};

inline constexpr size_t kListEntriesMax = 50;     // of one list in a document
inline constexpr size_t kEntryNameBytesMax = 80;  // of one entry's name

// All, sorted by type. Lives for ever.
std::span<const IntegrationType> IntegrationCatalog();
// Null if there is none.
const IntegrationType* FindIntegrationType(std::string_view type);

}  // namespace conntrail::api
