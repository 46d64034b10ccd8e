#include "tools/conntrail/session.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/output/display_text.h"

namespace conntrail {
namespace {

constexpr std::chrono::seconds kBusyWaitMax{5};
constexpr std::chrono::milliseconds kBusyRetry{100};

// Whether a process has the log of `path` open: only then does waiting help.
bool IsInUse(const std::string& path) {
  const int fd = ::open((path + "/log/LOCK").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool in_use = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return in_use;
}

std::string NamesOf(const std::vector<OrgState>& orgs) {
  std::string names;
  for (const OrgState& org : orgs) {
    names += (names.empty() ? "" : ", ") + EscapeForTerminal(org.name);
  }
  return names;
}

}  // namespace

Session::Session(const Settings& settings, Sink& sink)
    : settings_(settings),
      style_(StyleFor(STDOUT_FILENO, settings.format, settings.color)),
      sink_(sink) {}

void Session::Note(std::string_view text) const {
  if (settings_.quiet) return;
  std::fprintf(stderr, "conntrail: %s\n", EscapeForTerminal(text).c_str());
}

DataDirectory::Progress Session::Watch(Progress& progress) {
  return [this, &progress](uint64_t next, uint64_t end) {
    progress.Update(next, end);
    if (SignalCaught() == 0) return;
    progress.Finish();
    Note("stopped between two batches; the next run goes on from here");
    (void)sink_.Flush();
    std::_Exit(128 + SignalCaught());
  };
}

Result<DataDirectory*> Session::Open(bool create, const Clock& clock) {
  if (settings_.data.empty()) {
    return Status::InvalidArgument(
        "no data directory was named: --data DIR, or the variable CONNTRAIL_DATA, says which");
  }
  DataDirectory::Options options;
  options.create = create;
  options.log = settings_.log;
  options.clock = &clock;
  options.diagnostics = [this](const std::string& text) { Note(text); };
  const auto give_up = std::chrono::steady_clock::now() + kBusyWaitMax;
  bool told = false;
  while (true) {
    auto opened = DataDirectory::Open(settings_.data, options);
    if (opened.ok()) {
      directory_ = std::move(opened).value();
      break;
    }
    const bool busy = opened.status().code() == StatusCode::kFailedPrecondition;
    if (!busy || !IsInUse(settings_.data) || std::chrono::steady_clock::now() >= give_up ||
        SignalCaught() != 0) {
      return opened.status();
    }
    if (!told) Note(fmt::format("waiting for {}: another process has it open", settings_.data));
    told = true;
    std::this_thread::sleep_for(kBusyRetry);
  }
  Progress progress("catching up with the log", settings_.quiet);
  CONNTRAIL_RETURN_IF_ERROR(directory_->CatchUp(Watch(progress)));
  return directory_.get();
}

Result<DataDirectory*> Session::Directory() {
  if (directory_ != nullptr) return directory_.get();
  return Open(false, Clock::System());
}

Result<DataDirectory*> Session::MakeDirectory(const Clock& clock) {
  CONNTRAIL_CHECK(directory_ == nullptr);
  return Open(true, clock);
}

Result<std::vector<OrgState>> Session::Orgs() {
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, Directory());
  CONNTRAIL_ASSIGN_OR_RETURN(std::vector<OrgState> orgs,
                             OrgView::ListOrgs(*directory->store().NewSnapshot(), PartitionId(0)));
  std::erase_if(orgs, [](const OrgState& org) { return org.slot == OrgSlot(0); });
  return orgs;
}

Result<OrgView> Session::Org() {
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, Directory());
  if (!settings_.org.empty()) return directory->View(settings_.org);
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OrgState> orgs, Orgs());
  if (orgs.empty()) {
    return Status::NotFound(fmt::format(
        "there is no organisation in {} yet: conntrail import or conntrail demo makes one",
        settings_.data));
  }
  if (orgs.size() > 1) {
    return Status::InvalidArgument(
        fmt::format("there are several organisations: --org says which: {}", NamesOf(orgs)));
  }
  return directory->View(orgs[0].id.ToString());
}

Rows Session::MakeRows(std::string_view list, std::vector<Column> columns) {
  return Rows(sink_, style_, list, std::move(columns));
}

}  // namespace conntrail
