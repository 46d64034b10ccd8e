#pragma once

#include <string>
#include <vector>

#include "projections/data_directory.h"

namespace conntrail {

// The first administrator of a data directory, and the keys that let them in.
struct FirstAdministrator {
  OrgId org;
  Principal user;
  std::string api_key;  // shown once, on the first start only; else empty
  KeyId api_key_id;
  std::string application_key;  // as api_key
  KeyId application_key_id;
  bool is_first_start = false;
};

// An administrator for that org, with keys that nobody has yet.
FirstAdministrator NewAdministrator(const OrgId& org, UnixMs now_ms);

// What lets the administrator in: the account, an API key that alone may only bring events in, and
// an application key with `rights`. Ids and contents depend on `first` alone.
std::vector<Event> AdministratorEvents(const FirstAdministrator& first, uint64_t rights,
                                       const std::string& reason);

// Where the keys of the first start are kept, 0600, until somebody takes them away.
std::string FirstAdministratorPath(const DataDirectory& directory);

// Sees to it that somebody can get in. If no org has an application key yet, opens the org
// `org_name` (unless it or exactly one other is open), adds an administrator, and creates an
// application key with all rights and an API key that alone may only bring events in.
//
// The keys are stored in DIR/keys/admin.json before any event of them is in the log, and a start
// that was cut off is completed with the stored ones: there is never a key in the log whose text
// nobody has. Events that are there already are not written twice.
//
// Catches up. kFailedPrecondition: admin.json is not what was written there; the message says what
// to do.
Result<FirstAdministrator> EnsureAdministrator(DataDirectory& directory,
                                               const std::string& org_name = "main");

}  // namespace conntrail
