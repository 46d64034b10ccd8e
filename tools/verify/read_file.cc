#include "tools/verify/read_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>

namespace conntrail::verify {

Result<std::string> ReadFile(const std::string& path, size_t bytes_max) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  if (file == nullptr) {
    const std::string message = fmt::format("{}: {}", path, std::strerror(errno));
    return errno == ENOENT ? Status::NotFound(message) : Status::Io(message);
  }
  std::string bytes;
  char piece[16 << 10];
  while (const size_t got = std::fread(piece, 1, sizeof(piece), file.get())) {
    bytes.append(piece, got);
    if (bytes.size() > bytes_max) {
      return Status::Corruption(
          fmt::format("{}: expected at most {} bytes, found more", path, bytes_max));
    }
  }
  if (std::ferror(file.get()) != 0) {
    return Status::Io(fmt::format("{}: {}", path, std::strerror(errno)));
  }
  return bytes;
}

}  // namespace conntrail::verify
