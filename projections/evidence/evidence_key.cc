#include "projections/evidence/evidence_key.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events/base/base64.h"
#include "events/base/check.h"
#include "events/log/file.h"

namespace conntrail {
namespace {

constexpr std::string_view kIntroduction = "PRIVATE+KEY+";
constexpr size_t kFileBytesMax = 1024;
constexpr char kEd25519 = 0x01;

Status Unusable(const std::string& path) {
  return Status::Corruption(
      path +
      " holds no evidence key: expected PRIVATE+KEY+NAME+ID+BASE64; copy it again from a "
      "backup or another node of this log");
}

std::string Text(const std::string& name, const merkle::Ed25519Seed& seed,
                 const merkle::SigningKey& key) {
  std::string secret(1, kEd25519);
  secret.append(reinterpret_cast<const char*>(seed.data()), seed.size());
  std::string text =
      fmt::format("{}{}+{:08x}+{}\n", kIntroduction, name,
                  merkle::VerifierKey{name, key.public_key()}.Id(), ToBase64(secret));
  OPENSSL_cleanse(secret.data(), secret.size());
  return text;
}

struct Parsed {
  std::string name;
  merkle::Ed25519Seed seed{};
  std::string id;
};

std::optional<Parsed> Parse(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (!text.starts_with(kIntroduction)) return std::nullopt;
  text.remove_prefix(kIntroduction.size());
  const size_t first = text.find('+');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = text.find('+', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  Parsed parsed;
  parsed.name = text.substr(0, first);
  parsed.id = text.substr(first + 1, second - first - 1);
  std::optional<std::string> secret = FromBase64(text.substr(second + 1));
  if (!secret || secret->size() != 1 + parsed.seed.size() || secret->front() != kEd25519) {
    return std::nullopt;
  }
  std::memcpy(parsed.seed.data(), secret->data() + 1, parsed.seed.size());
  OPENSSL_cleanse(secret->data(), secret->size());
  return IsDeploymentName(parsed.name) ? std::optional(parsed) : std::nullopt;
}

}  // namespace

bool IsDeploymentName(const std::string& name) {
  if (name.empty() || name.size() > 200 || name.front() == '/' || name.back() == '/') return false;
  if (name.find("//") != std::string::npos) return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::strchr("./-_:", c) != nullptr;
  });
}

Result<EvidenceKey> EvidenceKey::Open(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    return Status::NotFound(path + " is missing");
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const File file, File::Open(path, O_RDONLY));
  struct stat facts = {};
  if (::fstat(file.fd(), &facts) != 0) return file.Error("look at");
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Status::FailedPrecondition(fmt::format(
        "{} holds the evidence key and has mode {:04o}: others must have no access (chmod 600)",
        path, facts.st_mode & 07777u));
  }
  std::string text(kFileBytesMax, '\0');
  CONNTRAIL_ASSIGN_OR_RETURN(
      const size_t size,
      file.ReadAt(0, std::as_writable_bytes(std::span(text.data(), text.size()))));
  text.resize(size);
  std::optional<Parsed> parsed = Parse(text);
  OPENSSL_cleanse(text.data(), text.size());
  if (!parsed) return Unusable(path);
  EvidenceKey key(parsed->name, merkle::SigningKey(parsed->seed));
  OPENSSL_cleanse(parsed->seed.data(), parsed->seed.size());
  const uint32_t id = merkle::VerifierKey{key.name_, key.key_.public_key()}.Id();
  if (fmt::format("{:08x}", id) != parsed->id) return Unusable(path);
  return key;
}

Result<EvidenceKey> EvidenceKey::Create(const std::string& path, const std::string& name) {
  if (!IsDeploymentName(name)) {
    return Status::InvalidArgument(fmt::format(
        "'{}' is no name of a deployment: expected HOST/NAME of letters, digits and . - _ :",
        name));
  }
  if (::access(path.c_str(), F_OK) == 0) {
    return Status::FailedPrecondition(path + " is there already");
  }
  merkle::Ed25519Seed seed;
  CONNTRAIL_CHECK(RAND_bytes(seed.data(), static_cast<int>(seed.size())) == 1);
  EvidenceKey key(name, merkle::SigningKey(seed));
  std::string text = Text(name, seed, key.key_);
  OPENSSL_cleanse(seed.data(), seed.size());
  const std::filesystem::path place(path);
  const Status written =
      PublishFile(place.parent_path().string(), place.filename().string(), AsBytes(text), nullptr)
          .status();
  OPENSSL_cleanse(text.data(), text.size());
  CONNTRAIL_RETURN_IF_ERROR(written);
  return key;
}

std::string EvidenceKey::OriginOf(const keys::OrgAddress& org) const {
  return fmt::format("{}/p{}/o{}", name_, org.partition.value, org.slot.value);
}

merkle::VerifierKey EvidenceKey::VerifierKeyOf(const keys::OrgAddress& org) const {
  return {OriginOf(org), key_.public_key()};
}

}  // namespace conntrail
