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

#include "tools/conntrail/answers/directory_answers.h"
#include "tools/conntrail/answers/server_answers.h"
#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/output/display_text.h"
#include "tools/conntrail/profile.h"

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

std::string NamesOf(const std::vector<DataDirectory::Org>& orgs) {
  std::string names;
  for (const DataDirectory::Org& org : orgs) {
    names += (names.empty() ? "" : ", ") + EscapeForTerminal(org.state.name);
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

Result<const Source*> Session::ChosenSource() {
  if (!source_) {
    const Environment environment = [](const char* name) {
      const char* value = std::getenv(name);
      return std::string(value == nullptr ? "" : value);
    };
    CONNTRAIL_ASSIGN_OR_RETURN(source_,
                               ChooseSource(settings_.source, environment, ProfilesPath()));
  }
  return &*source_;
}

Result<std::string> Session::DirectoryPath() {
  CONNTRAIL_ASSIGN_OR_RETURN(const Source* source, ChosenSource());
  if (!source->data.empty()) return source->data;
  return Status::InvalidArgument(fmt::format(
      "this verb works on a data directory, not through the server {}: give --data DIR on the "
      "machine where the directory is, while no server has it open",
      source->server->url.ToString()));
}

Result<DataDirectory*> Session::Open(bool create, const Clock& clock) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::string path, DirectoryPath());
  DataDirectory::Options options;
  options.create = create;
  options.log = settings_.log;
  options.clock = &clock;
  options.diagnostics = [this](const std::string& text) { Note(text); };
  const auto give_up = std::chrono::steady_clock::now() + kBusyWaitMax;
  bool told = false;
  while (true) {
    auto opened = DataDirectory::Open(path, options);
    if (opened.ok()) {
      directory_ = std::move(opened).value();
      break;
    }
    const bool busy = opened.status().code() == StatusCode::kFailedPrecondition;
    if (!busy || !IsInUse(path) || std::chrono::steady_clock::now() >= give_up ||
        SignalCaught() != 0) {
      return opened.status();
    }
    if (!told) Note(fmt::format("waiting for {}: another process has it open", path));
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

Result<std::vector<OrgSummary>> Session::Orgs() {
  CONNTRAIL_ASSIGN_OR_RETURN(const Source* source, ChosenSource());
  std::vector<OrgSummary> orgs;
  if (source->data.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(conntrail::Answers * answers, Answers());
    CONNTRAIL_ASSIGN_OR_RETURN(OrgSummary org, answers->Org());
    orgs.push_back(std::move(org));
    return orgs;
  }
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, Directory());
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<DataDirectory::Org> open, directory->Orgs());
  for (const auto& [address, org] : open) {
    orgs.push_back({org.id, org.name, org.next_index.value, org.effective_time_ms});
  }
  return orgs;
}

Result<conntrail::Answers*> Session::Answers() {
  if (answers_ != nullptr) return answers_.get();
  CONNTRAIL_ASSIGN_OR_RETURN(const Source* source, ChosenSource());
  if (source->data.empty()) {
    CONNTRAIL_RETURN_IF_ERROR(AskServer());
  } else {
    CONNTRAIL_ASSIGN_OR_RETURN(OrgView org, ViewOfOrg());
    answers_ = std::make_unique<DirectoryAnswers>(std::move(org));
  }
  return answers_.get();
}

Result<std::optional<client::ClientOptions>> Session::Server() {
  CONNTRAIL_ASSIGN_OR_RETURN(const Source* source, ChosenSource());
  if (!source->server) return std::optional<client::ClientOptions>();
  client::ClientOptions options = *source->server;
  if (!options.url.tls && !options.url.is_loopback()) {
    Note(fmt::format("{} is not encrypted: keys and answers can be read on their way",
                     options.url.ToString()));
  }
  options.note = [this](const std::string& text) { Note(text); };
  options.sleep = [](std::chrono::milliseconds pause) {
    const auto end = std::chrono::steady_clock::now() + pause;
    while (SignalCaught() == 0 && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::min(pause, std::chrono::milliseconds(50)));
    }
    return SignalCaught() == 0;
  };
  return std::optional(std::move(options));
}

Status Session::AskServer() {
  CONNTRAIL_ASSIGN_OR_RETURN(std::optional<client::ClientOptions> options, Server());
  const std::string url = options->url.ToString();
  auto answers = std::make_unique<ServerAnswers>(std::move(*options));
  if (!settings_.org.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const OrgSummary org, answers->Org());
    if (settings_.org != org.name && settings_.org != org.id.ToString()) {
      return Status::NotFound(
          fmt::format("the keys for {} are those of the organisation {}, not of {}; leave --org "
                      "out, or take other keys",
                      url, org.name, settings_.org));
    }
  }
  answers_ = std::move(answers);
  return Status::Ok();
}

Result<OrgView> Session::ViewOfOrg() {
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, Directory());
  if (!settings_.org.empty()) return directory->View(settings_.org);
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<DataDirectory::Org> orgs, directory->Orgs());
  if (orgs.empty()) {
    return Status::NotFound(fmt::format(
        "there is no organisation in {} yet: conntrail import or conntrail demo makes one",
        directory->path()));
  }
  if (orgs.size() > 1) {
    return Status::InvalidArgument(
        fmt::format("there are several organisations: --org says which: {}", NamesOf(orgs)));
  }
  return directory->View(orgs[0].state.id.ToString());
}

Rows Session::MakeRows(std::string_view list, std::vector<Column> columns) {
  return Rows(sink_, style_, list, std::move(columns));
}

}  // namespace conntrail
