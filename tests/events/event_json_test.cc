#include "events/event_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "events/base/json_reader.h"
#include "events/event_codec.h"
#include "tests/support/event_generators.h"
#include "tests/support/sample_events.h"

namespace conntrail {
namespace {

RC_GTEST_PROP(EventJson, GivesBackEveryEventAsItWas, ()) {
  for (int type = 1; type <= kEventTypeMax; ++type) {
    const Event event = *EventsOf(static_cast<EventType>(type));
    const std::string json = EventToJson(event);
    const Result<Event> parsed = EventFromJson(json);
    if (!parsed.ok()) RC_FAIL(parsed.status().ToString() + " in " + json);
    RC_ASSERT(*parsed == event);
    RC_ASSERT(EventToJson(*parsed) == json);
  }
}

constexpr std::string_view kEdit =
    R"({"action":{"changes":[{"after":"pager","path":"name"}],)"
    R"("connection":"0190a5c0-0000-7000-8000-000000000005"},)"
    R"("actor":{"kind":"person","principal":"user:0190a5c0-0000-7000-8000-000000000003"},)"
    R"("authority":"intent","expected_revision":18446744073709551615,)"
    R"("id":"0190a5c0-0000-7000-8000-000000000001",)"
    R"("occurred_at":"2016-08-18T22:22:41.000Z",)"
    R"("org":"0190a5c0-0000-7000-8000-000000000002",)"
    R"("rights":["connections_read","connections_write"],"type":"connection.edited"})";

// kEdit with its first `from` replaced.
std::string EditWith(std::string_view from, std::string_view to) {
  std::string json(kEdit);
  const size_t at = json.find(from);
  EXPECT_NE(at, json.npos) << from;
  return json.replace(at, from.size(), to);
}

TEST(EventJson, IsOneLineWithSortedKeysAndNothingThatIsAbsent) {
  Event event;
  event.id = {{0x0190a5c000007000, 0x8000000000000001}};
  event.org = {{0x0190a5c000007000, 0x8000000000000002}};
  event.authority = Authority::kIntent;
  event.actor.principal = Principal::User({0x0190a5c000007000, 0x8000000000000003});
  event.actor.kind = ActorKind::kPerson;
  event.occurred_at_ms = 1471558961000;
  event.expected_revision = Revision(UINT64_MAX);
  event.rights = right::kConnectionsRead | right::kConnectionsWrite;
  event.action = ConnectionEdited{.connection = {{0x0190a5c000007000, 0x8000000000000005}},
                                  .changes = {{"name", {}, "pager"}}};
  EXPECT_EQ(EventToJson(event), kEdit);
  const Result<Event> parsed = EventFromJson(kEdit);
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  EXPECT_EQ(*parsed, event);
}

TEST(EventJson, TakesMembersInAnyOrderAndWhiteSpace) {
  const std::string json =
      "\n{ \"type\" : \"seal\",\t\"org\":\"0190a5c0-0000-7000-8000-000000000002\",\r\n"
      "\"id\":\"0190a5c0-0000-7000-8000-000000000001\", \"action\": { } }  \n";
  const Result<Event> parsed = EventFromJson(json);
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  EXPECT_EQ(parsed->type(), EventType::kSeal);
  EXPECT_EQ(EventToJson(*parsed), R"({"action":{},"id":"0190a5c0-0000-7000-8000-000000000001",)"
                                  R"("org":"0190a5c0-0000-7000-8000-000000000002","type":"seal"})");
}

TEST(EventJson, AllNamesAreSortedAtEveryLevel) {
  for (int type = 1; type <= kEventTypeMax; ++type) {
    const std::string json = EventToJson(SampleEvent(static_cast<EventType>(type)));
    const Result<JsonValue> root = ParseJson(json);
    ASSERT_TRUE(root.ok());
    std::vector<const JsonValue*> open = {&*root};
    while (!open.empty()) {
      const JsonValue& value = *open.back();
      open.pop_back();
      for (size_t i = 0; i < value.items.size(); ++i) {
        open.push_back(&value.items[i]);
        if (value.kind == JsonKind::kObject && i > 0) {
          EXPECT_LT(value.items[i - 1].name, value.items[i].name) << json;
        }
      }
    }
  }
}

TEST(EventJson, RefusesWhatIsNoEventAndNamesThePlace) {
  const struct {
    std::string json;
    std::string message;
  } kRefused[] = {
      {"", "line 1, column 1: the text ends where a value is expected"},
      {"[]", "must be an object"},
      {"{}", "member \"type\" is missing"},
      {EditWith("\"path\"", "\"pfad\""), "action.changes[0]: member \"path\" is missing"},
      {EditWith("\"authority\"", "\"author\":1,\"authority\""), "author: there is no such member"},
      {EditWith("\"after\"", "\"since\":1,\"after\""),
       "action.changes[0].since: there is no such member"},
      {EditWith("\"authority\"", "\"authority\":\"log\",\"\\u0061uthority\""),
       "member \"authority\" stands twice"},
      {EditWith("\"pager\"", "1.5"),
       "action.changes[0].after: must be a text, true or false, an integer or an array of texts"},
      {EditWith("\"pager\"", "9223372036854775808"), "action.changes[0].after: is too large"},
      {EditWith("\"pager\"", "[1]"), "action.changes[0].after[0]: must be a text"},
      {EditWith("pager", "pa\\u0000er"), "action.changes[0].after: must not contain U+0000"},
      {EditWith("intent", "unspecified"), "authority: there is no such name here"},
      {EditWith("connections_write", "everything"), "rights[1]: there is no such right"},
      {EditWith("connection.edited", "connection.eaten"), "type: there is no such type of event"},
      {EditWith("18446744073709551615", "-1"), "expected_revision: must not be negative"},
      {EditWith("18446744073709551615", "1e3"), "expected_revision: must be an integer"},
      {EditWith("2016-08-18", "2016-08-38"),
       "occurred_at: must be a time, as in 2016-08-18T22:22:41.000Z"},
      {EditWith("user:", "User:"), "actor.principal: must be a principal, as in user:<uuid>"},
      {EditWith("0190a5c0-0000-7000-8000-000000000001", "0190A5C0-0000-7000-8000-000000000001"),
       "id: must be a UUID in lower case"},
      {EditWith("0190a5c0-0000-7000-8000-000000000005", "00000000-0000-0000-0000-000000000000"),
       "action.connection: breaks a rule of events"},
      {EditWith("pager", std::string(kTextBytesMax + 1, 'x')),
       "action.changes: breaks a rule of events"},
  };
  for (const auto& refused : kRefused) {
    const Result<Event> event = EventFromJson(refused.json);
    ASSERT_FALSE(event.ok()) << refused.json;
    EXPECT_EQ(event.status().code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(event.status().message(), refused.message) << refused.json;
  }
}

TEST(EventJson, AnAbsentDigestIsNotADigestOfZeros) {
  std::string json = EventToJson(SampleEvent(EventType::kFindingReopened));
  const size_t at = json.find("\"finding\":");
  json.erase(at, json.find('}', at) - at);
  EXPECT_EQ(EventFromJson(json).status().message(), "action: member \"finding\" is missing");
}

TEST(EventJson, RefusesAnEventThatNoRecordHolds) {
  Event event = SampleEvent(EventType::kGroupChanged);
  auto& members = std::get<GroupChanged>(event.action).members_added;
  members.resize(kPrincipalsMax, members.front());
  auto& removed = std::get<GroupChanged>(event.action).members_removed;
  removed.resize(kPrincipalsMax, removed.front());
  EXPECT_EQ(EventFromJson(EventToJson(event)).status().message(),
            "the event is larger than a record may be");
}

}  // namespace
}  // namespace conntrail
