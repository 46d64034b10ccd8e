#include "services/auditd/ready_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "events/base/json_writer.h"

namespace conntrail {
namespace {

Status Failed(const char* doing, const std::string& path) {
  return Status::Io(std::string("cannot ") + doing + " " + path + ": " + std::strerror(errno));
}

std::string TextOf(const std::string& url, const FirstAdministrator& administrator) {
  JsonWriter out;
  const auto write = [&](std::string_view name, std::string_view value) {
    out.Name(name);
    out.Text(value);
  };
  out.BeginObject();
  if (!administrator.api_key.empty()) {
    write("api_key", administrator.api_key);
    write("application_key", administrator.application_key);
    write("application_key_id", administrator.application_key_id.ToString());
  }
  write("org", administrator.org.ToString());
  write("url", url);
  write("user", administrator.user.id.ToString());
  write("version", CONNTRAIL_VERSION);
  out.EndObject();
  out.EndLine();
  return out.Take();
}

// Mode 0600; the file appears whole or not at all.
Status WritePrivate(const std::string& path, const std::string& text) {
  const std::string unfinished = path + ".unfinished";
  ::unlink(unfinished.c_str());
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return Failed("make", unfinished);
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (::close(file) != 0 || !written) return Failed("write", unfinished);
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) return Failed("name", path);
  return Status::Ok();
}

}  // namespace

Status WriteReadyFile(const std::string& path, const std::string& url,
                      const FirstAdministrator& administrator) {
  return WritePrivate(path, TextOf(url, administrator));
}

Status WriteHeaderFile(const std::string& path, const FirstAdministrator& administrator) {
  return WritePrivate(path, "DD-API-KEY: " + administrator.api_key +
                                "\nDD-APPLICATION-KEY: " + administrator.application_key + "\n");
}

}  // namespace conntrail
