#include "tools/conntrail/import/observation_line.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/event_codec.h"

namespace conntrail {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPager[] = "2c7efc56-cf86-5076-a778-a00a0d18257f";
constexpr char kAlice[] = "user:3c5b103f-fff7-8ff2-be4a-8446285df5f9";
constexpr char kBob[] = "user:81c03ae3-4b84-8a41-b90d-3034c6ac79b9";
constexpr char kOps[] = "team:8cfd5011-90c4-55f9-afe6-17f9ae00c244";

ImportSource Source() { return {{{1, 2}}, "import:acme"}; }

Uuid Id(std::string_view text) { return Uuid::Parse(text).value(); }
Principal Who(std::string_view text) { return Principal::Parse(text).value(); }
ConnectionId Pager() { return {Id(kPager)}; }

// A line with an envelope and `rest`, which begins with "op".
std::string Line(const std::string& rest, const std::string& envelope = "") {
  return fmt::format(
      R"({{"seq":7,"recorded_at":"2020-02-03T04:05:06.000Z","occurred_at":"2020-02-03T04:05:00.000Z",)"
      R"("actor":"{}","reason":"fix","request_id":"#12","txn":"a1b2","txn_index":1,"txn_size":3,)"
      R"("source":{{"interface":"git","ip":null,"user_agent":null}},{}{}}})",
      kAlice, envelope, rest);
}

// The same with the member "connection".
std::string OfPager(const std::string& rest) {
  return Line(fmt::format(R"("connection":{{"id":"{}","name":"pager"}},{})", kPager, rest));
}

Event Read(const std::string& line) {
  Result<Event> event = ReadObservationLine(line, Source());
  EXPECT_TRUE(event.ok()) << event.status().message() << "\n" << line;
  return event.ok() ? std::move(*event) : Event();
}

std::string Refusal(const std::string& line) {
  const Result<Event> event = ReadObservationLine(line, Source());
  EXPECT_FALSE(event.ok()) << line;
  EXPECT_EQ(event.status().code(), StatusCode::kInvalidArgument);
  return event.ok() ? "taken" : event.status().message();
}

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what << " in " << text;
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

TEST(ObservationLine, TheEnvelopeSaysWhoWhenAndWhere) {
  const Event event = Read(OfPager(R"("op":"connection.suspended")"));

  EXPECT_EQ(event.org, Source().org);
  EXPECT_EQ(event.authority, Authority::kObservation);
  EXPECT_EQ(event.rights, right::kBackfill | right::kEventIntake);
  EXPECT_EQ(event.producer, "import:acme");
  EXPECT_EQ(event.producer_sequence, 7u);
  EXPECT_EQ(event.recorded_at_ms, ParseTime("2020-02-03T04:05:06Z"));
  EXPECT_EQ(event.occurred_at_ms, ParseTime("2020-02-03T04:05:00Z"));
  EXPECT_EQ(event.actor.principal, Who(kAlice));
  EXPECT_EQ(event.actor.kind, ActorKind::kPerson);
  EXPECT_EQ(event.approver, std::nullopt);
  EXPECT_EQ(event.context.interface, Interface::kImport);
  EXPECT_EQ(event.context.source, "git");
  EXPECT_EQ(event.context.source_ip, "");
  EXPECT_EQ(event.context.reason, "fix");
  EXPECT_EQ(event.context.request_id, "#12");
  EXPECT_EQ(event.context.subject_name, "pager");
  EXPECT_EQ(event.context.transaction, (Transaction{"a1b2", 1, 3}));
  EXPECT_FALSE(event.refused_by_source);
}

TEST(ObservationLine, WhatTheSourceDidNotKnowIsAbsent) {
  const std::string line = fmt::format(
      R"({{"op":"connection.resumed","seq":1,"recorded_at":"2020-01-01T00:00:00Z","actor":null,)"
      R"("reason":null,"request_id":null,"connection":{{"id":"{}"}}}})",
      kPager);

  const Event event = Read(line);

  EXPECT_EQ(event.actor, Actor());
  EXPECT_EQ(event.occurred_at_ms, std::nullopt);
  EXPECT_EQ(event.context.reason, "");
  EXPECT_EQ(event.context.transaction, std::nullopt);
  EXPECT_EQ(event.context.subject_name, "");
}

TEST(ObservationLine, BotsAndApproversAreToldApart) {
  const Event event = Read(Line(
      fmt::format(R"("op":"connection.resumed","connection":{{"id":"{}","name":"p"}})", kPager),
      fmt::format(R"("actor_kind":"service","approver":"{}",)", kBob)));

  EXPECT_EQ(event.actor.kind, ActorKind::kService);
  EXPECT_EQ(event.approver, Who(kBob));
}

TEST(ObservationLine, TheSameLineAlwaysGivesTheSameEventAndAnotherAnotherId) {
  const std::string line = OfPager(R"("op":"connection.suspended")");
  const Event event = Read(line);

  EXPECT_EQ(event, Read(line));
  EXPECT_EQ(event.id.uuid.hi >> 12 & 15, 7u) << "version of the UUID";
  EXPECT_EQ(event.id.uuid.hi >> 16, static_cast<uint64_t>(*event.recorded_at_ms));
  EXPECT_NE(event.id, Read(Replaced(line, "\"seq\":7", "\"seq\":8")).id);
  EXPECT_NE(event.id, ReadObservationLine(line, {Source().org, "import:other"})->id);
  EXPECT_NE(event.id, ReadObservationLine(line, {{{1, 3}}, Source().producer})->id);
}

// ---- operations

constexpr char kAfter[] =
    R"({"name":"pager","integration":{"type":"HTTP","base_url":"https://x.example/"},)"
    R"("scopes":["b","a","b"],"tags":[],"metadata":{"contacts":["z"],"exclusive":false,"age":3,)"
    R"("note":null},"credential":true,"suspended":false})";

TEST(ObservationLine, ACreationCarriesTheDocumentAsFields) {
  const Event event = Read(OfPager(fmt::format(R"("op":"connection.created","after":{})", kAfter)));

  const auto& created = std::get<ConnectionCreated>(event.action);
  EXPECT_EQ(created.connection, Pager());
  EXPECT_TRUE(created.has_credential);
  EXPECT_THAT(created.fields,
              ElementsAre(Field{"integration.base_url", "https://x.example/"},
                          Field{"integration.type", "HTTP"}, Field{"metadata.age", int64_t{3}},
                          Field{"metadata.contacts", TextList{"z"}},
                          Field{"metadata.exclusive", false}, Field{"name", "pager"},
                          Field{"scopes", TextList{"a", "b"}}, Field{"tags", TextList{}}));
}

TEST(ObservationLine, PermissionsAreAPatchOfGrants) {
  const Event event = Read(OfPager(fmt::format(
      R"("op":"permission.changed","added":[{{"principal":"{}","relation":"resolver"}}],)"
      R"("removed":[{{"principal":"{}","relation":"editor"}}])",
      kOps, kBob)));

  const auto& patched = std::get<PolicyPatched>(event.action);
  EXPECT_EQ(patched.connection, Pager());
  EXPECT_THAT(patched.added, ElementsAre(Grant{Relation::kResolver, Who(kOps)}));
  EXPECT_THAT(patched.removed, ElementsAre(Grant{Relation::kEditor, Who(kBob)}));
}

TEST(ObservationLine, AnEditCarriesBeforeAndAfter) {
  const Event event = Read(OfPager(
      R"("op":"connection.edited","changes":[{"path":"scopes","before":["a"],"after":["c","b"]},)"
      R"({"path":"metadata.note","before":null,"after":"x"}])"));

  const auto& edited = std::get<ConnectionEdited>(event.action);
  EXPECT_EQ(edited.connection, Pager());
  EXPECT_THAT(edited.changes,
              ElementsAre(FieldChange{"metadata.note", {}, "x"},
                          FieldChange{"scopes", TextList{"a"}, TextList{"b", "c"}}));
}

TEST(ObservationLine, ARenameAndARewriteWithoutAChangeAreEdits) {
  const Event renamed = Read(OfPager(
      R"("op":"connection.renamed","changes":[{"path":"name","before":"pager","after":"page"}])"));
  EXPECT_THAT(std::get<ConnectionEdited>(renamed.action).changes,
              ElementsAre(FieldChange{"name", "pager", "page"}));

  const Event unchanged = Read(OfPager(R"("op":"connection.unchanged")"));
  EXPECT_TRUE(std::get<ConnectionEdited>(unchanged.action).changes.empty());
  EXPECT_EQ(std::get<ConnectionEdited>(unchanged.action).connection, Pager());
}

TEST(ObservationLine, ADeletionCarriesTheLastStateAndGrants) {
  const Event event = Read(OfPager(fmt::format(
      R"("op":"connection.deleted","before":{{"name":"pager","scopes":["a"],"credential":false,)"
      R"("suspended":true,"resolvers":["{}"],"editors":["{}"]}})",
      kOps, kBob)));

  const auto& deleted = std::get<ConnectionDeleted>(event.action);
  EXPECT_EQ(deleted.connection, Pager());
  EXPECT_THAT(deleted.last_fields,
              ElementsAre(Field{"name", "pager"}, Field{"scopes", TextList{"a"}}));
  EXPECT_THAT(deleted.last_grants, ElementsAre(Grant{Relation::kResolver, Who(kOps)},
                                               Grant{Relation::kEditor, Who(kBob)}));
}

TEST(ObservationLine, SwitchesNameOnlyTheirConnection) {
  EXPECT_EQ(std::get<ConnectionSuspended>(Read(OfPager(R"("op":"connection.suspended")")).action),
            ConnectionSuspended{Pager()});
  EXPECT_EQ(std::get<ConnectionResumed>(Read(OfPager(R"("op":"connection.resumed")")).action),
            ConnectionResumed{Pager()});
  EXPECT_EQ(
      std::get<CredentialIssued>(Read(OfPager(R"("op":"credential.issued")")).action).connection,
      Pager());
  EXPECT_EQ(std::get<CredentialWithdrawn>(Read(OfPager(R"("op":"credential.withdrawn")")).action)
                .connection,
            Pager());
}

TEST(ObservationLine, ATeamChangesItsMembers) {
  const Event event = Read(
      Line(fmt::format(R"("op":"team.changed","team":{{"id":"{}","name":"ops","change":"changed",)"
                       R"("members_added":["{}"],"members_removed":["{}"]}})",
                       kOps, kAlice, kBob)));

  const auto& changed = std::get<GroupChanged>(event.action);
  EXPECT_EQ(changed.group, Who(kOps));
  EXPECT_EQ(changed.change, GroupChange::kChanged);
  EXPECT_EQ(changed.name, "ops");
  EXPECT_THAT(changed.members_added, ElementsAre(Who(kAlice)));
  EXPECT_THAT(changed.members_removed, ElementsAre(Who(kBob)));
}

TEST(ObservationLine, AnUnreadableAttemptNeedsNoId) {
  const Event event = Read(Line(
      R"("op":"attempt.malformed","error":"bad_yaml","connection":{"id":null,"name":"pager"})"));

  const auto& unreadable = std::get<AttemptUnreadable>(event.action);
  EXPECT_EQ(unreadable.connection, std::nullopt);
  EXPECT_EQ(unreadable.error, "bad_yaml");
  EXPECT_EQ(event.context.subject_name, "pager");
  EXPECT_FALSE(event.refused_by_source);
}

TEST(ObservationLine, ARefusedAttemptIsTheActionThatWasTried) {
  const Event create = Read(Line(
      fmt::format(R"("op":"attempt.refused","attempted":{{"op":"connection.created","after":{}}},)"
                  R"("connection":{{"id":null,"name":"pager"}})",
                  kAfter)));
  EXPECT_TRUE(create.refused_by_source);
  EXPECT_EQ(create.context.subject_name, "pager");
  EXPECT_TRUE(std::get<ConnectionCreated>(create.action).connection.uuid.is_nil());
  EXPECT_EQ(std::get<ConnectionCreated>(create.action).fields.size(), 8u);

  const Event issue =
      Read(OfPager(R"("op":"attempt.refused","attempted":{"op":"credential.issued"})"));
  EXPECT_TRUE(issue.refused_by_source);
  EXPECT_EQ(std::get<CredentialIssued>(issue.action).connection, Pager());

  const Event unreadable = Read(OfPager(
      R"("op":"attempt.refused","attempted":{"op":"attempt.malformed","error":"bad_yaml"})"));
  EXPECT_TRUE(unreadable.refused_by_source);
  EXPECT_EQ(std::get<AttemptUnreadable>(unreadable.action).connection, Pager());
}

// ---- refusals

struct Wrong {
  std::string line;
  std::string message;
};

std::vector<Wrong> WrongLines() {
  const std::string suspend = OfPager(R"("op":"connection.suspended")");
  const std::string create =
      OfPager(fmt::format(R"("op":"connection.created","after":{})", kAfter));
  const std::string edit =
      OfPager(R"("op":"connection.edited","changes":[{"path":"name","before":"a","after":"b"}])");
  const std::string grant = OfPager(fmt::format(
      R"("op":"permission.changed","added":[{{"principal":"{}","relation":"resolver"}}],)"
      R"("removed":[])",
      kBob));
  const std::string team =
      Line(fmt::format(R"("op":"team.changed","team":{{"id":"{}","name":"ops","change":"changed",)"
                       R"("members_added":["{}"],"members_removed":[]}})",
                       kOps, kAlice));
  const std::string refused =
      OfPager(R"("op":"attempt.refused","attempted":{"op":"credential.issued"})");
  const std::string deletion =
      OfPager(R"("op":"connection.deleted","before":{"name":"pager","resolvers":[]})");
  const auto in = [](const std::string& line, const char* what, const std::string& with) {
    return Replaced(line, what, with);
  };
  return {
      {"", "is empty"},
      {" \t", "is empty"},
      {"[1]", "must be an object"},
      {"{\"seq\":", "column 8"},
      {"{\"seq\":1,\"seq\":2}", "member \"seq\" stands twice"},
      // the envelope
      {in(suspend, "\"seq\":7,", ""), "member \"seq\" is missing"},
      {in(suspend, "\"seq\":7", "\"seq\":0"), "seq: must not be 0"},
      {in(suspend, "\"seq\":7", "\"seq\":-1"), "seq: must not be negative"},
      {in(suspend, "\"seq\":7", "\"seq\":\"7\""), "seq: must be an integer"},
      {in(suspend, "\"seq\":7", "\"seq\":7.5"), "seq: must be an integer"},
      {in(suspend, "\"recorded_at\":\"2020-02-03T04:05:06.000Z\",", ""),
       "member \"recorded_at\" is missing"},
      {in(suspend, "2020-02-03T04:05:06.000Z", "2020-02-30T04:05:06Z"),
       "recorded_at: must be a time"},
      {in(suspend, "2020-02-03T04:05:00.000Z", "yesterday"), "occurred_at: must be a time"},
      {in(suspend, kAlice, "alice"), "actor: must be a principal"},
      {in(suspend, kAlice, kOps), "actor: must be a user or a service account"},
      {in(suspend, "\"fix\"", "5"), "reason: must be a text"},
      {in(suspend, "\"fix\"", "\"" + std::string(4097, 'x') + "\""),
       "reason: is longer than 4096 bytes"},
      {in(suspend, "\"txn_index\":1", "\"txn_index\":3"), "txn_index: must be less than txn_size"},
      {in(suspend, "\"txn_size\":3", "\"txn_size\":4294967296"), "txn_size: is too large"},
      {in(suspend, "\"txn\":\"a1b2\",", ""), "member \"txn\" is missing"},
      {in(suspend, "\"txn\":\"a1b2\"", "\"txn\":\"\""), "txn: must not be empty"},
      {in(suspend, "\"ip\":null", "\"ip\":1"), "source.ip: must be a text"},
      {in(suspend, "\"ip\"", "\"port\":1,\"ip\""), "source.port: there is no such member"},
      {in(suspend, "\"seq\":7", "\"seq\":7,\"colour\":1"), "colour: there is no such member"},
      {in(suspend, "\"seq\":7", "\"seq\":7,\"actor_kind\":\"robot\""), "actor_kind: must be"},
      {in(suspend, "\"seq\":7", "\"seq\":7,\"approver\":\"bob\""), "approver: must be a principal"},
      // what happened
      {in(suspend, "connection.suspended", "connection.painted"), "op: there is no such operation"},
      {in(suspend, "\"op\"", "\"oops\""), "member \"op\" is missing"},
      {Line(R"("op":"connection.resumed")"), "member \"connection\" is missing"},
      {in(suspend, kPager, "pager"), "connection.id: must be a UUID in lower case"},
      {in(suspend, kPager, "00000000-0000-0000-0000-000000000000"),
       "connection.id: must not be the nil UUID"},
      {in(suspend, std::string("\"" + std::string(kPager) + "\"").c_str(), "null"),
       "connection.id: must be a text"},
      {in(suspend, "\"name\":\"pager\"", "\"nome\":\"pager\""),
       "connection.nome: there is no such member"},
      {in(suspend, "\"op\"", "\"after\":{},\"op\""), "after: there is no such member"},
      // documents
      {in(create, "\"name\":\"pager\",\"int", "\"int"), "after: member \"name\" is missing"},
      {in(create, "{\"name\":\"pager\",\"int", "{\"name\":\"\",\"int"),
       "after.name: must not be empty"},
      {in(create, "[\"b\",\"a\",\"b\"]", "[\"b\",1]"), "after.scopes[1]: must be a text"},
      {in(create, "[\"b\",\"a\",\"b\"]", "\"b\""), "after.scopes: must be an array"},
      {in(create, "\"type\":\"HTTP\"", "\"type\":false"), "after.integration.type: must be a text"},
      {in(create, "\"base_url\"", "\"url\""), "after.integration.url: there is no such field"},
      {in(create, "\"age\":3", "\"age\":3.5"), "after.metadata.age: must be a text"},
      {in(create, "\"age\":3", "\"age\":{}"), "after.metadata.age: must be a text"},
      {in(create, "\"suspended\":false", "\"suspended\":true"),
       "after.suspended: a connection begins live"},
      {in(create, "\"credential\":true", "\"credential\":1"),
       "after.credential: must be true or false"},
      {in(create, "\"tags\":[]", "\"resolvers\":[]"), "after.resolvers: there is no such member"},
      {in(deletion, "\"resolvers\":[]", "\"resolvers\":[\"x\"]"),
       "before.resolvers[0]: must be a principal"},
      {in(deletion, "\"resolvers\":[]", "\"owners\":[]"), "before.owners: there is no such member"},
      // changes
      {in(edit, "\"path\":\"name\"", "\"path\":\"suspended\""),
       "changes[0].path: there is no such field"},
      {in(edit, "\"path\":\"name\"", "\"path\":\"metadata.\""),
       "changes[0].path: there is no such field"},
      {in(edit, "\"before\":\"a\",", ""), "changes[0]: member \"before\" is missing"},
      {in(edit, "\"after\":\"b\"", "\"after\":[]"), "changes[0].after: must be a text"},
      {in(edit, "\"after\":\"b\"", "\"after\":\"b\",\"why\":1"),
       "changes[0].why: there is no such member"},
      {in(edit, "\"after\":\"b\"}",
          "\"after\":\"b\"},{\"path\":\"name\",\"before\":\"b\",\"after\":\"c\"}"),
       "changes[1].path: stands twice"},
      {in(in(edit, "connection.edited", "connection.renamed"), "\"path\":\"name\"",
          "\"path\":\"metadata.x\""),
       "changes: must be one change of \"name\""},
      // permissions
      {in(grant, kBob, "bob"), "added[0].principal: must be a principal"},
      {in(grant, "\"resolver\"", "\"owner\""), "added[0].relation: must be"},
      {in(grant, ",\"removed\":[]", ""), "member \"removed\" is missing"},
      {in(grant, "\"removed\":[]", "\"removed\":{}"), "removed: must be an array"},
      // teams
      {in(team, kOps, kBob), "team.id: must be a team or a role"},
      {in(team, "\"change\":\"changed\"", "\"change\":\"moved\""), "team.change: must be"},
      {in(team, std::string("[\"" + std::string(kAlice) + "\"]").c_str(),
          "[\"" + std::string(kOps) + "\"]"),
       "team.members_added[0]: must be a user or a service account"},
      {in(team, "\"name\":\"ops\",", ""), "team: member \"name\" is missing"},
      {in(team, "\"op\"",
          fmt::format("\"connection\":{{\"id\":\"{}\",\"name\":\"x\"}},\"op\"", kPager)),
       "connection: there is no such member"},
      // attempts
      {in(refused, "\"op\":\"credential.issued\"", "\"op\":\"attempt.refused\""),
       "attempted.op: there is no such operation"},
      {in(refused, "\"op\":\"credential.issued\"", "\"op\":\"credential.issued\",\"x\":1"),
       "attempted.x: there is no such member"},
      {in(refused, "\"attempted\":{\"op\":\"credential.issued\"}", "\"attempted\":null"),
       "attempted: must be an object"},
      {OfPager(R"("op":"attempt.malformed")"), "member \"error\" is missing"},
  };
}

TEST(ObservationLine, ARefusalNamesTheMemberAtFault) {
  for (const Wrong& wrong : WrongLines()) {
    EXPECT_THAT(Refusal(wrong.line), ::testing::StartsWith(wrong.message)) << wrong.line;
  }
}

TEST(ObservationLine, WhatIsTooMuchIsRefused) {
  std::string grants;
  for (size_t i = 0; i <= kPrincipalsMax; ++i) {
    grants += fmt::format(R"({}{{"principal":"{}","relation":"viewer"}})", i == 0 ? "" : ",", kBob);
  }
  EXPECT_THAT(
      Refusal(OfPager(R"("op":"permission.changed","removed":[],"added":[)" + grants + "]")),
      HasSubstr("added: has more than 2048 items"));

  std::string scopes;
  for (size_t i = 0; i < 900; ++i) {
    scopes += fmt::format(R"({}"{:0>90}")", i == 0 ? "" : ",", i);
  }
  EXPECT_THAT(Refusal(OfPager(R"("op":"connection.created","after":{"name":"p","scopes":[)" +
                              scopes + "]}")),
              HasSubstr("is larger than a record may be"));
}

// ---- secrets; put together at run time

TEST(ObservationLine, ASecretIsRefusedAndNotRepeated) {
  const std::string secret = std::string("AK") + "IA" + "QWERTYUIOPASDFGH";
  const std::string create =
      OfPager(fmt::format(R"("op":"connection.created","after":{})", kAfter));
  const std::vector<Wrong> lines = {
      {Replaced(create, "\"fix\"", "\"use " + secret + "\""), "reason: looks like an AWS"},
      {Replaced(create, "\"b\",\"a\"", "\"b\",\"" + secret + "\""), "after.scopes[1]: looks like"},
      {Replaced(create, "https://x.example/", "https://u:pw@x.example/"),
       "after.integration.base_url: looks like a URL with a password"},
      {Replaced(create, "\"age\":3", "\"age\":\"\\u0041" + secret.substr(1) + "\""),
       "after.metadata.age: looks like"},
      {Replaced(create, "\"age\":3", "\"" + secret + "\":3"),
       "after.metadata: the name of a member looks like"},
      {Replaced(create, "\"seq\":7", "\"seq\":7,\"" + secret + "\":1,\"" + secret + "\":2"),
       "a member's name looks like"},
  };
  for (const Wrong& wrong : lines) {
    const std::string refusal = Refusal(wrong.line);
    EXPECT_THAT(refusal, ::testing::StartsWith(wrong.message));
    EXPECT_THAT(refusal, Not(HasSubstr(secret)));
    EXPECT_THAT(refusal, Not(HasSubstr("u:pw")));
  }
}

// ---- uses

constexpr char kUse[] =
    R"({"at":"2020-02-03T04:05:06.000Z","connection":"2c7efc56-cf86-5076-a778-a00a0d18257f",)"
    R"("mode":"manual","principal":"user:81c03ae3-4b84-8a41-b90d-3034c6ac79b9","version":"1.2"})";

TEST(UseLine, AUseIsARollUpOfOne) {
  const Result<Event> event = ReadUseLine(kUse, 5, {Source().org, "import:acme/uses"});
  ASSERT_TRUE(event.ok()) << event.status().message();

  const auto& used = std::get<ConnectionUsed>(event->action);
  const UnixMs at_ms = *ParseTime("2020-02-03T04:05:06Z");
  EXPECT_EQ(used.connection, Pager());
  EXPECT_EQ(used.principal, Who(kBob));
  EXPECT_EQ(used.mode, UseMode::kManual);
  EXPECT_EQ(used.count, 1u);
  EXPECT_EQ(used.first_at_ms, at_ms);
  EXPECT_EQ(used.last_at_ms, at_ms);
  EXPECT_EQ(used.detail, "1.2");
  EXPECT_EQ(event->recorded_at_ms, at_ms);
  EXPECT_EQ(event->producer, "import:acme/uses");
  EXPECT_EQ(event->producer_sequence, 5u);
  EXPECT_EQ(event->actor.principal, Who(kBob));
  EXPECT_EQ(event->actor.kind, ActorKind::kPerson);
}

TEST(UseLine, WhoIsNotKnownIsNotInvented) {
  const std::string principal = "\"" + std::string(kBob) + "\"";
  const std::string unknown = Replaced(kUse, principal, "null");
  const Result<Event> manual = ReadUseLine(unknown, 1, Source());
  const Result<Event> automatic =
      ReadUseLine(Replaced(unknown, "manual", "automatic"), 1, Source());
  ASSERT_TRUE(manual.ok() && automatic.ok());

  EXPECT_EQ(std::get<ConnectionUsed>(manual->action).principal, std::nullopt);
  EXPECT_EQ(manual->actor.principal, std::nullopt);
  EXPECT_EQ(manual->actor.kind, ActorKind::kUnspecified);
  EXPECT_EQ(automatic->actor.principal, std::nullopt);
  EXPECT_EQ(automatic->actor.kind, ActorKind::kService);
}

TEST(UseLine, ARefusalNamesTheMemberAtFault) {
  const std::string use = kUse;
  const std::vector<Wrong> lines = {
      {Replaced(use, "\"at\"", "\"when\""), "member \"at\" is missing"},
      {Replaced(use, "2020-02-03T", "2020-02-03 at "), "at: must be a time"},
      {Replaced(use, kPager, "pager"), "connection: must be a UUID"},
      {Replaced(use, "manual", "by hand"), "mode: must be manual or automatic"},
      {Replaced(use, kBob, kOps), "principal: must be a user or a service account"},
      {Replaced(use, "\"1.2\"", "12"), "version: must be a text"},
      {Replaced(use, "\"version\"", "\"versions\""), "versions: there is no such member"},
  };
  for (const Wrong& wrong : lines) {
    const Result<Event> event = ReadUseLine(wrong.line, 1, Source());
    ASSERT_FALSE(event.ok()) << wrong.line;
    EXPECT_THAT(event.status().message(), ::testing::StartsWith(wrong.message)) << wrong.line;
  }
}

}  // namespace
}  // namespace conntrail
