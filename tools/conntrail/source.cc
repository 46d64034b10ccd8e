#include "tools/conntrail/source.h"

#include <algorithm>

#include <fmt/format.h>

#include "tools/conntrail/profile.h"

namespace conntrail {
namespace {

// One of the places where a source can be named.
struct Named {
  std::string data;
  std::string server;
  std::string profile;

  bool is_empty() const { return data.empty() && server.empty() && profile.empty(); }
  bool is_both() const { return !data.empty() && !(server.empty() && profile.empty()); }
};

Status CheckKey(const std::string& key, const char* what, const char* variable) {
  if (key.empty()) {
    return Status::InvalidArgument(
        fmt::format("there is no {} for the server: {} holds it, or a profile in {}", what,
                    variable, ProfilesPath()));
  }
  const bool is_good =
      std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (is_good) return Status::Ok();
  return Status::InvalidArgument(fmt::format("the {} has a character in it that no key has", what));
}

// The profile that goes with the server that is asked.
Result<std::optional<Profile>> ProfileFor(const Named& named, const Environment& environment,
                                          const std::string& path) {
  if (!named.profile.empty() || named.server.empty()) return ReadProfile(path, named.profile);
  CONNTRAIL_ASSIGN_OR_RETURN(const client::ServerUrl url, client::ServerUrl::Parse(named.server));
  Result<std::optional<Profile>> profile = ReadProfile(path, environment("CONNTRAIL_PROFILE"));
  // What is wrong with a profile that nobody has asked for is of no concern here.
  if (!profile.ok() || !*profile) return std::optional<Profile>();
  const auto other = client::ServerUrl::Parse((*profile)->server);
  if (!other.ok() || !(*other == url)) return std::optional<Profile>();
  return profile;
}

Result<client::ClientOptions> ServerOf(const Named& named, const Profile& profile,
                                       const SourceFlags& flags, const Environment& environment) {
  const auto first = [](const std::string& a, const std::string& b) { return a.empty() ? b : a; };
  const std::string server = first(named.server, profile.server);
  if (server.empty()) {
    return Status::InvalidArgument(fmt::format(
        "the profile \"{}\" names no server; add server = \"https://…\"", profile.name));
  }
  client::ClientOptions options;
  CONNTRAIL_ASSIGN_OR_RETURN(options.url, client::ServerUrl::Parse(server));
  options.ca_file = first(first(flags.ca_file, environment("CONNTRAIL_CA_FILE")), profile.ca_file);
  const std::string api_key = first(environment("CONNTRAIL_API_KEY"), profile.api_key);
  const std::string application_key =
      first(environment("CONNTRAIL_APPLICATION_KEY"), profile.application_key);
  CONNTRAIL_RETURN_IF_ERROR(CheckKey(api_key, "API key", "CONNTRAIL_API_KEY"));
  CONNTRAIL_RETURN_IF_ERROR(
      CheckKey(application_key, "application key", "CONNTRAIL_APPLICATION_KEY"));
  options.headers = {{"DD-API-KEY", api_key},
                     {"DD-APPLICATION-KEY", application_key},
                     {"User-Agent", "conntrail"},
                     {"Accept", "application/json"}};
  return options;
}

}  // namespace

Result<Source> ChooseSource(const SourceFlags& flags, const Environment& environment,
                            const std::string& profiles_path) {
  Named named{flags.data, flags.server, flags.profile};
  if (named.is_both()) {
    return Status::InvalidArgument("--data and --server or --profile exclude each other");
  }
  if (named.is_empty()) {
    named = {environment("CONNTRAIL_DATA"), environment("CONNTRAIL_SERVER"),
             environment("CONNTRAIL_PROFILE")};
    if (named.is_both()) {
      return Status::InvalidArgument(
          "CONNTRAIL_DATA and CONNTRAIL_SERVER or CONNTRAIL_PROFILE are set; --data, --server or "
          "--profile says which counts");
    }
  }
  if (!named.data.empty()) return Source{.data = named.data, .server = std::nullopt};
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Profile> profile,
                             ProfileFor(named, environment, profiles_path));
  if (!profile && named.server.empty()) {
    return Status::InvalidArgument(
        "nothing was named to ask: --data DIR or the variable CONNTRAIL_DATA names a data "
        "directory, --server URL or CONNTRAIL_SERVER a server, --profile NAME or CONNTRAIL_PROFILE "
        "a profile");
  }
  Source source;
  CONNTRAIL_ASSIGN_OR_RETURN(source.server,
                             ServerOf(named, profile.value_or(Profile()), flags, environment));
  return source;
}

}  // namespace conntrail
