#pragma once

#include <string>
#include <string_view>

#include "events/base/result.h"
#include "projections/replay/candidate_policy.h"

namespace conntrail {

// A candidate policy as people write it, in TOML; the last line of this is a whole one:
//
//   [[refuse]]                       once or more; each refuses what it describes
//   name   = "second-person"         stands in answers: "denied by second-person"
//   types  = ["policy changes"]      types of events ("policy.patched", "policy.*") or a family:
//                                    connection, credential, policy, membership or key changes
//   when   = { … }                   all of it must hold (optional)
//   unless = { … }                   what is let through if all of it holds (optional)
//
// What `when` and `unless` can ask, of the event:
//   approver       "another person", "anybody", "nobody" or "the actor"
//   interface      ["terraform", …]        actor_kind  ["person", "service", "system"]
//   authority      ["intent", …]           rights      ["user_access_manage", …], all of them
//   ticket, reason, on_behalf_of           true: given, false: absent
//   gives          ["editor", …]           a grant of this relation that was not held before
//   gives_to       ["org", "team", …]      … to such a principal (both: the same grant)
//   event          ["<uuid>", …]
// and of the connection as it was before:
//   actor_holds    "editor": at least      integration ["AWS", …]     tag ["env:prod", …]
//   suspended, restricted                  true or false; restricted: has a policy of its own
//
//   refuse = [{ name = "two", types = ["policy changes"], unless = { approver = "another person" }
//   }]
//
// kInvalidArgument names the line, what is wrong with it, and what would be right.
Result<CandidatePolicy> ParseCandidate(std::string_view text, const std::string& path);

// The same from a file. kNotFound, kIo: it cannot be read.
Result<CandidatePolicy> ReadCandidate(const std::string& path);

}  // namespace conntrail
