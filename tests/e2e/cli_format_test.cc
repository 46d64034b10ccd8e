#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "events/base/json_reader.h"
#include "tests/e2e/program.h"

namespace conntrail {
namespace {

using nlohmann::json;

const std::vector<std::vector<std::string>> kAnswers = {
    {"connections", "list"},
    {"connections", "show", "jira-prod"},
    {"connections", "history", "jira-prod"},
    {"trail", "search"},
    {"trail", "search", "--full", "--limit", "7"},
    {"trail", "search", "--outcome", "malformed"},  // none
    {"trail", "tail"},
    {"access", "who", "jira-prod"},
    {"access", "what", "team:7ea30001-0000-4000-8000-000000000001"},
    {"state", "export"},
    {"counts"},
    {"orgs", "list"},
    {"replay", "diff", "--from", "index:60"},
    {"replay", "what-if", "--rules", "2"},
    {"rules", "show"},
    {"log", "stat"},
    {"log", "dump", "--limit", "3"},
    {"verify"},
    {"rebuild"},
    {"version"},
};

// Cells of each line of a CSV text (RFC 4180).
std::vector<std::vector<std::string>> ParseCsv(const std::string& text) {
  std::vector<std::vector<std::string>> lines;
  std::vector<std::string> line(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        line.back() += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        line.back() += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      line.emplace_back();
    } else if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
      lines.push_back(line);
      line.assign(1, "");
      ++i;
    } else {
      line.back() += c;
    }
  }
  EXPECT_FALSE(quoted);
  EXPECT_EQ(line, std::vector<std::string>(1)) << "the last line has no end";
  return lines;
}

class CliFormats : public DemoDirectory {
 protected:
  std::string Answer(std::vector<std::string> arguments, const std::string& format) {
    arguments.insert(arguments.end(), {"--output", format, "--quiet"});
    const ProcessEnd end = Ask(arguments);
    EXPECT_EQ(end.exit_code, 0) << end.err;
    EXPECT_EQ(end.err, "");
    return end.out;
  }
};

TEST_F(CliFormats, JsonIsOneDocument) {
  for (const auto& arguments : kAnswers) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const json document = json::parse(Answer(arguments, "json"), nullptr, false);
    EXPECT_TRUE(document.is_object());
  }
}

TEST_F(CliFormats, NdjsonIsAnObjectOnEachLine) {
  for (const auto& arguments : kAnswers) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    std::istringstream lines(Answer(arguments, "ndjson"));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_TRUE(json::parse(line, nullptr, false).is_object()) << line;
      EXPECT_TRUE(ParseJson(line).ok()) << "stricter: no member twice: " << line;
    }
  }
}

TEST_F(CliFormats, CsvHasTheSameCellsOnEachLine) {
  for (const auto& arguments : kAnswers) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const auto lines = ParseCsv(Answer(arguments, "csv"));
    ASSERT_FALSE(lines.empty());
    for (const auto& line : lines) EXPECT_EQ(line.size(), lines[0].size());
  }
}

TEST_F(CliFormats, AllFormatsTellOfTheSameConnections) {
  std::set<std::string> from_json;
  const json document = json::parse(Answer({"connections", "list"}, "json"));
  for (const json& c : document["connections"]) from_json.insert(c["id"]);
  std::set<std::string> from_csv;
  const auto lines = ParseCsv(Answer({"connections", "list"}, "csv"));
  for (size_t i = 1; i < lines.size(); ++i) from_csv.insert(lines[i][0]);
  EXPECT_EQ(from_json.size(), 10u);
  EXPECT_EQ(from_json, from_csv);
  for (const std::string& id : from_json) {
    EXPECT_THAT(Answer({"state", "export"}, "ndjson"), testing::HasSubstr(id));
  }
}

TEST_F(CliFormats, ColorsAreForTerminalsOrForWhoAsks) {
  EXPECT_THAT(Ask({"trail", "tail"}).out, testing::Not(testing::HasSubstr("\x1b")));
  EXPECT_THAT(Ask({"trail", "tail", "--color", "always"}).out, testing::HasSubstr("\x1b[32m"));
  EXPECT_THAT(Ask({"trail", "tail"}, {.environment = {{"NO_COLOR", "1"}}}).out,
              testing::Not(testing::HasSubstr("\x1b")));
}

TEST_F(CliFormats, PagesGiveEveryRecordOnce) {
  for (const bool oldest_first : {false, true}) {
    std::vector<uint64_t> indexes;
    std::string cursor;
    do {
      std::vector<std::string> arguments = {"trail", "search", "--limit", "17"};
      if (oldest_first) arguments.push_back("--oldest-first");
      if (!cursor.empty()) arguments.insert(arguments.end(), {"--cursor", cursor});
      const json page = json::parse(Answer(arguments, "json"));
      for (const json& record : page["records"]) indexes.push_back(record["index"]);
      cursor = page["records"].empty() ? "" : page.value("next_cursor", "");
    } while (!cursor.empty() && indexes.size() < 1000);
    std::vector<uint64_t> expected(std::stoul(Printed("records")));
    for (size_t i = 0; i < expected.size(); ++i) {
      expected[i] = oldest_first ? i : expected.size() - 1 - i;
    }
    EXPECT_EQ(indexes, expected);
  }
}

TEST_F(CliFormats, EveryFilterOfTheTrailIsOneOnTheRecords) {
  const auto count = [&](std::vector<std::string> filter) {
    filter.insert(filter.begin(), {"trail", "search", "--limit", "1000"});
    return json::parse(Answer(filter, "json"))["records"].size();
  };
  const size_t all = count({});
  EXPECT_EQ(all, std::stoul(Printed("records")));
  const size_t applied = count({"--outcome", "applied"});
  EXPECT_EQ(applied + count({"--outcome",
                             "denied,rejected,conflict,duplicate,invalid,unsupported,malformed,"
                             "misrouted"}),
            all);
  EXPECT_EQ(count({"--type",
                   "connection.*,credential.*,policy.*,account.*,group.*,workflow.*,"
                   "org.*"}),
            all);
  const size_t before = count({"--to", "2026-06-15T11:59:59.999Z"});
  EXPECT_EQ(before + count({"--from", "2026-06-15T12:00:00Z"}), all);
  EXPECT_EQ(count({"--connection", "jira-prod"}),
            count({"--subject", "connection:" + Printed("connection")}));
  EXPECT_LT(count({"--connection", "jira-prod", "--outcome", "denied"}), before);
}

}  // namespace
}  // namespace conntrail
