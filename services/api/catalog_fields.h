#pragma once

#include "services/api/integration_catalog.h"

// Fields that several variants share, and those of the variants with many: the parts that
// integration_catalog.cc puts together. For that file only.
namespace conntrail::api {

// Each matches what its expression says.
bool IsTwelveDigits(std::string_view text);
bool IsWordName(std::string_view text);
bool IsHeaderName(std::string_view text);

inline constexpr TextPattern kTwelveDigits{R"(^\d{12}$)", IsTwelveDigits};
inline constexpr TextPattern kWordName{R"(^[A-Za-z][A-Za-z\d]*$)", IsWordName};
inline constexpr TextPattern kHeaderName{R"(^[A-Za-z][A-Za-z\d\-\_]*$)", IsHeaderName};

constexpr CatalogField Plain(std::string_view name, std::string_view label, std::string_view help) {
  return {.name = name, .label = label, .help = help};
}
constexpr CatalogField Secret(std::string_view name, std::string_view label) {
  return {.name = name,
          .kind = CatalogFieldKind::kSecret,
          .label = label,
          .help = "Kept as a fingerprint only.",
          .bytes_max = 32768};
}
constexpr CatalogField Url(std::string_view name, std::string_view label, std::string_view help) {
  return {.name = name,
          .kind = CatalogFieldKind::kUrl,
          .label = label,
          .help = help,
          .bytes_max = 2048};
}
constexpr CatalogField Optional(CatalogField field) {
  field.required = false;
  return field;
}

inline constexpr CatalogField kHeaders{.name = "headers",
                                       .kind = CatalogFieldKind::kNamedTexts,
                                       .label = "Headers",
                                       .help = "Not secret; {{ name }} stands for a token.",
                                       .required = false,
                                       .pattern = &kHeaderName,
                                       .bytes_max = 4096};
inline constexpr CatalogField kUrlParameters{.name = "url_parameters",
                                             .kind = CatalogFieldKind::kNamedTexts,
                                             .label = "URL parameters",
                                             .help = "Not secret; {{ name }} stands for a token.",
                                             .required = false,
                                             .pattern = &kWordName,
                                             .bytes_max = 4096};
inline constexpr CatalogField kTokens{.name = "tokens",
                                      .kind = CatalogFieldKind::kNamedSecrets,
                                      .label = "Tokens",
                                      .help = "Each is kept as a fingerprint only.",
                                      .required = false,
                                      .pattern = &kWordName,
                                      .bytes_max = 32768};
inline constexpr CatalogField kRequestBody{.name = "body",
                                           .kind = CatalogFieldKind::kContent,
                                           .label = "Body",
                                           .help = "Not secret; {{ name }} stands for a token.",
                                           .required = false,
                                           .bytes_max = 4096};
inline constexpr CatalogField kScopes{.name = "scopes",
                                      .kind = CatalogFieldKind::kTexts,
                                      .label = "Scopes",
                                      .help = "What the credential may do at the provider.",
                                      .required = false,
                                      .bytes_max = 512};
inline constexpr CatalogField kConsentBy{.name = "consent_by",
                                         .kind = CatalogFieldKind::kAccount,
                                         .label = "Consent given by",
                                         .help = "Who has consented.",
                                         .required = false,
                                         .bytes_max = 64};
inline constexpr CatalogField kExpiresAt{.name = "expires_at",
                                         .kind = CatalogFieldKind::kTime,
                                         .label = "Expires at",
                                         .help = "When the consent ends.",
                                         .required = false,
                                         .bytes_max = 64};

inline constexpr CatalogField kHttpItself[] = {
    Url("base_url", "Base URL", "Where the requests go; without a user or password."),
};
inline constexpr CatalogField kHttpTokens[] = {kTokens, kHeaders, kUrlParameters, kRequestBody};
inline constexpr CatalogField kHttpBasic[] = {
    Plain("username", "User name", ""),
    Secret("password", "Password"),
};
inline constexpr CatalogField kHttpMtls[] = {
    {.name = "certificate",
     .kind = CatalogFieldKind::kCertificate,
     .label = "Certificate",
     .help = "PEM (RFC 7468), as the server sees it; the private key stands below.",
     .bytes_max = 4096},
    Secret("private_key", "Private key"),
};

inline constexpr std::string_view kFirstSteps[] = {"basic", "token"};
inline constexpr std::string_view kRequestMethods[] = {"GET", "POST"};
constexpr CatalogField NeededIf(std::string_view first_step, CatalogField field) {
  field.required = false;
  field.needed_if = first_step;
  return field;
}
inline constexpr CatalogField kHttpTwoStep[] = {
    {.name = "first_step",
     .kind = CatalogFieldKind::kChoice,
     .label = "First request authenticates by",
     .help = "",
     .choices = kFirstSteps},
    NeededIf("basic", Plain("username", "User name", "Of the first request.")),
    NeededIf("basic", Secret("password", "Password")),
    NeededIf("token", kTokens),
    Url("request_url", "URL of the first request", ""),
    {.name = "request_method",
     .kind = CatalogFieldKind::kChoice,
     .label = "Method of the first request",
     .help = "",
     .choices = kRequestMethods},
    Plain("token_path", "Path to the token", "Where the first answer holds the token."),
    {.name = "refresh_interval_seconds",
     .kind = CatalogFieldKind::kInteger,
     .label = "Refresh after, in seconds",
     .help = "0: never.",
     .required = false,
     .integer_max = 31'536'000},
    kHeaders,
    kUrlParameters,
    kRequestBody,
};

inline constexpr CatalogField kClientCredentials[] = {
    Url("token_url", "Token URL", "The provider's token endpoint."),
    Plain("client_id", "Client id", ""),
    Secret("client_secret", "Client secret"),
    kScopes,
};
inline constexpr CatalogField kAuthorizationCode[] = {
    Url("authorization_url", "Authorization URL", "Where somebody consents."),
    Url("token_url", "Token URL", "The provider's token endpoint."),
    Plain("client_id", "Client id", ""),
    Secret("client_secret", "Client secret"),
    kScopes,
    kConsentBy,
    kExpiresAt,
};
// Of a provider whose addresses are known.
inline constexpr CatalogField kProviderConsent[] = {
    Plain("client_id", "Client id", "Of the app that is registered with the provider."),
    Secret("client_secret", "Client secret"),
    Optional(Plain("account", "Account", "Workspace, organisation or site at the provider.")),
    kScopes,
    kConsentBy,
    kExpiresAt,
};

}  // namespace conntrail::api
