#include "services/api/scim/patch.h"

#include <gtest/gtest.h>

namespace conntrail::api::scim {
namespace {

constexpr std::string_view kGroup =
    R"({"id":"g","displayName":"SRE","members":[{"value":"a"},{"value":"b"}]})";
constexpr std::string_view kUser =
    R"({"id":"u","userName":"alice","name":{"formatted":"A"},"active":true,)"
    R"("emails":[{"value":"w@x","type":"work"}]})";

// The document afterwards, or the fault.
std::string Patched(std::string_view resource, std::string_view operations) {
  const JsonValue request = ParseJson(R"({"Operations":)" + std::string(operations) + "}").value();
  const Parsed<JsonValue> patched = ApplyPatch(ParseJson(resource).value(), request);
  if (!patched.ok()) return patched.fault().title + ": " + patched.fault().detail;
  JsonWriter out;
  WriteJson(out, *patched);
  return out.Take();
}

TEST(ScimPatch, MembersComeAndGo) {
  EXPECT_EQ(
      Patched(kGroup, R"([{"op":"add","path":"members","value":[{"value":"c"}]}])"),
      R"({"id":"g","displayName":"SRE","members":[{"value":"a"},{"value":"b"},{"value":"c"}]})");
  EXPECT_EQ(Patched(kGroup, R"([{"op":"Add","path":"members","value":{"value":"a"}}])"), kGroup)
      << "who is there is not added again";
  EXPECT_EQ(
      Patched(kGroup, R"([{"op":"add","path":"members","value":[{"value":"c"},{"value":"c"}]}])"),
      R"({"id":"g","displayName":"SRE","members":[{"value":"a"},{"value":"b"},{"value":"c"}]})");
  const std::string only_b = R"({"id":"g","displayName":"SRE","members":[{"value":"b"}]})";
  EXPECT_EQ(Patched(kGroup, R"([{"op":"remove","path":"members[value eq \"a\"]"}])"), only_b);
  EXPECT_EQ(Patched(kGroup, R"([{"op":"Remove","path":"members","value":[{"value":"a"}]}])"),
            only_b);
  EXPECT_EQ(Patched(kGroup, R"([{"op":"replace","path":"members","value":[{"value":"b"}]}])"),
            only_b);
  EXPECT_EQ(Patched(kGroup, R"([{"op":"replace","path":"members","value":{"value":"b"}}])"),
            only_b);
  EXPECT_EQ(Patched(kGroup, R"([{"op":"remove","path":"members[value eq \"z\"]"}])"), kGroup);
  EXPECT_EQ(Patched(kGroup, R"([{"op":"remove","path":"members"}])"),
            R"({"id":"g","displayName":"SRE"})");
  EXPECT_EQ(Patched(kGroup, R"([{"op":"replace","path":"members","value":null}])"),
            R"({"id":"g","displayName":"SRE","members":[]})");
}

TEST(ScimPatch, OperationsApplyInTheirOrder) {
  EXPECT_EQ(Patched(kGroup, R"([{"op":"remove","path":"members"},)"
                            R"({"op":"add","path":"members","value":[{"value":"z"}]},)"
                            R"({"op":"replace","value":{"displayName":"Ops"}}])"),
            R"({"id":"g","displayName":"Ops","members":[{"value":"z"}]})");
}

TEST(ScimPatch, WithoutAPathEachMemberIsAnAttribute) {
  EXPECT_EQ(Patched(kUser, R"([{"op":"replace","value":{"active":false,"id":"u","USERNAME":"bob",)"
                           R"("name.familyName":"B"}}])"),
            R"({"id":"u","userName":"bob","name":{"formatted":"A","familyName":"B"},)"
            R"("active":false,"emails":[{"value":"w@x","type":"work"}]})");
  EXPECT_EQ(Patched(R"({"userName":"a"})",
                    R"([{"op":"add","value":{"urn:ietf:params:scim:schemas:extension:enterprise:)"
                    R"(2.0:User:manager":{"value":"m"}}}])"),
            R"({"userName":"a","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":)"
            R"({"manager":{"value":"m"}}})");
}

