#include "tests/support/process.h"

#include <array>
#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events/base/check.h"

namespace conntrail {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct Pipe {
  int read_fd = -1;
  int write_fd = -1;
};

Pipe MakePipe() {
  int fds[2];
  CONNTRAIL_CHECK(::pipe2(fds, O_CLOEXEC) == 0);
  return {fds[0], fds[1]};
}

void CloseFd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

// In the child, between fork and exec.
[[noreturn]] void Become(const std::vector<std::string>& arguments, const Process::Options& options,
                         int out_fd, int err_fd) {
  if (!options.output_file.empty()) {
    out_fd = ::open(options.output_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  }
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(out_fd, STDOUT_FILENO);
  ::dup2(err_fd, STDERR_FILENO);
  for (const auto& [name, value] : options.environment) {
    if (value.empty()) {
      ::unsetenv(name.c_str());
    } else {
      ::setenv(name.c_str(), value.c_str(), 1);
    }
  }
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

// Appends what can be read to `text`; closes `fd` at its end.
void Drain(int& fd, std::string& text) {
  std::array<char, 1 << 16> buffer;
  const ssize_t n = ::read(fd, buffer.data(), buffer.size());
  if (n > 0) {
    text.append(buffer.data(), static_cast<size_t>(n));
  } else if (n == 0 || errno != EINTR) {
    CloseFd(fd);
  }
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const Options& options) {
  Pipe out = MakePipe();
  Pipe err = MakePipe();
  if (options.closes_output) CloseFd(out.read_fd);
  pid_ = ::fork();
  CONNTRAIL_CHECK(pid_ >= 0);
  if (pid_ == 0) Become(arguments, options, out.write_fd, err.write_fd);
  CloseFd(out.write_fd);
  CloseFd(err.write_fd);
  out_fd_ = out.read_fd;
  err_fd_ = err.read_fd;
}

Process::~Process() {
  if (pid_ > 0) (void)Wait(milliseconds(0));
}

void Process::Send(int signal) {
  if (pid_ > 0) ::kill(pid_, signal);
}

bool Process::Pump(milliseconds wait_max) {
  std::array<pollfd, 2> polled = {{{out_fd_, POLLIN, 0}, {err_fd_, POLLIN, 0}}};
  if (out_fd_ < 0 && err_fd_ < 0) return false;
  if (::poll(polled.data(), polled.size(), static_cast<int>(wait_max.count())) <= 0) return true;
  if (polled[0].revents != 0) Drain(out_fd_, end_.out);
  if (polled[1].revents != 0) Drain(err_fd_, end_.err);
  return true;
}

bool Process::WaitForError(const std::string& text, milliseconds wait_max) {
  const auto give_up = Clock::now() + wait_max;
  while (end_.err.find(text) == std::string::npos) {
    if (Clock::now() >= give_up || !Pump(milliseconds(20))) return false;
  }
  return true;
}

ProcessEnd Process::Wait(milliseconds wait_max) {
  const auto give_up = Clock::now() + wait_max;
  while (Pump(milliseconds(20))) {
    if (Clock::now() < give_up || end_.timed_out) continue;
    end_.timed_out = true;
    ::kill(pid_, SIGKILL);
  }
  int status = 0;
  while (pid_ > 0 && ::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFEXITED(status)) end_.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end_.signal = WTERMSIG(status);
  return end_;
}

ProcessEnd RunProcess(const std::vector<std::string>& arguments, const Process::Options& options) {
  return Process(arguments, options).Wait();
}

}  // namespace conntrail
