#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "events/base/result.h"
#include "events/base/strong_id.h"
#include "projections/log_choice.h"

namespace conntrail {

// What conntraild is told. Each option can be given as a flag, as an environment variable and in a
// TOML file; the flag counts most, then the variable, then the file, then the default.
struct Config {
  std::string data;  // the data directory; required
  LogChoice log;
  std::string listen = "127.0.0.1:8411";  // HOST:PORT; port 0: any that is free
  std::string ready_file;                 // written once requests are answered; "": none
  std::string org = "main";               // opened at the first start, with an administrator

  // Which partitions of the log this node projects: all, those of a list, or what a group assigns.
  std::string partitions;           // "0,3-5"; "": all
  std::string group;                // a consumer group; "": none
  std::string advertise;            // how other nodes reach this one; "": as it listens
  std::vector<std::string> peers;   // the other nodes' URLs; with a group they are found
  std::string restore_from;         // a node whose copy an empty partition begins with; "": none
  std::string peer_ca_file;         // who is trusted for their certificates
  std::vector<PartitionId> chosen;  // of `partitions`

  std::string tls_certificate;  // PEM files; "": plain HTTP
  std::string tls_key;

  std::string oidc_issuer;  // "": bearer tokens are refused
  std::string oidc_audience;
  std::string oidc_jwks_file;  // the issuer's keys; else
  std::string oidc_jwks_url;   // where they are; else what the issuer's discovery document says
  std::string oidc_ca_file;
  std::string oidc_org_claim = "org";

  uint64_t rate_limit = 0;  // requests a minute and key; 0: none
  uint64_t connections_max = 10'000;
  std::chrono::milliseconds decision_wait{10'000};
  std::chrono::milliseconds drain_wait{30'000};
  std::string evidence_name;  // HOST/NAME in what is signed, for a key that is made; "": by log id
  std::chrono::milliseconds seal_interval{1000};  // 0: never
  bool access_lines = false;                      // a diagnostics line for each request

  struct Address {
    std::string host;
    uint16_t port = 0;
  };
  Address address;  // of `listen`
};

// What to do instead of serving, if anything.
struct ConfigResult {
  std::optional<Config> config;
  int exit_code = 0;   // without a config
  std::string output;  // to be printed then: help, the version, or what is wrong
};

// Reads the command line, the environment and the file that either of them names.
ConfigResult ReadConfig(const std::vector<std::string>& arguments);

}  // namespace conntrail