TEST(ScimPatch, PartsOfAnAttributeAndOfItsElements) {
  const auto says = [](std::string_view operation) {
    return Patched(kUser, "[" + std::string(operation) + "]");
  };
  EXPECT_EQ(says(R"({"op":"replace","path":"name.formatted","value":"B"})"),
            R"({"id":"u","userName":"alice","name":{"formatted":"B"},"active":true,)"
            R"("emails":[{"value":"w@x","type":"work"}]})");
  EXPECT_EQ(says(R"({"op":"replace","path":"emails[type eq \"work\"].value","value":"n@x"})"),
            R"({"id":"u","userName":"alice","name":{"formatted":"A"},"active":true,)"
            R"("emails":[{"value":"n@x","type":"work"}]})");
  EXPECT_EQ(says(R"({"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"n@x"}})"),
            R"({"id":"u","userName":"alice","name":{"formatted":"A"},"active":true,)"
            R"("emails":[{"value":"n@x","type":"work"}]})");
  EXPECT_EQ(says(R"({"op":"add","path":"emails[type eq \"home\"].value","value":"h@x"})"),
            R"({"id":"u","userName":"alice","name":{"formatted":"A"},"active":true,)"
            R"("emails":[{"value":"w@x","type":"work"},{"type":"home","value":"h@x"}]})");
  EXPECT_EQ(says(R"({"op":"remove","path":"emails[type eq \"work\"].type"})"),
            R"({"id":"u","userName":"alice","name":{"formatted":"A"},"active":true,)"
            R"("emails":[{"value":"w@x"}]})");
  EXPECT_EQ(says(R"({"op":"remove","path":"name.nothing"})"), kUser);
  EXPECT_EQ(says(R"({"op":"remove","path":"title"})"), kUser);
}

TEST(ScimPatch, FaultsTellTheOperationAndWhatIsWrong) {
  const auto says = [](std::string_view operations) { return Patched(kUser, operations); };
  EXPECT_EQ(says("[]"), "invalidSyntax: Operations must be an array with at least one operation");
  EXPECT_EQ(says(R"({"op":"add"})"),
            "invalidSyntax: Operations must be an array with at least one operation");
  EXPECT_EQ(says(R"([{"op":"move","path":"a"}])"),
            "invalidSyntax: Operations[0]: op must be add, replace or remove");
  EXPECT_EQ(says("[7]"), "invalidSyntax: Operations[0]: op must be add, replace or remove");
  EXPECT_EQ(says(R"([{"op":"remove"}])"), "noTarget: Operations[0]: remove needs a path");
  EXPECT_EQ(says(R"([{"op":"add","value":"x"}])"),
            "invalidValue: Operations[0]: without a path, value must be an object");
  EXPECT_EQ(says(R"([{"op":"add","path":"title"}])"),
            "invalidValue: Operations[0]: value is missing");
  EXPECT_EQ(says(R"([{"op":"add","path":7,"value":1}])"),
            "invalidPath: Operations[0]: path must be a text");
  EXPECT_EQ(says(R"([{"op":"remove","path":"title"},{"op":"replace","path":"id","value":"x"}])"),
            "mutability: Operations[1]: id cannot be changed");
  EXPECT_EQ(says(R"([{"op":"replace","path":"meta.created","value":"x"}])"),
            "mutability: Operations[0]: meta cannot be changed");
  EXPECT_EQ(says(R"([{"op":"replace","path":"emails[type eq \"home\"].value","value":"x"}])"),
            "noTarget: Operations[0]: no element of emails fits the filter");
  EXPECT_EQ(says(R"([{"op":"add","path":"emails[type sw \"h\"].value","value":"x"}])"),
            "noTarget: Operations[0]: no element fits the filter, nor can one be made");
  EXPECT_EQ(says(R"([{"op":"replace","path":"emails[type eq \"work\"]","value":"x"}])"),
            "invalidValue: Operations[0]: value must be an object");
  EXPECT_EQ(says(R"([{"op":"add","path":"emails[","value":"x"}])"),
            "invalidPath: Operations[0]: at character 8: here should stand the name of an "
            "attribute");
  std::string many = "[";
  for (int i = 0; i < 257; ++i) many += std::string(i ? "," : "") + R"({"op":"remove","path":"x"})";
  EXPECT_EQ(says(many + "]"), "tooMany: at most 256 operations are taken at once");
}

TEST(ScimPatch, AnAttributeOfAnotherKindGivesWay) {
  EXPECT_EQ(Patched(R"({"name":"text"})", R"([{"op":"add","path":"name.formatted","value":"A"}])"),
            R"({"name":{"formatted":"A"}})");
  EXPECT_EQ(Patched(R"({"emails":"text"})",
                    R"([{"op":"add","path":"emails[type eq \"work\"].value","value":"a"}])"),
            R"({"emails":[{"type":"work","value":"a"}]})");
  EXPECT_EQ(
      Patched(R"({"emails":"text"})", R"([{"op":"add","path":"emails","value":[{"value":"a"}]}])"),
      R"({"emails":[{"value":"a"}]})");
}

}  // namespace
}  // namespace conntrail::api::scim
