#include "events/base/json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "events/base/bytes.h"
#include "events/base/json_syntax.h"
#include "events/base/json_writer.h"
#include "tests/support/event_generators.h"

namespace conntrail {
namespace {

std::string FaultOf(std::string_view json) {
  const Result<JsonValue> value = ParseJson(json);
  return value.ok() ? "ok" : value.status().message();
}

std::string Nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::string ObjectOf(size_t members) {
  JsonWriter out;
  out.BeginObject();
  for (size_t i = 0; i < members; ++i) {
    out.Name(std::to_string(i));
    out.Null();
  }
  out.EndObject();
  return out.Take();
}

TEST(ParseJson, KeepsKindsNumbersAndTheOrderOfMembers) {
  const Result<JsonValue> root = ParseJson(
      R"({"z":null,"a":[true,false,-9223372036854775808,18446744073709551615,1.0,"\u00fc\ud83d\ude00"]})");
  ASSERT_TRUE(root.ok()) << root.status().ToString();
  EXPECT_EQ(root->items[0].name, "z");
  EXPECT_EQ(root->items[0].kind, JsonKind::kNull);
  const std::vector<JsonValue>& items = root->items[1].items;
  EXPECT_TRUE(items[0].flag);
  EXPECT_FALSE(items[1].flag);
  JsonReader reader(*root);
  EXPECT_EQ(reader.Int(items[2]), INT64_MIN);
  EXPECT_EQ(reader.Uint(items[3]), UINT64_MAX);
  EXPECT_EQ(items[4].kind, JsonKind::kNumber);
  EXPECT_EQ(reader.Text(items[5]), "ü😀");
  EXPECT_TRUE(reader.ok());
}

TEST(ParseJson, TellsWhereTheGrammarIsBroken) {
  EXPECT_EQ(FaultOf(" "), "line 1, column 2: the text ends where a value is expected");
  EXPECT_EQ(FaultOf("{\"a\":1,\n \"b\":2,\n \"c\" 3}"), "line 3, column 6: a colon is expected");
  EXPECT_EQ(FaultOf("[1,]"), "line 1, column 4: a value is expected");
  EXPECT_EQ(FaultOf("[1 2]"), "line 1, column 4: a comma or ] is expected");
  EXPECT_EQ(FaultOf("{\"a\":1 \"b\":2}"), "line 1, column 8: a comma or } is expected");
  EXPECT_EQ(FaultOf("{a:1}"), "line 1, column 2: the name of a member is expected");
  EXPECT_EQ(FaultOf("[]\n[]"), "line 2, column 1: text after the value");
  EXPECT_EQ(FaultOf("[\"abc]"), "line 1, column 2: this text has no end");
  EXPECT_EQ(FaultOf("[\"a\tb\"]"), "line 1, column 4: a control character must be escaped");
  EXPECT_EQ(FaultOf("[\"\\x\"]"), "line 1, column 3: there is no such escape");
  EXPECT_EQ(FaultOf("[\"\\ud800\"]"), "line 1, column 3: this escape is no character");
  EXPECT_EQ(FaultOf("[\"\xC3\x28\"]"), "line 1, column 3: these bytes are not UTF-8");
  EXPECT_EQ(FaultOf("[01]"), "line 1, column 2: a number must not begin with 0");
  EXPECT_EQ(FaultOf("[1.]"), "line 1, column 4: a digit is missing");
  EXPECT_EQ(FaultOf("[18446744073709551616]"), "line 1, column 2: the number is out of range");
  EXPECT_EQ(FaultOf("[-9223372036854775809]"), "line 1, column 2: the number is out of range");
  EXPECT_EQ(FaultOf("\xEF\xBB\xBF{}"), "line 1, column 1: a value is expected");
  EXPECT_EQ(FaultOf("NaN"), "line 1, column 1: a value is expected");
}

TEST(ParseJson, RefusesWhatTheGrammarAllowsAndWeDoNot) {
  EXPECT_EQ(FaultOf(R"([{"a":1,"b":2,"a":3}])"), "[0]: member \"a\" stands twice");
  EXPECT_EQ(FaultOf(R"({"a":1,"\u0061":3})"), "member \"a\" stands twice");
  EXPECT_EQ(FaultOf(R"({"x":["\u0000"]})"), "x[0]: must not contain U+0000");
  EXPECT_EQ(FaultOf(R"({"\u0000":1})"), "must not contain U+0000");
  EXPECT_EQ(FaultOf(Nested(kJsonDepthMax)), "ok");
  EXPECT_THAT(FaultOf(Nested(kJsonDepthMax + 1)), testing::EndsWith("is nested too deeply"));
  EXPECT_THAT(FaultOf(Nested(100'000)), testing::HasSubstr("nested too deeply"));
  EXPECT_EQ(FaultOf(ObjectOf(kJsonMembersMax)), "ok");
  EXPECT_EQ(FaultOf(ObjectOf(kJsonMembersMax + 1)), "has too many members");
}

// simdjson refuses and our walk over the grammar tells the place: they must agree on what is JSON.
RC_GTEST_PROP(ParseJson, FindsAPlaceForEveryFaultInABrokenText, ()) {
  std::string json = R"({"a":[1,-2.5e3,"\u00e9\n",true],"b":{"c":null,"ü":[]}})";
  const int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes; ++i) {
    const size_t at = *rc::gen::inRange<size_t>(0, json.size());
    json[at] = *rc::gen::element('"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', '.', 'e', ' ',
                                 '\n', '\xC3', '\x01', 't');
  }
  const Result<JsonValue> value = ParseJson(json);
  const bool has_place = FindJsonSyntaxFault(json).has_value();
  if (value.ok()) RC_ASSERT(!has_place);
  if (!value.ok() && !has_place) {
    RC_ASSERT(value.status().message().find("stands twice") != std::string::npos);
  }
}

RC_GTEST_PROP(JsonWriter, WritesTextsThatParseBack, ()) {
  const std::string text = *AnyText();
  JsonWriter out;
  out.Text(text);
  const Result<JsonValue> parsed = ParseJson(out.text());
  RC_ASSERT(parsed.ok());
  RC_ASSERT(parsed->text == text);
}

RC_GTEST_PROP(JsonWriter, WritesValidUtf8WhateverTheBytes, (const std::string& bytes)) {
  JsonWriter out;
  out.Text(bytes);
  RC_ASSERT(IsUtf8(out.text()));
}

TEST(JsonWriter, PutsAReplacementCharacterForEachByteThatIsNoText) {
  JsonWriter out;
  out.Text("a\xFF\xC3z\xE2\x82");
  EXPECT_EQ(out.Take(), "\"a\uFFFD\uFFFDz\uFFFD\uFFFD\"");
}

TEST(JsonWriter, SetsCommasBetweenValuesAndLinesBetweenTexts) {
  JsonWriter out;
  for (int line = 0; line < 2; ++line) {
    out.BeginObject();
    out.Name("a");
    out.BeginArray();
    out.Int(-1);
    out.Uint(UINT64_MAX);
    out.BeginObject();
    out.EndObject();
    out.Bool(true);
    out.EndArray();
    out.Name("b");
    out.Raw("[1,2]");
    out.EndObject();
    out.EndLine();
  }
  EXPECT_EQ(out.text(),
            "{\"a\":[-1,18446744073709551615,{},true],\"b\":[1,2]}\n"
            "{\"a\":[-1,18446744073709551615,{},true],\"b\":[1,2]}\n");
}

TEST(JsonReader, KeepsTheFirstFaultAndGoesOnWithEmptyValues) {
  const Result<JsonValue> root = ParseJson(R"({"name":7,"count":"x","list":{},"more":1})");
  ASSERT_TRUE(root.ok());
  JsonReader reader(*root);
  EXPECT_EQ(reader.Text(*reader.Find(*root, "name")), "");
  EXPECT_EQ(reader.Int(*reader.Find(*root, "count")), 0);
  EXPECT_TRUE(reader.Items(*reader.Find(*root, "list")).empty());
  EXPECT_EQ(reader.Find(*root, "none"), nullptr);
  EXPECT_EQ(reader.status().message(), "name: must be a text");
  EXPECT_EQ(reader.status().code(), StatusCode::kInvalidArgument);
}

TEST(JsonReader, NamesAMemberThatNobodyAskedFor) {
  const Result<JsonValue> root = ParseJson(R"({"a":{"known":1,"other":2}})");
  ASSERT_TRUE(root.ok());
  JsonReader reader(*root);
  const JsonValue* a = reader.Require(*root, "a");
  reader.Require(*a, "known");
  reader.RefuseOthers(*root);
  EXPECT_TRUE(reader.ok());
  reader.RefuseOthers(*a);
  EXPECT_EQ(reader.status().message(), "a.other: there is no such member");
}

}  // namespace
}  // namespace conntrail
