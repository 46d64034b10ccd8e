#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/support/event_builder.h"

namespace conntrail {

// What somebody does, in small numbers that a property test can draw and shrink.
struct Deed {
  enum Kind {
    kCreate,
    kEdit,
    kDelete,
    kSuspend,
    kResume,
    kIssue,
    kWithdraw,
    kShare,    // replace the policy by one grant for `whom` and one that the actor is editor
    kReplace,  // replace the policy by one grant
    kGrant,
    kRevoke,
    kRestore,
    kUse,
    kJoin,
    kLeave,
    kDeactivate,
    kReactivate,
    kKinds
  };
  Kind kind = kCreate;
  int who = 0;         // a user
  int whom = 0;        // a user, a team, a role or everybody
  int connection = 0;  //
  Relation relation = Relation::kViewer;
  int value = 0;  // the region that an edit sets; an observed one also claims it was `value` + 1
  bool observed = false;
  bool manages_access = false;
  bool allows_lockout = false;
  std::optional<uint64_t> if_revision;  // counts for what is asked of a connection

  Event ToEvent() const;
};
std::ostream& operator<<(std::ostream& out, const Deed& deed);

inline constexpr int kUsers = 3;
inline constexpr int kTeams = 2;  // the second is a role
inline constexpr int kModelConnections = 2;
inline constexpr int kWhom = kUsers + kTeams + 1;
Principal WhomNamed(int whom);
std::string ConnectionName(int connection);

// Who may do what, in sets and maps: written from the words of the design and not from the fold, to
// be compared with it.
class AccessModel {
 public:
  struct Conn {
    bool deleted = false;
    bool suspended = false;
    bool credential = false;
    int issues = 0;  // each counts, also one over another
    std::optional<int> creator;
    std::optional<std::set<std::pair<int, Relation>>> policy;
    std::optional<int> region;
    uint64_t revision = 0;
    bool operator==(const Conn&) const = default;
  };

  // Does it if it may be done; says what becomes of it, without marks.
  std::string Do(const Deed& deed);

  Relation RelationOf(int connection, int user) const;
  const Conn* Find(int connection) const;

 private:
  Relation RelationIn(const Conn& conn, int user) const;
  std::string DoToDirectory(const Deed& deed);
  std::string Create(const Deed& deed);
  std::string ChangePolicy(const Deed& deed, Conn& conn);
  std::string Change(const Deed& deed, Conn& conn);
  std::string Use(const Deed& deed, const Conn& conn);

  std::map<int, Conn> connections_;
  std::set<int> inactive_;
  std::map<int, std::set<int>> members_;  // by team
};

}  // namespace conntrail
