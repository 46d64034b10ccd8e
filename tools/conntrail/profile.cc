#include "tools/conntrail/profile.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

namespace conntrail {
namespace {

constexpr size_t kFileBytesMax = size_t{1} << 20;
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

struct FileText {
  std::string text;
  bool is_private = false;  // nobody but its owner may read or write it
};

Result<FileText> ReadAll(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const auto failed = [&] {
    return path + ": " + std::error_code(errno, std::generic_category()).message();
  };
  if (fd < 0) return errno == ENOENT ? Status::NotFound(failed()) : Status::Io(failed());
  FileText file;
  struct stat about {};
  const bool known = ::fstat(fd, &about) == 0;
  file.is_private = known && (about.st_mode & kOthers) == 0;
  char piece[4096];
  ssize_t count = 0;
  while ((count = ::read(fd, piece, sizeof piece)) > 0 && file.text.size() < kFileBytesMax) {
    file.text.append(piece, static_cast<size_t>(count));
  }
  const Status read = count < 0 ? Status::Io(failed()) : Status::Ok();
  ::close(fd);
  if (!read.ok()) return read;
  return file;
}

Status NotPrivate(const std::string& path) {
  return Status::FailedPrecondition(
      fmt::format("{} holds keys, and others may read it: chmod 600 {}", path, path));
}

bool IsKey(const std::string& key) {
  return !key.empty() &&
         std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

std::string Trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return std::string(text);
}

// The value of the line "<header>: value"; nullopt if there is none.
std::optional<std::string> HeaderIn(std::string_view text, const std::string& header) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon != header.size()) continue;
    const bool is_it = std::equal(header.begin(), header.end(), line.begin(), [](char a, char b) {
      return std::toupper(static_cast<unsigned char>(a)) ==
             std::toupper(static_cast<unsigned char>(b));
    });
    if (is_it) return Trimmed(line.substr(colon + 1));
  }
  return std::nullopt;
}

// What a file of profiles holds, and from where.
class ProfileReader {
 public:
  ProfileReader(const std::string& path, bool is_private) : path_(path), is_private_(is_private) {}

  Result<Profile> Read(const std::string& name, const toml::table& table) {
    Profile profile{.name = name};
    std::string api_key_file;
    std::string application_key_file;
    for (const auto& [key, node] : table) {
      std::string* into = key == "server"                 ? &profile.server
                          : key == "ca_file"              ? &profile.ca_file
                          : key == "api_key"              ? &profile.api_key
                          : key == "application_key"      ? &profile.application_key
                          : key == "api_key_file"         ? &api_key_file
                          : key == "application_key_file" ? &application_key_file
                                                          : nullptr;
      const auto value = node.value_exact<std::string>();
      if (into == nullptr || !value) {
        return Wrong(node, into == nullptr ? fmt::format("profiles have no \"{}\"", key.str())
                                           : fmt::format("{} must be a text", key.str()));
      }
      *into = *value;
    }
    const bool has_keys = !profile.api_key.empty() || !profile.application_key.empty();
    if (has_keys && !is_private_) return NotPrivate(path_);
    CONNTRAIL_RETURN_IF_ERROR(TakeKey(api_key_file, "DD-API-KEY", profile.api_key));
    CONNTRAIL_RETURN_IF_ERROR(
        TakeKey(application_key_file, "DD-APPLICATION-KEY", profile.application_key));
    return profile;
  }

  Status Wrong(const toml::node& at, const std::string& what) const {
    return Status::InvalidArgument(
        fmt::format("{}, line {}: {}", path_, at.source().begin.line, what));
  }

 private:
  static Status TakeKey(const std::string& file, const std::string& header, std::string& key) {
    if (file.empty()) return Status::Ok();
    CONNTRAIL_ASSIGN_OR_RETURN(key, ReadKeyFile(file, header));
    return Status::Ok();
  }

  const std::string& path_;
  const bool is_private_;
};

std::string NamesIn(const toml::table* profiles) {
  std::string names;
  if (profiles == nullptr) return "none";
  for (const auto& [name, node] : *profiles) {
    names += (names.empty() ? "" : ", ") + std::string(name.str());
  }
  return names.empty() ? "none" : names;
}

Result<std::optional<Profile>> Choose(const std::string& path, const FileText& file,
                                      const toml::table& table, const std::string& name) {
  ProfileReader reader(path, file.is_private);
  for (const auto& [key, node] : table) {
    if (key != "default_profile" && key != "profiles") {
      return reader.Wrong(node, fmt::format("there is no \"{}\"", key.str()));
    }
  }
  const std::string wanted = name.empty() ? table["default_profile"].value_or(std::string()) : name;
  if (wanted.empty()) return std::optional<Profile>();
  const toml::table* profiles = table["profiles"].as_table();
  const toml::table* found = profiles == nullptr ? nullptr : (*profiles)[wanted].as_table();
  if (found == nullptr) {
    return Status::NotFound(fmt::format("there is no profile \"{}\" in {}; there are: {}", wanted,
                                        path, NamesIn(profiles)));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(Profile profile, reader.Read(wanted, *found));
  return std::optional(std::move(profile));
}

}  // namespace

std::string ProfilesPath() {
  const char* configuration = std::getenv("XDG_CONFIG_HOME");
  if (configuration != nullptr && configuration[0] == '/') {
    return std::string(configuration) + "/conntrail/config.toml";
  }
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "" : home) + "/.config/conntrail/config.toml";
}

Result<std::optional<Profile>> ReadProfile(const std::string& path, const std::string& name) {
  const Result<FileText> file = ReadAll(path);
  if (file.status().code() == StatusCode::kNotFound && name.empty()) {
    return std::optional<Profile>();
  }
  if (!file.ok()) {
    return Status::NotFound(
        fmt::format("there is no profile \"{}\": {}", name, file.status().message()));
  }
  try {
    return Choose(path, *file, toml::parse(file->text, path), name);
  } catch (const toml::parse_error& error) {
    // Its own words may repeat what stands there.
    return Status::InvalidArgument(
        fmt::format("{}, line {}, is not TOML", path, error.source().begin.line));
  }
}

Result<std::string> ReadKeyFile(const std::string& path, const std::string& header) {
  CONNTRAIL_ASSIGN_OR_RETURN(const FileText file, ReadAll(path));
  if (!file.is_private) return NotPrivate(path);
  std::string key = HeaderIn(file.text, header).value_or(Trimmed(file.text));
  if (IsKey(key)) return key;
  return Status::InvalidArgument(
      fmt::format("{} must hold one key alone, or a line \"{}: …\"", path, header));
}

}  // namespace conntrail
