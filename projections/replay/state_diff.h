#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "events/model/field.h"
#include "projections/views/access_view.h"
#include "projections/views/org_view.h"

namespace conntrail {

// The record that made something as it is.
struct Deed {
  Place place;
  EventId event;
  EventType type = EventType::kNone;
  std::optional<Principal> actor;
  size_t span = 0;  // in which of DiffQuestion::spans it was found

  static Deed Of(const TrailLine& line, size_t span = 0) {
    return {line.place, line.event, line.type, line.actor, span};
  }
  bool operator==(const Deed&) const = default;
};

enum class Fate { kChanged, kCreated, kDeleted, kCameAndWent };
std::string_view FateName(Fate fate);

// One entity that is not the same on both sides.
struct EntityDifference {
  struct Field {
    FieldChange change;
    std::optional<Deed> by;  // the last record that gave it its value; none: no record explains it
  };
  EntityKey key;
  std::string name;
  Fate fate = Fate::kChanged;
  std::vector<Field> fields;  // of the flat form (FlattenEntity); empty for uses and producers
};

// One principal that can do something else with a connection.
//
// Effective access: an account's highest relation, directly or as a member of a team or role, while
// it is active. What is granted to the whole org stands once, as the org's; so does what is granted
// to a group that is not known.
struct AccessDifference {
  ConnectionId connection;
  std::string connection_name;
  Principal principal;
  Relation before = Relation::kNone;
  Relation after = Relation::kNone;
  AccessPath path;         // the best one: of `after`, or of `before` where nothing is left
  std::optional<Deed> by;  // the last record that made it so
};
// "gained", "lost", "raised", "lowered".
std::string_view ChangeName(const AccessDifference& difference);

// Two sides of one org, and the stretches of history between them in which to look for deeds: after
// `after`, up to and with `to`. The earlier ones of the list count first.
struct DiffQuestion {
  struct Side {
    const OrgView* org = nullptr;
    Place at;
  };
  struct Span {
    const OrgView* org = nullptr;
    Place after;
    Place to;
  };
  Side before;
  Side after;
  std::vector<Span> spans;
  bool with_counters = false;  // uses and producers too; they have no past, so only as of now
};

// Gets the differences, of a connection its own before its access. False: no more are wanted.
struct DiffSink {
  std::function<bool(const EntityDifference&)> entity;
  std::function<bool(const AccessDifference&)> access;
};

// Tells what is different, kind by kind and in order of id.
//
// Holds one entity's differences at a time, and besides: ids of inactive accounts, ids of groups
// that differ, and the members that groups won and lost in between.
Status DiffStates(const DiffQuestion& question, const DiffSink& sink);

// Two moments of one org. REQUIRES: from <= to.
DiffQuestion BetweenMoments(const OrgView& org, const Place& from, const Place& to);

}  // namespace conntrail
