#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/data_directory.h"
#include "tools/conntrail/answers/answers.h"
#include "tools/conntrail/exit_code.h"
#include "tools/conntrail/output/rows.h"
#include "tools/conntrail/progress.h"
#include "tools/conntrail/source.h"

namespace conntrail {

// The options that all verbs share.
struct Settings {
  SourceFlags source;
  LogChoice log;
  std::string org;  // empty: the only one there is
  Format format = Format::kTable;
  ColorChoice color = ColorChoice::kAuto;
  bool quiet = false;
};

// What a verb has at hand: the data directory or the server, opened when it is first asked for, and
// where its answer goes. What comes from it must not outlive it. One thread's.
class Session {
 public:
  Session(const Settings& settings, Sink& sink);

  const Settings& settings() const { return settings_; }
  const Style& style() const { return style_; }
  Sink& sink() { return sink_; }
  UnixMs now_ms() const { return Clock::System().Now(); }

  // Who answers about the org that was asked for. kInvalidArgument: none was, and there are
  // several; names them.
  Result<conntrail::Answers*> Answers();

  // That org in the data directory that was named, as it is now.
  Result<OrgView> ViewOfOrg();

  // All orgs but the system's; of a server the one of the keys.
  Result<std::vector<OrgSummary>> Orgs();

  // The data directory that was named; kInvalidArgument, with the remedy, if a server was.
  Result<std::string> DirectoryPath();

  // How the server is asked; nullopt: a data directory is.
  Result<std::optional<client::ClientOptions>> Server();

  // The directory, open and in step with its log. While another process has it, this waits up to
  // busy_wait_max, says so, and then is kFailedPrecondition.
  Result<DataDirectory*> Directory();

  // The same, made if there is none. `clock` gives the times of appends; it must outlive this.
  // REQUIRES: the directory was not asked for before.
  Result<DataDirectory*> MakeDirectory(const Clock& clock = Clock::System());

  Rows MakeRows(std::string_view list, std::vector<Column> columns);

  // Something beside the answer, on standard error; nothing if --quiet.
  void Note(std::string_view text) const;

  // For DataDirectory: draws `progress`, and ends the process if a signal asks for that. Between
  // two batches log and store are whole.
  DataDirectory::Progress Watch(Progress& progress);

 private:
  Result<const Source*> ChosenSource();
  Result<DataDirectory*> Open(bool create, const Clock& clock);
  Status AskServer();

  const Settings settings_;
  const Style style_;
  Sink& sink_;
  std::optional<Source> source_;
  std::unique_ptr<DataDirectory> directory_;
  std::unique_ptr<conntrail::Answers> answers_;
};

}  // namespace conntrail
