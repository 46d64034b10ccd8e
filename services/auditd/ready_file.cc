#include "services/auditd/ready_file.h"

#include <filesystem>

#include "events/base/json_writer.h"
#include "events/log/file.h"

namespace conntrail {
namespace {

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

Status Publish(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path directory = path.has_parent_path() ? path.parent_path() : ".";
  return PublishFile(directory, path.filename(), AsBytes(text), nullptr).status();
}

}  // namespace

Status WriteReadyFile(const std::string& path, const std::string& url,
                      const FirstAdministrator& administrator) {
  return Publish(path, TextOf(url, administrator));
}

Status WriteHeaderFile(const std::string& path, const FirstAdministrator& administrator) {
  return Publish(path, "DD-API-KEY: " + administrator.api_key +
                           "\nDD-APPLICATION-KEY: " + administrator.application_key + "\n");
}

}  // namespace conntrail
