#pragma once

#include <functional>
#include <string>
#include <vector>

#include "events/base/bytes.h"
#include "projections/views/access_view.h"
#include "projections/views/connection_view.h"
#include "projections/views/counts_view.h"
#include "projections/views/trail_view.h"

namespace conntrail {

// The org that is asked about, as of now.
struct OrgSummary {
  OrgId id;
  std::string name;
  uint64_t records = 0;
  UnixMs last_time_ms = 0;
};

struct ConnectionAnswer {
  Connection connection;
  std::vector<Use> uses;  // as of now
  Place at;               // as of when
};

// A record, and what goes with it if it was asked for.
struct TrailItem {
  TrailLine line;
  std::string name;  // of its subject as it is called now
  Bytes event;       // as on the log
};
struct TrailParts {
  bool names = false;
  bool events = false;
};

// As TrailPage, but for `complete`: false also if the query asked for more than comes at once.
struct TrailAnswer {
  std::vector<TrailItem> items;
  std::string next_cursor;
  bool complete = true;
};

// What verbs ask about one org, wherever the answers come from: a data directory, or a server. Both
// give equal answers, cursors and errors; tests/e2e/service/command_line_test.py holds them to it.
//
// Where nothing else is said, a method is that of the view of the same name (projections/views).
// One thread's.
class Answers {
 public:
  virtual ~Answers() = default;

  virtual Result<OrgSummary> Org() = 0;

  virtual Result<ConnectionPage> Connections(const ConnectionQuery& query) = 0;
  // Those that are not deleted, in order of id, until `each` returns false.
  virtual Status ForEachConnection(const Moment& at,
                                   const std::function<bool(const Connection&)>& each) = 0;
  // Deleted or not. kNotFound: it did not exist at that moment.
  virtual Result<ConnectionAnswer> ConnectionAt(const ConnectionId& id, const Moment& at) = 0;
  // Of a connection.
  virtual Result<HistoryPage> History(const HistoryQuery& query) = 0;

  virtual Result<TrailAnswer> Trail(const TrailQuery& query, const TrailParts& parts) = 0;

  virtual Result<std::vector<AccountAccess>> Who(const ConnectionId& id, Relation relation,
                                                 const Moment& at) = 0;
  virtual Result<std::vector<ConnectionAccess>> What(const Principal& principal, Relation relation,
                                                     const Moment& at) = 0;
  virtual Result<OrgCounts> Counts(const Moment& at) = 0;
  virtual Result<std::vector<Producer>> Producers() = 0;
};

}  // namespace conntrail
