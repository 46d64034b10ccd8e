#pragma once

#include <optional>
#include <string>

#include "events/base/result.h"

namespace conntrail {

// How to reach one server, as a file of profiles says:
//
//   default_profile = "prod"
//   [profiles.prod]
//   server = "https://audit.example.com"
//   api_key_file = "/etc/conntrail/prod.api_key"     # or api_key = "…"
//   application_key_file = "…"                                   # or application_key = "…"
//   ca_file = "/etc/ssl/our-ca.pem"                              # default: the system's
//   authorities
//
// A key file holds the key alone, or a line "DD-API-KEY: …" as conntraild writes them.
struct Profile {
  std::string name;
  std::string server;
  std::string api_key;
  std::string application_key;
  std::string ca_file;
};

// Where the profiles are: $XDG_CONFIG_HOME/conntrail/config.toml, else below ~/.config.
std::string ProfilesPath();

// The profile `name`; "": the default one, or nullopt if there is none. kNotFound: there is no
// profile of that name; names those there are. kInvalidArgument: the file is not as above.
// kFailedPrecondition: a file with keys may be read by others.
Result<std::optional<Profile>> ReadProfile(const std::string& path, const std::string& name);

// Reads the keys that `profile` names files for. As ReadProfile.
Result<std::string> ReadKeyFile(const std::string& path, const std::string& header);

}  // namespace conntrail
