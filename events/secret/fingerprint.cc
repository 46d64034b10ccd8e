#include "events/secret/fingerprint.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events/base/bytes.h"
#include "events/base/check.h"
#include "events/base/sha256.h"

namespace conntrail {
namespace {

constexpr size_t kHexBytes = 2 * sizeof(Digest);

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (is_open()) ::close(descriptor_);
  }
  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

Status IoFault(std::string_view what, const std::string& path) {
  return Status::Io(fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

Status WriteAll(const File& file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(file.descriptor(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return IoFault("write", path);
    text.remove_prefix(static_cast<size_t>(written));
  }
  if (::fsync(file.descriptor()) != 0) return IoFault("flush", path);
  return Status::Ok();
}

Status SyncFolderOf(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.is_open() || ::fsync(file.descriptor()) != 0) return IoFault("flush", folder);
  return Status::Ok();
}

std::string NewKey() {
  Digest key;
  CONNTRAIL_CHECK(RAND_bytes(key.data(), static_cast<int>(key.size())) == 1);
  return ToHex(std::as_bytes(std::span(key)));
}

// Puts a whole key file at `path`, unless somebody else was first: link does not replace, so of two
// processes that start at once both use the key of one.
Status CreateKeyFile(const std::string& path) {
  const std::string draft = fmt::format("{}.{}", path, NewKey().substr(0, 16));
  {
    const File file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                           S_IRUSR | S_IWUSR));
    if (!file.is_open()) return IoFault("create", draft);
    const Status written = WriteAll(file, NewKey() + "\n", draft);
    if (!written.ok()) {
      ::unlink(draft.c_str());
      return written;
    }
  }
  const bool linked = ::link(draft.c_str(), path.c_str()) == 0;
  const int link_error = errno;
  ::unlink(draft.c_str());
  errno = link_error;
  if (!linked && errno != EEXIST) return IoFault("create", path);
  return SyncFolderOf(path);
}

Status RefuseReadableByOthers(const File& file, const std::string& path) {
  struct stat facts = {};
  if (::fstat(file.descriptor(), &facts) != 0) return IoFault("look at", path);
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) == 0) return Status::Ok();
  return Status::FailedPrecondition(fmt::format(
      "{} holds the fingerprint key and has mode {:04o}: others must have no access (chmod 600)",
      path, facts.st_mode & 07777u));
}

Result<std::string> ReadSmall(const File& file, const std::string& path) {
  std::string text(kHexBytes + 2, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file.descriptor(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return IoFault("read", path);
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  text.resize(size);
  return text;
}

// 64 hexadecimal digits in lower case, with or without an end of line.
std::optional<Digest> ParseKey(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  Digest key{};
  if (text.size() != kHexBytes) return std::nullopt;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t digit = std::string_view("0123456789abcdef").find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    key[i / 2] = static_cast<uint8_t>(key[i / 2] << 4 | digit);
  }
  return key;
}

// Fetched once: OpenSSL 3 looks an algorithm up by name each time it is asked, which costs more
// than the HMAC of a short secret. Lives for ever.
EVP_MAC* HmacAlgorithm() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return algorithm;
}

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

// The context, and the key in it, is freed (and cleansed by OpenSSL) before this returns.
Digest HmacSha256(const Digest& key, std::string_view message) {
  const std::unique_ptr<EVP_MAC_CTX, FreeContext> context(EVP_MAC_CTX_new(HmacAlgorithm()));
  CONNTRAIL_CHECK(context != nullptr);
  char digest_name[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
      OSSL_PARAM_construct_end()};
  Digest mac{};
  size_t size = 0;
  CONNTRAIL_CHECK(EVP_MAC_init(context.get(), key.data(), key.size(), parameters) == 1);
  CONNTRAIL_CHECK(EVP_MAC_update(context.get(),
                                 reinterpret_cast<const unsigned char*>(message.data()),
                                 message.size()) == 1);
  CONNTRAIL_CHECK(EVP_MAC_final(context.get(), mac.data(), &size, mac.size()) == 1);
  CONNTRAIL_CHECK(size == mac.size());
  return mac;
}

}  // namespace

Result<Fingerprinter> Fingerprinter::OpenOrCreate(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    CONNTRAIL_RETURN_IF_ERROR(CreateKeyFile(path));
  }
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return IoFault("open", path);
  CONNTRAIL_RETURN_IF_ERROR(RefuseReadableByOthers(file, path));
  CONNTRAIL_ASSIGN_OR_RETURN(std::string text, ReadSmall(file, path));
  const std::optional<Digest> key = ParseKey(text);
  OPENSSL_cleanse(text.data(), text.size());
  if (!key) {
    return Status::Corruption(
        fmt::format("{} holds no fingerprint key: it must be 64 hexadecimal digits", path));
  }
  return Fingerprinter(*key);
}

std::string Fingerprinter::PeerToken() const {
  std::string text = "conntrail peers 1\n";
  text.append(reinterpret_cast<const char*>(key_.data()), key_.size());
  const Digest digest = Sha256(AsBytes(text));
  OPENSSL_cleanse(text.data(), text.size());
  return ToHex(std::as_bytes(std::span(digest)));
}

SecretFingerprint Fingerprinter::Fingerprint(std::string_view field,
                                             std::string_view secret) const {
  return {.field = std::string(field), .digest = HmacSha256(key_, secret)};
}

}  // namespace conntrail
