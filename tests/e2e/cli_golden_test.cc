// The tour through the demo, word by word. What a command prints stands in tests/golden/cli; a file
// that is missing is written with CONNTRAIL_WRITE_GOLDEN=1, one that is there is never changed.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/e2e/program.h"

namespace conntrail {
namespace {

struct Stop {
  const char* file;
  std::vector<std::string> arguments;
};

constexpr char kAsOf[] = "time:2026-09-30T00:00:00Z";
constexpr char kSecondPerson[] = CONNTRAIL_SOURCE_DIR "/tests/golden/cli/second-person.toml";
constexpr char kErin[] = "user:e4140000-0000-4000-8000-000000000001";

const Stop kTour[] = {
    {"connections_list", {"connections", "list"}},
    {"connections_list_midway", {"connections", "list", "--as-of", "time:2026-06-15T12:00:00Z"}},
    {"connections_show", {"connections", "show", "stripe-payments", "--as-of", kAsOf}},
    {"connections_show_json",
     {"connections", "show", "aws-deploy", "--as-of", kAsOf, "--output", "json"}},
    {"connections_history", {"connections", "history", "openai-assistant", "--oldest-first"}},
    {"connections_history_csv",
     {"connections", "history", "pagerduty", "--changes-only", "--output", "csv"}},
    {"trail_denied", {"trail", "search", "--outcome", "denied,rejected,conflict"}},
    {"trail_marks", {"trail", "search", "--mark", "gap,late,producer_gap", "--output", "json"}},
    {"trail_full", {"trail", "search", "--type", "workflow.*", "--full", "--output", "ndjson"}},
    {"trail_tail", {"trail", "tail", "-n", "5"}},
    {"access_who", {"access", "who", "aws-billing"}},
    {"access_who_json", {"access", "who", "aws-billing", "--output", "json"}},
    {"access_what", {"access", "what", kErin}},
    {"state_export",
     {"state", "export", "--as-of", "time:2026-06-15T12:00:00Z", "--output", "ndjson"}},
    {"counts", {"counts"}},
    {"orgs_list", {"orgs", "list", "--output", "csv"}},
    {"replay_diff", {"replay", "diff", "--from", "2026-06-15", "--to", kAsOf}},
    {"replay_diff_json", {"replay", "diff", "--from", "index:80", "--to", "index:90", "--json"}},
    {"replay_diff_csv",
     {"replay", "diff", "--from", "index:120", "--to", kAsOf, "--output", "csv"}},
    {"replay_what_if",
     {"replay", "what-if", "--policy", kSecondPerson, "--cascade", "--examples", "3"}},
    {"replay_what_if_json",
     {"replay", "what-if", "--policy", kSecondPerson, "--examples", "2", "--json"}},
    {"rules_show", {"rules", "show"}},
    {"log_dump", {"log", "dump", "--from", "19", "--limit", "2", "--output", "json"}},
};

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class CliGolden : public DemoDirectory {};

TEST_F(CliGolden, TheTourPrintsWhatItAlwaysPrinted) {
  const std::string folder = std::string(CONNTRAIL_SOURCE_DIR) + "/tests/golden/cli/";
  for (const Stop& stop : kTour) {
    SCOPED_TRACE(stop.file);
    const ProcessEnd end = Ask(stop.arguments);
    EXPECT_EQ(end.exit_code, 0) << end.err;
    const std::string path = folder + stop.file + ".txt";
    if (!std::filesystem::exists(path) && std::getenv("CONNTRAIL_WRITE_GOLDEN") != nullptr) {
      std::ofstream(path, std::ios::binary) << end.out;
    }
    ASSERT_TRUE(std::filesystem::exists(path)) << "CONNTRAIL_WRITE_GOLDEN=1 writes " << path;
    EXPECT_EQ(end.out, ReadAll(path));
  }
}

}  // namespace
}  // namespace conntrail
