#pragma once

#include <functional>
#include <optional>
#include <string>

#include "services/client/client.h"

namespace conntrail {

// What the flags say of where answers come from.
struct SourceFlags {
  std::string data;     // --data
  std::string server;   // --server
  std::string profile;  // --profile
  std::string ca_file;  // --ca-file
};

// Where answers come from: a data directory, or a server.
struct Source {
  std::string data;                             // "": a server
  std::optional<client::ClientOptions> server;  // with its keys
};

// "" if the variable is not set.
using Environment = std::function<std::string(const char*)>;

// Flags count most, then the environment, then the default profile: the first of these that names a
// directory, a server or a profile decides, wholly. Keys and the file of authorities are the
// environment's (for the file: the flag's) if they are there, else the profile's. Beside --server a
// profile that was not named with it counts only if it is for the same server: keys go nowhere
// else.
//
// kInvalidArgument: nothing is named, or both kinds are; no key is there.
Result<Source> ChooseSource(const SourceFlags& flags, const Environment& environment,
                            const std::string& profiles_path);

}  // namespace conntrail
