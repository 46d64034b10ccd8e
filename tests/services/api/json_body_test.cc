#include "services/api/json_body.h"

#include <gtest/gtest.h>

namespace conntrail::api {
namespace {

struct Case {
  std::string body;
  std::string pointer;
  std::string detail;  // how it begins
};

Fault FaultOf(const std::string& body) {
  const Parsed<JsonValue> root = ParseBody(body);
  return root.ok() ? Fault{.detail = "none"} : root.fault();
}

std::string Nested(size_t levels) {
  std::string text;
  for (size_t i = 0; i < levels; ++i) text += R"({"a":)";
  return text + "1" + std::string(levels, '}');
}

std::string Wide(size_t members) {
  std::string text = R"({"data":{)";
  for (size_t i = 0; i < members; ++i)
    text += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":0";
  return text + "}}";
}

TEST(ParseBody, SaysWhereABodyIsBad) {
  const Case cases[] = {
      {"", "", "the body is empty"},
      {" \n", "", "the body is empty"},
      {"[1]", "", "must be an object"},
      {"{\"a\":}", "", "the body is not JSON: line 1, column"},
      {"{\"a\":\"\xFF\"}", "", "the body is not JSON"},
      {R"({"data":{"a":1,"a":2}})", "/data", "a member stands twice"},
      {R"({"data":[0,{"a":1,"a":2}]})", "/data/1", "a member stands twice"},
      {R"({"data":{"a":"\u0000"}})", "/data/a", "must not contain U+0000"},
      {Wide(64), "", "none"},
      {Wide(65), "/data", "must not have more than 64 members"},
      {Nested(16), "", "none"},
      {Nested(17), "/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a", "is nested too deeply"},
  };
  for (const Case& c : cases) {
    const Fault fault = FaultOf(c.body);
    EXPECT_EQ(fault.pointer, c.pointer) << c.body;
    EXPECT_TRUE(fault.detail.starts_with(c.detail)) << c.body << ": " << fault.detail;
  }
}

TEST(ParseBody, RepeatsNoTokenThatStandsAsANameOrValue) {
  const std::string token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
  for (const std::string& body :
       {R"({")" + token + R"(":1,")" + token + R"(":2})",
        R"({"data":{")" + token + R"(":"\u0000"}})", R"({"data":")" + token, "{" + token + "}"}) {
    const Fault fault = FaultOf(body);
    EXPECT_NE(fault.detail, "none") << body;
    EXPECT_EQ(fault.detail.find(token), std::string::npos) << fault.detail;
    EXPECT_EQ(fault.pointer.find(token), std::string::npos) << fault.pointer;
  }
}

TEST(BodyReader, EscapesNamesInPointers) {
  const Parsed<JsonValue> root = ParseBody(R"({"a/b":{"~":[0,{}]}})");
  ASSERT_TRUE(root.ok());
  BodyReader reader(*root);
  reader.Text(root->items[0].items[0].items[1]);
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.fault().pointer, "/a~1b/~0/1");
  EXPECT_EQ(reader.fault().detail, "must be a text");
  EXPECT_EQ(reader.fault().status, 400);
}

TEST(BodyReader, KeepsTheFirstFault) {
  const Parsed<JsonValue> root = ParseBody(R"({"a":1,"b":2})");
  BodyReader reader(*root);
  reader.Text(root->items[1]);
  reader.Text(root->items[0]);
  EXPECT_EQ(reader.fault().pointer, "/b");
}

TEST(BodyReader, PointsToNoMemberThatIsNamedLikeAToken) {
  for (const std::string name :
       {"AKIAABCDEFGHIJKLMNOP", "hooks.slack.com/services/T00000000/B00000000/XXXXXXXX"}) {
    const Parsed<JsonValue> root = ParseBody(R"({"data":{")" + name + R"(":1}})");
    BodyReader reader(*root);
    reader.RefuseOthers(root->items[0]);
    EXPECT_EQ(reader.fault().pointer, "/data");
  }
}

TEST(BodyReader, TakesALineOnlyWithinItsLimits) {
  const auto fault_of = [](const std::string& json, size_t characters, size_t bytes) {
    const Parsed<JsonValue> root = ParseBody(R"({"t":)" + json + "}");
    if (!root.ok()) return root.fault().detail;
    BodyReader reader(*root);
    reader.Line(root->items[0], characters, bytes);
    return reader.ok() ? std::string() : reader.fault().detail;
  };
  EXPECT_EQ(fault_of(R"("äöü")", 3, 6), "");
  EXPECT_EQ(fault_of(R"("äöüß")", 3, 9), "must not be longer than 3 characters");
  EXPECT_EQ(fault_of(R"("äöü")", 3, 5), "must not be longer than 5 bytes in UTF-8");
  EXPECT_EQ(fault_of(R"("")", 3, 5), "must not be empty");
  EXPECT_EQ(fault_of(R"("a\n")", 3, 5), "must not contain control characters");
  EXPECT_EQ(fault_of(R"("\u0085")", 3, 5), "must not contain control characters");
  EXPECT_EQ(fault_of(R"("\u00a0")", 3, 5), "");
  EXPECT_EQ(fault_of(R"("xoxb-0123456789")", 99, 99),
            "looks like a Slack token: secrets belong into secret fields only");
}

TEST(ReadEnvelope, SaysWhatIsWrongWithIt) {
  struct EnvelopeCase {
    std::string body;
    IdRule rule;
    std::string pointer;
    std::string detail;
  };
  const EnvelopeCase cases[] = {
      {R"({})", IdRule::kNone, "", "member \"data\" is missing"},
      {R"({"data":[]})", IdRule::kNone, "/data", "must be an object"},
      {R"({"data":{}})", IdRule::kNone, "/data", "member \"type\" is missing"},
      {R"({"data":{"type":3}})", IdRule::kNone, "/data/type", "must be a text"},
      {R"({"data":{"type":"x"}})", IdRule::kNone, "/data/type", "must be \"thing\""},
      {R"({"data":{"type":"thing"}})", IdRule::kNone, "/data", "member \"attributes\" is missing"},
      {R"({"data":{"type":"thing","attributes":[]}})", IdRule::kNone, "/data/attributes",
       "must be an object"},
      {R"({"data":{"type":"thing","attributes":{},"more":1}})", IdRule::kNone, "/data/more",
       "there is no such member; there are: type, id, attributes"},
      {R"({"data":{"type":"thing","attributes":{}},"more":1})", IdRule::kNone, "/more",
       "there is no such member; there are: data"},
      {R"({"data":{"type":"thing","id":"7","attributes":{}}})", IdRule::kNone, "/data/id",
       "is given by the server; leave it out"},
      {R"({"data":{"type":"thing","id":"8","attributes":{}}})", IdRule::kOptional, "/data/id",
       "must be the id in the path"},
      {R"({"data":{"type":"thing","attributes":{}}})", IdRule::kRequired, "/data",
       "member \"id\" is missing"},
  };
  for (const EnvelopeCase& c : cases) {
    const Parsed<JsonValue> root = ParseBody(c.body);
    ASSERT_TRUE(root.ok()) << c.body;
    BodyReader reader(*root);
    ReadEnvelope(reader, *root, "thing", c.rule, "7");
    ASSERT_FALSE(reader.ok()) << c.body;
    EXPECT_EQ(reader.fault().pointer, c.pointer) << c.body;
    EXPECT_EQ(reader.fault().detail, c.detail) << c.body;
  }
}

}  // namespace
}  // namespace conntrail::api
