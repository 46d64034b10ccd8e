// conntrail replay and conntrail rules, as programs.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "tests/e2e/program.h"

namespace conntrail {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr char kSecondPerson[] =
    "[[refuse]]\n"
    "name = \"second-person\"\n"
    "types = [\"policy changes\"]\n"
    "unless.approver = \"another person\"\n";

std::vector<json> LinesOf(const std::string& text) {
  std::vector<json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

class CliReplay : public DemoDirectory {
 protected:
  std::string File(const std::string& name, const std::string& text) {
    const std::string path = dir_ / name;
    std::ofstream(path) << text;
    return path;
  }
};

TEST_F(CliReplay, WhatIfCountsAndWritesNothing) {
  const std::string policy = File("two.toml", kSecondPerson);
  const std::string stat = Ask({"log", "stat"}).out;
  const ProcessEnd each = Ask({"replay", "what-if", "--policy", policy, "--json"});
  ASSERT_EQ(each.exit_code, 0) << each.err;
  const json answer = json::parse(each.out);
  EXPECT_EQ(answer["mode"], "each");
  EXPECT_EQ(answer["records"].dump(), Printed("records"));
  uint64_t sum = 0;
  for (const json& count : answer["counts"]) {
    EXPECT_EQ(count["before"]["verdict"], "applied");
    EXPECT_EQ(count["after"]["refused_by"], "second-person");
    sum += count["count"].get<uint64_t>();
  }
  EXPECT_EQ(answer["flips"], sum);
  // The trail says the same: in the demo nobody approves anything.
  const ProcessEnd trail = Ask({"trail", "search", "--type", "policy.*", "--outcome", "applied",
                                "--limit", "1000", "--output", "ndjson"});
  EXPECT_EQ(LinesOf(trail.out).size(), sum);

  const ProcessEnd some = Ask({"replay", "what-if", "--policy", policy, "--cascade", "--examples",
                               "1", "--threads", "3", "--output", "json"});
  EXPECT_EQ(json::parse(some.out)["mode"], "cascade");
  EXPECT_EQ(json::parse(some.out)["examples"].size(), 1u);
  const ProcessEnd later = Ask({"replay", "what-if", "--policy", policy, "--from", "2026-07-01",
                                "--to", "2026-07-31", "--json"});
  EXPECT_LT(json::parse(later.out)["flips"], sum);
  EXPECT_EQ(Ask({"log", "stat"}).out, stat);
}

TEST_F(CliReplay, WhatIfSaysWhatIsWrong) {
  const std::string bad = File("bad.toml", "[[refuse]]\nname = \"x\"\ntypes = [\"grants\"]\n");
  const ProcessEnd wrong = Ask({"replay", "what-if", "--policy", bad});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("bad.toml, line 3: \"grants\" is no type of event"));
  EXPECT_EQ(wrong.out, "");
  EXPECT_EQ(Ask({"replay", "what-if", "--policy", "none.toml"}).exit_code, 5);
  EXPECT_EQ(Ask({"replay", "what-if"}).exit_code, 2);
  EXPECT_EQ(Ask({"replay", "what-if", "--rules", "1", "--policy", bad}).exit_code, 2);
  EXPECT_EQ(Ask({"replay", "what-if", "--rules", "1", "--each", "--cascade"}).exit_code, 2);
  const ProcessEnd unknown = Ask({"replay", "what-if", "--rules", "99"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("use a newer build"));
  EXPECT_EQ(Ask({"replay", "what-if", "--rules", "1", "--org", "nobody"}).exit_code, 5);
}

TEST_F(CliReplay, TheRulesInForceChangeNothing) {
  for (const char* mode : {"--each", "--cascade"}) {
    const ProcessEnd end = Ask({"replay", "what-if", "--rules", "1", mode, "--json"});
    ASSERT_EQ(end.exit_code, 0) << end.err;
    EXPECT_EQ(json::parse(end.out)["flips"], 0);
  }
}

TEST_F(CliReplay, ADamagedLogIsToldAndNothingIsAnsweredFromIt) {
  for (const auto& file : std::filesystem::directory_iterator(data() + "/log")) {
    if (file.path().extension() != ".segment") continue;
    std::fstream segment(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    segment.seekp(static_cast<std::streamoff>(file.file_size() / 2));
    segment.put('\x7F');
    segment.put('\x01');
  }
  const ProcessEnd end = Ask({"replay", "what-if", "--rules", "2"});
  EXPECT_EQ(end.exit_code, 3) << end.err;
  EXPECT_EQ(end.out, "");
}

TEST_F(CliReplay, ASlowWhatIfEndsWithCtrlC) {
  const std::string data = this->data();
  Process process({kConntrail, "replay", "what-if", "--rules", "2", "--rate", "20", "--data", data},
                  {});
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  process.Send(SIGINT);
  const ProcessEnd end = process.Wait();
  EXPECT_EQ(end.exit_code, 128 + SIGINT);
  EXPECT_EQ(end.out, "");
  EXPECT_THAT(end.err, HasSubstr("stopped; nothing was written"));
}

TEST_F(CliReplay, DiffTellsEachDifferenceWithItsRecord) {
  const ProcessEnd end = Ask(
      {"replay", "diff", "--from", "2026-06-15", "--to", "time:2026-09-30T00:00:00Z", "--json"});
  ASSERT_EQ(end.exit_code, 0) << end.err;
  size_t access = 0;
  size_t entities = 0;
  for (const json& line : LinesOf(end.out)) {
    if (line["kind"] == "access") {
      ++access;
      const std::string index = line["by"]["index"].dump();
      const ProcessEnd before =
          Ask({"access", "who", line["connection"], "--as-of",
               "index:" + std::to_string(line["by"]["index"].get<int>() - 1), "--output", "json"});
      const ProcessEnd after = Ask(
          {"access", "who", line["connection"], "--as-of", "index:" + index, "--output", "json"});
      EXPECT_NE(before.out, after.out) << line.dump();
    } else {
      ++entities;
      for (const json& field : line["fields"]) EXPECT_TRUE(field.contains("by")) << line.dump();
    }
  }
  EXPECT_GT(access, 5u);
  EXPECT_GT(entities, 5u);
  EXPECT_EQ(Ask({"replay", "diff", "--from", "2026-09-30", "--to", "2026-06-15"}).exit_code, 2);
  EXPECT_EQ(Ask({"replay", "diff"}).exit_code, 2);
  EXPECT_EQ(Ask({"replay", "diff", "--from", "sometime"}).exit_code, 2);
  const ProcessEnd none = Ask({"replay", "diff", "--from", "index:50", "--to", "index:50"});
  EXPECT_EQ(none.exit_code, 0);
  EXPECT_THAT(none.err, HasSubstr("0 entities differ"));
}

TEST_F(CliReplay, DiffOfTwoDirectoriesFindsWhereTheyPart) {
  const std::string other = dir_ / "other";
  std::filesystem::copy(data(), other, std::filesystem::copy_options::recursive);
  const ProcessEnd equal = Ask({"replay", "diff", "--with", other});
  EXPECT_EQ(equal.exit_code, 0) << equal.out << equal.err;
  const std::string line =
      R"({"actor":"user:a11ce000-0000-4000-8000-000000000001","connection":)"
      R"({"id":"c0000001-0000-4000-8000-000000000001","name":"jira-prod"},"occurred_at":)"
      R"("2026-10-20T10:00:00.000Z","op":"connection.suspended","reason":"test","recorded_at":)"
      R"("2026-10-20T10:00:00.000Z","request_id":null,"seq":1,"source":{"interface":"git"},)"
      R"("txn":"a","txn_index":0,"txn_size":1})"
      "\n";
  const ProcessEnd imported = Conntrail(
      {"import", "--org", "demo", "--data", other, "--name", "more", File("one.jsonl", line)});
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  const ProcessEnd end = Ask({"replay", "diff", "--with", other, "--json"});
  EXPECT_EQ(end.exit_code, 1) << end.out;
  const std::vector<json> lines = LinesOf(end.out);
  ASSERT_GE(lines.size(), 2u);
  EXPECT_EQ(lines[0]["kind"], "trail");
  EXPECT_EQ(lines[0]["index"].dump(), Printed("records"));
  EXPECT_FALSE(lines[0].contains("a"));
  EXPECT_EQ(lines[0]["b"]["type"], "connection.suspended");
  EXPECT_EQ(lines[1]["subject"], "connection:c0000001-0000-4000-8000-000000000001");
  EXPECT_EQ(lines[1]["fields"][0]["by"]["in"], "B");
  EXPECT_EQ(Ask({"replay", "diff", "--with", dir_ / "nowhere"}).exit_code, 5);
  EXPECT_EQ(Ask({"replay", "diff", "--with", other, "--from", "index:1"}).exit_code, 2);
}

TEST_F(CliReplay, RulesAreShownThenActivatedForGood) {
  const auto in_force = [&] {
    const json shown = json::parse(Ask({"rules", "show", "--output", "json"}).out);
    for (const json& version : shown["versions"]) {
      if (!version["in_force"].empty()) return version["version"].get<int>();
    }
    return 0;
  };
  EXPECT_EQ(in_force(), 1);
  const ProcessEnd dry = Ask({"rules", "activate", "2", "--output", "json"});
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_EQ(json::parse(dry.out)["candidate"], "rules version 2");
  EXPECT_THAT(dry.err, HasSubstr("nothing was changed"));
  EXPECT_EQ(in_force(), 1);
  const std::string records = Ask({"trail", "search", "--limit", "1000", "--output", "ndjson"}).out;

  EXPECT_EQ(Ask({"rules", "activate", "2", "--yes"}).exit_code, 0);
  EXPECT_EQ(in_force(), 2);
  EXPECT_EQ(Ask({"trail", "search", "--limit", "1000", "--output", "ndjson"}).out, records)
      << "the past keeps its outcomes";
  EXPECT_EQ(Ask({"verify"}).exit_code, 0);
  EXPECT_EQ(Ask({"rebuild"}).exit_code, 0);
  EXPECT_EQ(in_force(), 2);

  const ProcessEnd again = Ask({"rules", "activate", "2", "--yes"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("not newer"));
  EXPECT_EQ(Ask({"rules", "activate", "1", "--yes"}).exit_code, 2);
  const ProcessEnd unknown = Ask({"rules", "activate", "3", "--yes"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("this build knows the rules versions 1 to 2"));
  EXPECT_EQ(Ask({"rules", "activate", "0"}).exit_code, 2);
}

}  // namespace
}  // namespace conntrail
