// Random valid documents. A failure prints the line RC_PARAMS="reproduce=..." that repeats it.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/services/api/documents.h"

namespace conntrail::api {
namespace {

rc::Gen<int> Below(int bound) { return rc::gen::inRange(0, bound); }

// Texts that break careless code, but no control characters and no token.
std::string AnyLine(size_t bytes_max) {
  static const std::vector<std::string> kParts = {
      "a",        "Z", "7", " ", "\"", "\\", "/", "~1", "{{ t }}", "ä", "€", "\xF0\x9F\x98\x80",
      "\xC2\xA0", ".", ",", ":"};
  std::string text = "x";
  const int parts = *Below(12);
  for (int i = 0; i < parts; ++i) {
    const std::string& part = kParts[static_cast<size_t>(*Below(static_cast<int>(kParts.size())))];
    if (text.size() + part.size() <= bytes_max) text += part;
  }
  return text;
}

Json AnyEntries(bool secret) {
  Json entries = Json::array();
  const auto names = *rc::gen::container<std::set<int>>(Below(40));
  std::vector<int> order(names.begin(), names.end());
  if (*rc::gen::arbitrary<bool>()) std::reverse(order.begin(), order.end());
  for (const int n : order) {
    Json entry = {{"name", "n" + std::to_string(n)},
                  {"value", secret ? kSecretMark + AnyLine(20) : AnyLine(200)}};
    if (secret) entry["type"] = "SECRET";
    entries.push_back(std::move(entry));
  }
  return entries;
}

Json AnyValueOf(const CatalogField& field) {
  switch (field.kind) {
    case CatalogFieldKind::kText:
      if (field.pattern == nullptr) return AnyLine(field.bytes_max);
      break;
    case CatalogFieldKind::kSecret:
      return kSecretMark + AnyLine(200);
    case CatalogFieldKind::kNamedTexts:
    case CatalogFieldKind::kNamedSecrets:
      return AnyEntries(field.is_secret());
    case CatalogFieldKind::kContent:
      return {{"content", AnyLine(4000) + "\n"}, {"content_type", AnyLine(50)}};
    default:
      break;
  }
  return ValueOf(field, *Below(900));
}

const IntegrationType& AnyType() {
  const auto catalog = IntegrationCatalog();
  // HTTP has half of all that can go wrong.
  if (*rc::gen::arbitrary<bool>()) return *FindIntegrationType("HTTP");
  return catalog[static_cast<size_t>(*Below(static_cast<int>(catalog.size())))];
}

const CredentialVariant& AnyVariantOf(const IntegrationType& type) {
  return type.variants[static_cast<size_t>(*Below(static_cast<int>(type.variants.size())))];
}

Json AnyIntegration(const IntegrationType& type, const CredentialVariant& variant) {
  Json integration = {{"type", type.type}, {"credentials", {{"type", variant.type}}}};
  for (const CatalogField& field : type.fields) integration[field.name] = AnyValueOf(field);
  for (const CatalogField& field : variant.fields) {
    if (field.read_only || field.patch_only) continue;
    const bool needed = field.required || !field.needed_if.empty();
    if (!needed && *rc::gen::arbitrary<bool>()) continue;
    Json value = AnyValueOf(field);
    if (value.is_array() && value.empty()) {
      if (field.needed_if.empty()) continue;
      value = ValueOf(field, 1);
    }
    integration["credentials"][field.name] = std::move(value);
  }
  return integration;
}

Json Answered(Json integration, const CredentialVariant& variant, const Desk& desk) {
  integration = WithoutSecrets(std::move(integration), variant);
  for (const CatalogField& field : variant.fields) {
    if (!field.read_only) continue;
    integration["credentials"][field.name] =
        field.constant.empty() ? desk.ids.external_id : std::string(field.constant);
  }
  return integration;
}

RC_GTEST_PROP(ConnectionDocumentProperty, AnyValidDocumentComesBackWithoutItsSecrets, ()) {
  const IntegrationType& type = AnyType();
  const CredentialVariant& variant = AnyVariantOf(type);
  const Json integration = AnyIntegration(type, variant);
  Desk desk;
  RC_ASSERT(desk.Create({{"name", "pager"}, {"integration", integration}}) == "applied");
  RC_ASSERT(desk.Integration() == Answered(integration, variant, desk));
  RC_ASSERT(desk.bytes().find(kSecretMark) == std::string::npos);
  RC_ASSERT(desk.Answer().dump().find(kSecretMark) == std::string::npos);
  RC_ASSERT(!desk.Answer()["attributes"].contains("fields"));
}

RC_GTEST_PROP(ConnectionDocumentProperty, SendingAnAnswerBackChangesNothing, ()) {
  const IntegrationType& type = AnyType();
  const CredentialVariant& variant = AnyVariantOf(type);
  Desk desk;
  RC_ASSERT(desk.Create({{"name", "pager"}, {"integration", AnyIntegration(type, variant)}}) ==
            "applied");
  const Json answer = desk.Answer()["attributes"];
  RC_ASSERT(desk.Patch({{"name", answer["name"]}, {"integration", answer["integration"]}}) ==
            "applied no_change");
}

RC_GTEST_PROP(ConnectionDocumentProperty, AWholeEditOfAnotherVariantEqualsCreatingIt, ()) {
  const IntegrationType& type = AnyType();
  const CredentialVariant& from = AnyVariantOf(type);
  const CredentialVariant& to = AnyVariantOf(type);
  RC_PRE(&from != &to);
  const Json first = {{"name", "pager"}, {"integration", AnyIntegration(type, from)}};
  const Json second = {{"name", "pager"}, {"integration", AnyIntegration(type, to)}};
  Desk desk;
  Desk fresh;
  RC_ASSERT(desk.Create(first) == "applied");
  const std::string patched = desk.Patch(second);
  // Two full documents may together change more fields than one event can hold.
  RC_PRE(patched.find("fields at once") == std::string::npos &&
         patched.find("too large") == std::string::npos);
  RC_ASSERT(patched == "applied");
  RC_ASSERT(fresh.Create(second) == "applied");
  RC_ASSERT(desk.connection().fields == fresh.connection().fields);
  RC_ASSERT(desk.connection().credential.secrets == fresh.connection().credential.secrets);
}

}  // namespace
}  // namespace conntrail::api
