#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "projections/data_directory.h"
#include "tools/conntrail/exit_code.h"
#include "tools/conntrail/output/rows.h"
#include "tools/conntrail/progress.h"

namespace conntrail {

// The options that all verbs share.
struct Settings {
  std::string data;
  LogChoice log;
  std::string org;  // empty: the only one there is
  Format format = Format::kTable;
  ColorChoice color = ColorChoice::kAuto;
  bool quiet = false;
};

// What a verb has at hand: the data directory, opened when it is first asked for, and where its
// answer goes. Views that come from it must not outlive it. One thread's.
class Session {
 public:
  Session(const Settings& settings, Sink& sink);

  const Settings& settings() const { return settings_; }
  const Style& style() const { return style_; }
  Sink& sink() { return sink_; }
  UnixMs now_ms() const { return Clock::System().Now(); }

  // The directory, open and in step with its log. While another process has it, this waits up to
  // busy_wait_max, says so, and then is kFailedPrecondition.
  Result<DataDirectory*> Directory();

  // The same, made if there is none. `clock` gives the times of appends; it must outlive this.
  // REQUIRES: the directory was not asked for before.
  Result<DataDirectory*> MakeDirectory(const Clock& clock = Clock::System());

  // The org that was asked for. kInvalidArgument: none was, and there are several; names them.
  Result<OrgView> Org();

  // All orgs but the system's.
  Result<std::vector<OrgState>> Orgs();

  Rows MakeRows(std::string_view list, std::vector<Column> columns);

  // Something beside the answer, on standard error; nothing if --quiet.
  void Note(std::string_view text) const;

  // For DataDirectory: draws `progress`, and ends the process if a signal asks for that. Between
  // two batches log and store are whole.
  DataDirectory::Progress Watch(Progress& progress);

 private:
  Result<DataDirectory*> Open(bool create, const Clock& clock);

  const Settings settings_;
  const Style style_;
  Sink& sink_;
  std::unique_ptr<DataDirectory> directory_;
};

}  // namespace conntrail
