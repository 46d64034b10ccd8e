#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/projections/store/scratch_dir.h"
#include "tests/support/process.h"

// The real program, run as people run it.
namespace conntrail {

inline const std::string kConntrail = CONNTRAIL_PROGRAM;
inline const std::string kConntraild = CONNTRAILD_PROGRAM;

inline ProcessEnd Conntrail(std::vector<std::string> arguments,
                            const Process::Options& options = {}) {
  arguments.insert(arguments.begin(), kConntrail);
  return RunProcess(arguments, options);
}

// A data directory with the demo in it.
class DemoDirectory : public testing::Test {
 protected:
  void SetUp() override {
    const ProcessEnd made = Conntrail({"demo", "--data", data()});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    printed_ = made.out;
  }

  std::string data() const { return dir_ / "demo"; }

  // The value that the demo printed as NAME=value.
  std::string Printed(const std::string& name) const {
    const size_t begin = printed_.find(name + "=");
    EXPECT_NE(begin, std::string::npos) << name;
    const size_t value = begin + name.size() + 1;
    return printed_.substr(value, printed_.find('\n', value) - value);
  }

  ProcessEnd Ask(std::vector<std::string> arguments, const Process::Options& options = {}) const {
    arguments.insert(arguments.end(), {"--data", data()});
    return Conntrail(std::move(arguments), options);
  }

  ScratchDir dir_;
  std::string printed_;
};

}  // namespace conntrail
