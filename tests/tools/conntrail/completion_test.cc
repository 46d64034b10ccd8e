#include "tools/conntrail/completion.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/projections/store/scratch_dir.h"
#include "tests/support/process.h"
#include "tools/conntrail/command_line.h"

namespace conntrail {
namespace {

using testing::HasSubstr;

// What bash offers for the last of `words`.
std::string Offered(const std::vector<std::string>& words) {
  ScratchDir dir;
  const std::string path = dir / "complete.sh";
  std::ofstream script(path);
  script << BashCompletion(MakeCommandLine()->app) << "COMP_WORDS=(";
  for (const std::string& word : words) script << "'" << word << "' ";
  script << ")\nCOMP_CWORD=" << words.size() - 1 << "\n_conntrail\necho \"${COMPREPLY[*]}\"\n";
  script.close();
  const ProcessEnd end = RunProcess({"/bin/bash", "-eu", path});
  EXPECT_EQ(end.err, "");
  return end.out.substr(0, end.out.size() - 1);
}

TEST(Completion, BashOffersTheVerbsAndThoseBelowThem) {
  EXPECT_THAT(Offered({"conntrail", "conn"}), "connections");
  EXPECT_THAT(Offered({"conntrail", "connections", ""}),
              "list show history create update delete suspend resume");
  EXPECT_THAT(Offered({"conntrail", "--data", "d", "connections", "h"}), "history");
}

TEST(Completion, BashOffersTheOptionsOfTheVerbAndTheSharedOnes) {
  const std::string offered = Offered({"conntrail", "trail", "search", "--"});
  EXPECT_THAT(offered, HasSubstr("--outcome"));
  EXPECT_THAT(offered, HasSubstr("--data"));
  EXPECT_THAT(offered, testing::Not(HasSubstr("--granted")));
}

TEST(Completion, BashOffersTheValuesOfAnOption) {
  EXPECT_EQ(Offered({"conntrail", "orgs", "list", "--output", ""}), "table json ndjson csv");
  EXPECT_EQ(Offered({"conntrail", "connections", "list", "--sort", "c"}), "created changed");
  EXPECT_EQ(Offered({"conntrail", "completion", ""}), "bash zsh fish");
}

TEST(Completion, EveryShellKnowsEveryVerbAndOption) {
  const auto line = MakeCommandLine();
  const std::string bash = BashCompletion(line->app);
  const std::string zsh = ZshCompletion(line->app);
  const std::string fish = FishCompletion(line->app);
  for (const CLI::App* group : line->app.get_subcommands([](const CLI::App*) { return true; })) {
    for (const CLI::App* verb : group->get_subcommands([](const CLI::App*) { return true; })) {
      const std::string path = group->get_name() + " " + verb->get_name();
      EXPECT_THAT(bash, HasSubstr("'" + path + "')"));
      EXPECT_THAT(zsh, HasSubstr("'" + path + "')"));
      EXPECT_THAT(fish, HasSubstr("__conntrail_verb \"" + path + "\""));
      for (const CLI::Option* option : verb->get_options()) {
        if (option->get_positional() || option->get_lnames().empty()) continue;
        const std::string& name = option->get_lnames()[0];
        EXPECT_THAT(zsh, HasSubstr("--" + name)) << path;
        EXPECT_THAT(fish, HasSubstr("-l " + name + " ")) << path;
      }
    }
  }
}

}  // namespace
}  // namespace conntrail
