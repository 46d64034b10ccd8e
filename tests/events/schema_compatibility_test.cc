#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/schema_diff.h"

namespace conntrail {
namespace {

const std::filesystem::path kSchemas = std::filesystem::path(CONNTRAIL_SOURCE_DIR) / "schemas";

std::string Compiled(std::string_view fbs, const std::string& directory = "") {
  Result<std::string> bfbs = CompileSchema(fbs, directory);
  EXPECT_TRUE(bfbs.ok()) << bfbs.status().ToString();
  return bfbs.ok() ? *bfbs : "";
}

std::string CompiledFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return Compiled(std::string(std::istreambuf_iterator<char>(file), {}), path.parent_path());
}

// "released/event.v1.fbs" is of "event.fbs".
std::filesystem::path CurrentOf(const std::filesystem::path& released) {
  const std::string name = released.filename().string();
  return kSchemas / (name.substr(0, name.find(".v")) + ".fbs");
}

TEST(SchemaCompatibility, EveryReleasedSchemaCanStillBeRead) {
  size_t count = 0;
  for (const auto& released : std::filesystem::directory_iterator(kSchemas / "released")) {
    if (released.path().extension() != ".fbs") continue;
    ++count;
    const auto breaks =
        SchemaBreaks(CompiledFile(released.path()), CompiledFile(CurrentOf(released.path())));
    EXPECT_THAT(breaks, testing::IsEmpty()) << released.path().filename();
  }
  EXPECT_GE(count, size_t{2}) << "there is no released schema to compare with";
}

// ---- the comparison itself

constexpr std::string_view kReleased = R"(
namespace n;
file_identifier "ABCD";
struct Point { x: long; y: long; }
enum Colour: ubyte { none = 0, red = 1, green = 2 }
table A { text: string (id: 0); }
table B { number: int (id: 0); }
union Shape { A = 1, B = 2 }
table Root {
  name: string (id: 0);
  count: uint = 1 (id: 1);
  at: long = null (id: 2);
  point: Point (id: 3);
  colour: Colour (id: 4);
  needed: string (id: 5, required);
  names: [string] (id: 6);
  shape: Shape (id: 8);
  ratio: double = 0.5 (id: 9);
}
root_type Root;
)";

std::string With(std::string_view from, std::string_view to) {
  std::string fbs(kReleased);
  const size_t at = fbs.find(from);
  EXPECT_NE(at, fbs.npos) << from;
  return fbs.replace(at, from.size(), to);
}

std::vector<std::string> BreaksOf(const std::string& fbs) {
  return SchemaBreaks(Compiled(kReleased), Compiled(fbs));
}

TEST(SchemaDiff, FindsNothingInTheSameSchemaOrOneThatOnlyGrew) {
  EXPECT_THAT(BreaksOf(std::string(kReleased)), testing::IsEmpty());
  EXPECT_THAT(BreaksOf(With("(id: 9);", "(id: 9); later: string (id: 10);")), testing::IsEmpty());
  EXPECT_THAT(BreaksOf(With("green = 2", "green = 2, blue = 3")), testing::IsEmpty());
  EXPECT_THAT(BreaksOf(With("union Shape { A = 1, B = 2 }",
                            "table Aaa { a: int; } union Shape { A = 1, B = 2, Aaa = 3 }")),
              testing::IsEmpty());
}

struct Break {
  const char* sentence;
  const char* from;
  const char* to;
  const char* line;  // stands in one of the lines
};

