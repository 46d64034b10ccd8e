#include "tools/conntrail/output/rows.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/tools/conntrail/output/captured_sink.h"

namespace conntrail {
namespace {

std::string Write(Format format, const std::vector<std::string>& names) {
  CapturedSink captured;
  Rows rows(captured.sink(), {.format = format}, "connections", {{"name"}, {"state"}});
  for (const std::string& name : names) {
    rows.Add({[&] {
                return std::vector<Cell>{name, "active"};
              },
              [&](JsonWriter& out) {
                out.BeginObject();
                out.Name("name");
                out.Text(name);
                out.EndObject();
              }});
  }
  rows.AddMember("total", std::to_string(names.size()));
  rows.Finish();
  return captured.Take();
}

TEST(Rows, JsonIsOneDocumentWithItsMembers) {
  EXPECT_EQ(nlohmann::json::parse(Write(Format::kJson, {"a", "b"})),
            nlohmann::json::parse(R"({"connections":[{"name":"a"},{"name":"b"}],"total":2})"));
  EXPECT_EQ(nlohmann::json::parse(Write(Format::kJson, {})),
            nlohmann::json::parse(R"({"connections":[],"total":0})"));
}

TEST(Rows, NdjsonIsOneObjectALineWhateverTheNames) {
  EXPECT_EQ(Write(Format::kNdjson, {"a\nb", "c"}), "{\"name\":\"a\\nb\"}\n{\"name\":\"c\"}\n");
}

TEST(Rows, CsvHasAHeaderEvenWithoutRowsAndIsSafe) {
  EXPECT_EQ(Write(Format::kCsv, {}), "name,state\r\n");
  EXPECT_EQ(Write(Format::kCsv, {"=1"}), "name,state\r\n'=1,active\r\n");
}

TEST(Rows, ThePlainTableIsForPeople) {
  EXPECT_EQ(Write(Format::kTable, {"a"}), "NAME  STATE\na     active\n");
}

}  // namespace
}  // namespace conntrail
