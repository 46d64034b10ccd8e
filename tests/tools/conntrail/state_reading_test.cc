#include "tools/conntrail/answers/state_reading.h"

#include <gtest/gtest.h>

#include "events/base/json_reader.h"
#include "projections/entity_json.h"
#include "tools/conntrail/answers/server_answers.h"

namespace conntrail {
namespace {

Uuid Id(uint64_t number) { return Uuid{0x1111'0000'0000'4000, 0x8000'0000'0000'0000 | number}; }
Place At(uint64_t index) { return {1'700'000'000'123 + int64_t(index), OrgIndex(index)}; }

// With every member that it can have.
Connection WholeConnection() {
  Connection c;
  c.id = {Id(1)};
  c.slot = 7;
  c.life = {Revision(9), At(3), At(12), true, true};
  c.created_by = Principal{PrincipalKind::kServiceAccount, Id(2)};
  c.suspended = true;
  c.has_policy = true;
  c.grants = {{{Relation::kViewer, {PrincipalKind::kTeam, Id(3)}}, At(4)},
              {{Relation::kEditor, {PrincipalKind::kUser, Id(4)}}, At(5)}};
  c.fields = {{"count", int64_t{-5}},
              {"flag", true},
              {"name", std::string("a \"b\" \xC3\xA9\n")},
              {"tags", TextList{"x:1", "y:2"}}};
  c.credential.present = true;
  c.credential.version = 3;
  c.credential.issued = At(6);
  c.credential.expires_at_ms = 1'800'000'000'001;
  c.credential.consent =
      Consent{"Slack", "client", {"chat", "read"}, {PrincipalKind::kUser, Id(4)}};
  SecretFingerprint secret{"token", {}};
  for (size_t i = 0; i < secret.digest.size(); ++i) secret.digest[i] = uint8_t(i * 7 + 200);
  c.credential.secrets = {secret};
  return c;
}

JsonValue Parsed(const std::string& json) {
  auto value = ParseJson(json);
  EXPECT_TRUE(value.ok()) << value.status().ToString();
  return std::move(value).value();
}

TEST(StateReading, AConnectionComesBackWithAllThatItHas) {
  for (const Connection& connection : {WholeConnection(), Connection{.id = {Id(9)}, .slot = 1}}) {
    const JsonValue json = Parsed(EntityToJson(Entity(connection)));
    JsonReader reader(json);
    EXPECT_EQ(ReadConnection(reader, json), connection);
    EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  }
}

TEST(StateReading, AUseComesBack) {
  const Use use{.connection = {Id(1)},
                .principal = Principal{PrincipalKind::kUser, Id(2)},
                .count = 12,
                .automatic = 4,
                .without_grant = 2,
                .first_at_ms = 1'600'000'000'000,
                .last_at_ms = 1'600'000'000'999,
                .last = At(8)};
  const JsonValue json = Parsed(EntityToJson(Entity(use)));
  JsonReader reader(json);
  EXPECT_EQ(ReadUse(reader, json), use);
  EXPECT_TRUE(reader.ok()) << reader.status().ToString();
}

TEST(StateReading, ARecordComesBackWhateverItsReasonAndType) {
  for (uint16_t number = 0; number < 200; ++number) {
    const auto reason = static_cast<Reason>(number);
    if (ReasonName(reason) == "unknown") continue;
    TrailLine line;
    line.place = At(number);
    line.verdict = static_cast<Verdict>(number % (kVerdictMax + 1));
    line.type = static_cast<EventType>(number % (kEventTypeMax + 1));
    line.reason = reason;
    line.marks = static_cast<uint16_t>(number % 8);
    line.revision = Revision(number);
    line.event = {Id(number)};
    if (number % 2 == 0) line.actor = Principal{PrincipalKind::kUser, Id(2)};
    if (number % 3 == 0) line.subject = {EntityKind::kWorkflow, Id(3), {}};
    if (number % 5 == 0) line.occurred_at_ms = 1'500'000'000'000;
    JsonWriter out;
    WriteTrailLine(out, line);
    const JsonValue json = Parsed(out.Take());
    JsonReader reader(json);
    EXPECT_EQ(ReadTrailItem(reader, json).line, line) << ReasonName(reason);
    EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  }
}

TEST(StateReading, WhatIsMissingOrUnknownIsAFaultThatNamesIt) {
  for (const char* text : {"{}", R"({"id":"x"})", R"([])", R"("text")", "null"}) {
    const JsonValue json = Parsed(text);
    JsonReader reader(json);
    (void)ReadConnection(reader, json);
    EXPECT_FALSE(reader.ok()) << text;
  }
  const JsonValue json = Parsed(R"({"index":1,"event":"11110000-0000-4000-8000-000000000001",
      "revision":1,"time":"2026-01-01T00:00:00Z","outcome":"applied","type":"from.the.future"})");
  JsonReader reader(json);
  (void)ReadTrailItem(reader, json);
  EXPECT_NE(reader.status().message().find("type"), std::string::npos);
}

TEST(MomentText, IsWhatMomentParseReads) {
  for (const char* text : {"now", "time:2026-05-03T14:03:00.007Z", "index:17", "seq:2252",
                           "seq:import:jenkins:2252"}) {
    EXPECT_EQ(MomentText(Moment::Parse(text).value()), text);
  }
}

TEST(StatusOf, EachErrorSaysWhatToDo) {
  const auto url = client::ServerUrl::Parse("https://a.example").value();
  const auto status = [&](int code, std::string body = "") {
    client::Answer answer;
    answer.status = code;
    answer.body = std::move(body);
    return StatusOf(url, answer);
  };
  EXPECT_EQ(status(400, R"({"errors":["no"]})").ToString(), "invalid argument: no");
  EXPECT_EQ(status(404, R"({"errors":[{"detail":"none"}]})").ToString(), "not found: none");
  EXPECT_EQ(status(401).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(status(403).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(status(429).code(), StatusCode::kUnavailable);
  EXPECT_EQ(status(503).code(), StatusCode::kUnavailable);
  EXPECT_EQ(status(307).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status(500, "<html>").code(), StatusCode::kCorruption);
  for (const int code : {401, 403, 404, 429, 500, 503, 307}) {
    EXPECT_NE(status(code).message().find("https://a.example"), std::string::npos) << code;
  }
}

}  // namespace
}  // namespace conntrail
