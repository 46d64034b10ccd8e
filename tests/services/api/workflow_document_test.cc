#include "services/api/workflow_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/api/documents.h"

namespace conntrail::api {
namespace {

const WorkflowId kDeploy = WorkflowNamed("deploy");
const Principal kAlice = UserNamed("alice");

Parsed<WorkflowSaved> Read(const Json& attributes, const Workflow* known = nullptr) {
  return ReadWorkflow(Envelope("workflow", attributes).dump(), kDeploy, known, kAlice);
}

Json Whole() {
  return {{"name", "Deploy"},
          {"owner", kAlice.ToString()},
          {"run_as", "service_account"},
          {"run_as_account", ServiceNamed("robot").ToString()},
          {"editors", {UserNamed("bob").ToString()}},
          {"steps",
           {{{"step", "page"},
             {"action", "com.example.page"},
             {"connection_id", ConnectionNamed("pager").ToString()}},
            {{"step", "wait"}, {"action", "com.example.wait"}, {"connection_id", nullptr}}}}};
}

Json AnswerOf(const Workflow& workflow) {
  JsonWriter out;
  WriteWorkflow(out, workflow);
  return Json::parse(out.text());
}

// Acme with pager, after `saved` by alice.
OrgInMemory After(const WorkflowSaved& saved) {
  OrgInMemory acme = PagerOfAlice();
  const Event event = Intent("alice", saved);
  EXPECT_EQ(DecodeEvent(EncodeEvent(event)).event, event);
  EXPECT_EQ(acme.Says(event), "applied");
  return acme;
}

TEST(WorkflowDocument, ComesBackAsItWasSent) {
  const auto saved = Read(Whole());
  ASSERT_TRUE(saved.ok()) << saved.fault().detail;
  const OrgInMemory acme = After(*saved);
  const Json answer = AnswerOf(*acme.Find<Workflow>(KeyOf(kDeploy)));
  EXPECT_EQ(answer["type"], "workflow");
  EXPECT_EQ(answer["id"], kDeploy.ToString());
  Json attributes = answer["attributes"];
  EXPECT_EQ(attributes["revision"], 1);
  EXPECT_EQ(attributes["created_at"], attributes["last_updated"]);
  for (const char* added : {"revision", "created_at", "last_updated"}) attributes.erase(added);
  EXPECT_EQ(attributes, Whole());
}

TEST(WorkflowDocument, WithoutAnOwnerKeepsItsOwnerOrGoesToTheCaller) {
  const Json unowned = {{"name", "Deploy"}};
  EXPECT_EQ(Read(unowned)->owner, kAlice);
  EXPECT_EQ(Read(unowned)->run_as, RunAs::kOwner);
  Workflow known{.id = kDeploy, .owner = UserNamed("bob")};
  EXPECT_EQ(Read(unowned, &known)->owner, UserNamed("bob"));
  known.life.deleted = true;
  EXPECT_EQ(Read(unowned, &known)->owner, kAlice);
}

TEST(WorkflowDocument, TakesAConnectionIntoOneStep) {
  const OrgInMemory acme = After(*Read(Whole()));
  const Workflow& known = *acme.Find<Workflow>(KeyOf(kDeploy));
  const auto attach = [&](const Json& id, std::string_view step) {
    return ReadStepConnection(Envelope("step_connection", {{"connection_id", id}}).dump(), known,
                              step);
  };
  const auto attached = attach(IdNamed("other").ToString(), "wait");
  ASSERT_TRUE(attached.ok());
  WorkflowSaved expected = *Read(Whole());
  expected.steps[1].connection = ConnectionNamed("other");
  EXPECT_EQ(*attached, expected);

  expected = *Read(Whole());
  expected.steps[0].connection.reset();
  EXPECT_EQ(*attach(nullptr, "page"), expected);

  EXPECT_EQ(attach(nullptr, "none").fault().status, 404);
  EXPECT_EQ(attach("x", "wait").fault().pointer, "/data/attributes/connection_id");
  EXPECT_EQ(
      ReadStepConnection(R"({"data":{"type":"step_connection","attributes":{}}})", known, "wait")
          .fault()
          .pointer,
      "/data/attributes");
}

TEST(WorkflowDocument, SaysWhereABodyIsBad) {
  struct Case {
    Json change;
    std::string pointer;
    std::string detail;
  };
  const Json step = {{"step", "a"}, {"action", "b"}};
  const Case cases[] = {
      {{{"name", 1}}, "/name", "must be a text"},
      {{{"name", "xoxb-0123456789ab"}}, "/name", "looks like a Slack token"},
      {{{"owner", "team:x"}}, "/owner", "must be user:<uuid>"},
      {{{"owner", TeamNamed("t").ToString()}}, "/owner", "must be user:<uuid>"},
      {{{"run_as", "root"}}, "/run_as", "must be one of: owner, initiator, service_account"},
      {{{"run_as_account", nullptr}}, "", "run_as \"service_account\" needs it"},
      {{{"run_as", "owner"}}, "/run_as_account", "is only for run_as"},
      {{{"editors", "x"}}, "/editors", "must be an array"},
      {{{"editors", {"x"}}}, "/editors/0", "must be user:<uuid>"},
      {{{"steps", {1}}}, "/steps/0", "must be an object"},
      {{{"steps", {{{"step", "a"}}}}}, "/steps/0", "member \"action\" is missing"},
      {{{"steps", {step, step}}}, "/steps/1", "has the name of a step before it"},
      {{{"steps", {{{"step", "a"}, {"action", "b"}, {"connection_id", "X"}}}}},
       "/steps/0/connection_id",
       "must be a UUID in lower case"},
      {{{"steps", {{{"step", "a"}, {"action", "b"}, {"label", "X"}}}}},
       "/steps/0/label",
       "there are: step, action, connection_id"},
      {{{"more", 1}}, "/more", "there are: name, owner"},
  };
  for (const Case& c : cases) {
    Json attributes = Whole();
    attributes.update(c.change);
    const auto saved = Read(attributes);
    ASSERT_FALSE(saved.ok()) << c.change;
    EXPECT_EQ(saved.fault().pointer, "/data/attributes" + c.pointer) << saved.fault().detail;
    EXPECT_THAT(saved.fault().detail, testing::HasSubstr(c.detail));
  }
  EXPECT_FALSE(ReadWorkflow("[]", kDeploy, nullptr, kAlice).ok());
  EXPECT_EQ(ReadWorkflow("{}", kDeploy, nullptr, kAlice).fault().detail,
            "member \"data\" is missing");
}

TEST(WorkflowDocument, OfTheMostStepsFitsARecord) {
  Json attributes = Whole();
  attributes["steps"] = Json::array();
  for (int i = 100; i < 201; ++i) {
    attributes["steps"].push_back({{"step", std::string(125, 's') + std::to_string(i)},
                                   {"action", std::string(256, 'a')},
                                   {"connection_id", IdNamed("c").ToString()}});
  }
  EXPECT_EQ(Read(attributes).fault().detail, "must not have more than 100 steps");
  attributes["steps"].erase(0);
  EXPECT_LE(EncodeEvent(Intent("alice", *Read(attributes))).size(), 56'000);
}

}  // namespace
}  // namespace conntrail::api
