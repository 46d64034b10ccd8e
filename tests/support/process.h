#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace conntrail {

// How a process ended, and all it wrote.
struct ProcessEnd {
  int exit_code = -1;  // -1: it did not exit by itself
  int signal = 0;      // that ended it; 0: none
  bool timed_out = false;
  std::string out;
  std::string err;
};

// A program that runs beside the test. Killed, if it still runs, when this goes away.
class Process {
 public:
  struct Options {
    std::map<std::string, std::string> environment;  // added; an empty value removes
    bool closes_output = false;  // nobody reads its standard output: the pipe has no other end
    std::string output_file;     // standard output goes there instead
  };

  // Starts `arguments[0]`. A failure to start it is exit code 127.
  Process(const std::vector<std::string>& arguments, const Options& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void Send(int signal);

  // Reads until standard error has `text`; false if the process ended or `wait_max` passed first.
  bool WaitForError(const std::string& text, std::chrono::milliseconds wait_max);

  // Waits for its end; after `wait_max` it is killed.
  ProcessEnd Wait(std::chrono::milliseconds wait_max = std::chrono::seconds(60));

 private:
  // Reads what there is, for at most that long; false once both ends are closed.
  bool Pump(std::chrono::milliseconds wait_max);

  int pid_ = -1;
  int out_fd_ = -1;
  int err_fd_ = -1;
  ProcessEnd end_;
};

// Start and Wait.
ProcessEnd RunProcess(const std::vector<std::string>& arguments,
                      const Process::Options& options = {});

}  // namespace conntrail
