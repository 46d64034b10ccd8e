#include "events/secret/token_shapes.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace conntrail {
namespace {

// Classes of characters, as bits.
constexpr uint8_t kUpper = 1;
constexpr uint8_t kLower = 2;
constexpr uint8_t kDigit = 4;
constexpr uint8_t kDash = 8;         // - and _
constexpr uint8_t kBase64 = 16;      // + / =
constexpr uint8_t kDotTilde = 32;    // . and ~
constexpr uint8_t kUnderscore = 64;  // _ alone
constexpr uint8_t kAlnum = kUpper | kLower | kDigit;

constexpr uint8_t ClassOf(unsigned char c) {
  if (c >= 'A' && c <= 'Z') return kUpper;
  if (c >= 'a' && c <= 'z') return kLower;
  if (c >= '0' && c <= '9') return kDigit;
  if (c == '-') return kDash;
  if (c == '_') return kDash | kUnderscore;
  if (c == '+' || c == '/' || c == '=') return kBase64;
  if (c == '.' || c == '~') return kDotTilde;
  return 0;
}

constexpr std::array<uint8_t, 256> Classes() {
  std::array<uint8_t, 256> classes{};
  for (size_t c = 0; c < classes.size(); ++c) classes[c] = ClassOf(static_cast<unsigned char>(c));
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = Classes();

bool IsIn(char c, uint8_t classes) { return (kClasses[static_cast<uint8_t>(c)] & classes) != 0; }

// A prefix, and after it at least `rest_min` characters of `rest`. The prefix stands at the
// beginning of a word.
struct Shape {
  std::string_view prefix;
  uint8_t rest;
  size_t rest_min;
  std::string_view name;
};

constexpr Shape kShapes[] = {
    {"AKIA", kUpper | kDigit, 16, "an AWS access key id"},
    {"ASIA", kUpper | kDigit, 16, "an AWS access key id"},
    {"ghp_", kAlnum, 30, "a GitHub token"},
    {"gho_", kAlnum, 30, "a GitHub token"},
    {"ghu_", kAlnum, 30, "a GitHub token"},
    {"ghs_", kAlnum, 30, "a GitHub token"},
    {"ghr_", kAlnum, 30, "a GitHub token"},
    {"github_pat_", kAlnum | kUnderscore, 22, "a GitHub token"},
    {"glpat-", kAlnum | kDash, 20, "a GitLab token"},
    {"xoxa-", kAlnum | kDash, 10, "a Slack token"},
    {"xoxb-", kAlnum | kDash, 10, "a Slack token"},
    {"xoxe-", kAlnum | kDash, 10, "a Slack token"},
    {"xoxp-", kAlnum | kDash, 10, "a Slack token"},
    {"xoxr-", kAlnum | kDash, 10, "a Slack token"},
    {"xoxs-", kAlnum | kDash, 10, "a Slack token"},
    {"xapp-", kAlnum | kDash, 10, "a Slack token"},
    {"hooks.slack.com/services/", kAlnum | kBase64, 20, "a Slack webhook"},
    {"AIza", kAlnum | kDash, 35, "a Google API key"},
    {"ya29.", kAlnum | kDash, 20, "a Google access token"},
    {"sk_live_", kAlnum, 16, "a Stripe key"},
    {"rk_live_", kAlnum, 16, "a Stripe key"},
    {"sk-ant-", kAlnum | kDash, 20, "an API key"},
    {"sk-proj-", kAlnum | kDash, 20, "an API key"},
    {"npm_", kAlnum, 36, "an npm token"},
    {"hvs.", kAlnum | kDash, 20, "a Vault token"},
    {"dop_v1_", kAlnum, 60, "a DigitalOcean token"},
    {"SG.", kAlnum | kDash | kDotTilde, 60, "a SendGrid key"},
    {"Bearer ", kAlnum | kDash | kBase64 | kDotTilde, 20, "a bearer token"},
    {"bearer ", kAlnum | kDash | kBase64 | kDotTilde, 20, "a bearer token"},
    {"Basic ", kAlnum | kBase64, 20, "basic credentials"},
};
static_assert(std::size(kShapes) <= 32);

// By first character: which shapes begin with it.
constexpr std::array<uint32_t, 256> ShapesByFirst() {
  std::array<uint32_t, 256> shapes{};
  for (size_t i = 0; i < std::size(kShapes); ++i) {
    shapes[static_cast<uint8_t>(kShapes[i].prefix.front())] |= uint32_t{1} << i;
  }
  return shapes;
}
constexpr std::array<uint32_t, 256> kShapesByFirst = ShapesByFirst();

// How many characters of `classes` the text begins with.
size_t RunOf(std::string_view text, uint8_t classes) {
  size_t run = 0;
  while (run < text.size() && IsIn(text[run], classes)) ++run;
  return run;
}

// "eyJ….eyJ….…": header, claims and signature in base64url; both JSON objects begin with {".
bool BeginsWithJwt(std::string_view text) {
  for (int part = 0; part < 3; ++part) {
    if (part < 2 && !text.starts_with("eyJ")) return false;
    const size_t run = RunOf(text, kAlnum | kDash);
    if (run < 10) return false;
    if (part == 2) return true;
    text.remove_prefix(run);
    if (!text.starts_with('.')) return false;
    text.remove_prefix(1);
  }
  return false;
}

// "://name:password@host"; `text` begins after the slashes.
bool BeginsWithUserAndPassword(std::string_view text) {
  const std::string_view authority = text.substr(0, text.find_first_of("/?# \t\r\n"));
  const size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return false;
  const size_t colon = authority.find(':');
  return colon != std::string_view::npos && colon + 1 < at;
}

bool HasPrivateKey(std::string_view text) {
  const size_t begin = text.find("-----BEGIN ");
  return begin != std::string_view::npos &&
         text.find("PRIVATE KEY", begin) != std::string_view::npos;
}

std::string_view ShapeAt(std::string_view text) {
  for (uint32_t left = kShapesByFirst[static_cast<uint8_t>(text.front())]; left != 0;
       left &= left - 1) {
    const Shape& shape = kShapes[__builtin_ctz(left)];
    if (!text.starts_with(shape.prefix)) continue;
    if (RunOf(text.substr(shape.prefix.size()), shape.rest) >= shape.rest_min) return shape.name;
  }
  return text.front() == 'e' && BeginsWithJwt(text) ? "a JSON web token" : "";
}

}  // namespace

std::string_view FindTokenShape(std::string_view text) {
  if (HasPrivateKey(text)) return "a private key";
  for (size_t scheme = text.find("://"); scheme != std::string_view::npos;
       scheme = text.find("://", scheme + 3)) {
    if (BeginsWithUserAndPassword(text.substr(scheme + 3))) return "a URL with a password";
  }
  for (size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && IsIn(text[i - 1], kAlnum)) continue;  // inside a word
    const std::string_view name = ShapeAt(text.substr(i));
    if (!name.empty()) return name;
  }
  return {};
}

}  // namespace conntrail