constexpr Break kBreaks[] = {
    {"another file identifier", "ABCD", "ABCE", "file identifier was ABCD, is ABCE"},
    {"another root", "root_type Root", "root_type A", "root type was n.Root, is n.A"},
    {"a removed last field", "ratio: double = 0.5 (id: 9);", "", "n.Root.ratio: id 9 is gone"},
    {"a removed field in the middle", "count: uint = 1 (id: 1);\n  at: long = null (id: 2);",
     "at: long = null (id: 1); filler: bool (id: 2);", "n.Root.count: name was count, is at"},
    {"a renumbered field", "name: string (id: 0);\n  count: uint = 1 (id: 1);",
     "count: uint = 1 (id: 0); name: string (id: 1);", "n.Root.name: name was name, is count"},
    {"another type", "count: uint = 1", "count: ulong = 1", "n.Root.count: type was"},
    {"a list for a text", "name: string", "name: [string]", "n.Root.name: type was"},
    {"another sign", "number: int", "number: uint", "n.B.number: type was"},
    {"a table for a struct", "struct Point { x: long; y: long; }",
     "table Point { x: long; y: long; }", "n.Point: struct was true, is false"},
    {"another default", "count: uint = 1", "count: uint = 2", "n.Root.count: default was 1, is 2"},
    {"another default of a fraction", "= 0.5", "= 0.25", "n.Root.ratio: default was 0.5, is 0.25"},
    {"a default where there was none", "at: long = null", "at: long = 0",
     "n.Root.at: optional was true, is false"},
    {"required of an old field", "name: string (id: 0)", "name: string (id: 0, required)",
     "n.Root.name: required was false, is true"},
    {"required of a later field", "(id: 9);", "(id: 9); later: string (id: 10, required);",
     "n.Root.later: a later field is required"},
    {"no longer required", "(id: 5, required)", "(id: 5)",
     "n.Root.needed: required was true, is false"},
    {"a deprecated field", "name: string (id: 0)", "name: string (id: 0, deprecated)",
     "n.Root.name: deprecated was false, is true"},
    {"a renamed field", "name: string", "title: string", "n.Root.name: name was name, is title"},
    {"a grown struct", "y: long; }", "y: long; z: long; }", "n.Point: size was 16, is 24"},
    {"a struct grown inside its padding", "x: long; y: long;", "x: long; y: int; z: int;",
     "n.Point: number of fields was 2, is 3"},
    {"swapped struct fields", "x: long; y: long;", "y: long; x: long;",
     "n.Point.x: name was x, is y"},
    {"a removed last enum value", ", green = 2", "", "n.Colour.green: number 2 is gone"},
    {"swapped enum values", "red = 1, green = 2", "green = 1, red = 2",
     "n.Colour.red: name was red, is green"},
    {"a renamed enum value", "red = 1", "scarlet = 1", "n.Colour.red: name was red, is scarlet"},
    {"another enum width", "Colour: ubyte", "Colour: ushort", "n.Colour: type was"},
    {"swapped union members", "A = 1, B = 2", "B = 1, A = 2", "n.Shape.A: name was A, is B"},
    {"a removed union member", "A = 1, B = 2", "A = 1", "n.Shape.B: number 2 is gone"},
    {"another table in the union", "A = 1, B = 2", "A: B = 1, B2: B = 2", "n.Shape.A: member was"},
};

TEST(SchemaDiff, FindsEveryKindOfBreak) {
  for (const Break& kind : kBreaks) {
    const std::vector<std::string> lines = BreaksOf(With(kind.from, kind.to));
    EXPECT_THAT(lines, testing::Contains(testing::HasSubstr(kind.line))) << kind.sentence;
  }
}

TEST(SchemaDiff, LooksIntoWhatASchemaIncludes) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("conntrail_schema_" + std::to_string(::getpid()));
  const auto breaks = [&](std::string_view now) {
    std::filesystem::create_directories(folder);
    const std::string_view root =
        "include \"part.fbs\"; namespace n; table Root { p: Part; } root_type Root;";
    std::ofstream(folder / "part.fbs") << "namespace n; table Part { a: int (id: 0); }";
    const std::string before = Compiled(root, folder);
    std::ofstream(folder / "part.fbs") << now;
    const auto lines = SchemaBreaks(before, Compiled(root, folder));
    std::filesystem::remove_all(folder);
    return lines;
  };
  EXPECT_THAT(breaks("namespace n; table Part { a: int (id: 0); b: int (id: 1); }"),
              testing::IsEmpty());
  EXPECT_THAT(breaks("namespace n; table Part { a: long (id: 0); }"),
              testing::Contains(testing::HasSubstr("n.Part.a: type was")));
}

TEST(SchemaDiff, FindsATableThatIsGone) {
  std::string renamed = With("table B {", "table C {");
  renamed.replace(renamed.find("A = 1, B = 2"), 12, "A = 1, B: C = 2");
  EXPECT_THAT(BreaksOf(renamed), testing::Contains("n.B: is gone"));
}

}  // namespace
}  // namespace conntrail
