#include "services/api/event_intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/event_codec.h"
#include "events/event_json.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"

namespace conntrail::api {
namespace {

using testing::HasSubstr;

Event Observed(Action action) {
  Event event = Observation(std::move(action));
  return event;
}

Caller ProducerOf(const OrgId& org, uint64_t more = 0) {
  Caller caller;
  caller.org = org;
  caller.api_key = KeyId{Uuid{8, 8}};
  caller.rights = right::kEventIntake | more;
  return caller;
}

std::string Frame(const Event& event) {
  const Bytes bytes = EncodeEvent(event);
  std::string frame;
  for (size_t i = 0; i < 4; ++i) frame += static_cast<char>(bytes.size() >> (8 * i) & 0xFF);
  return frame + std::string(AsText(bytes));
}

TEST(ReadIntake, TakesTheSameEventsInAllItsForms) {
  const Event a = Observed(Create("pager"));
  const Event b = Observed(Create("jira"));
  const std::string array = "[ " + EventToJson(a) + " ,\n" + EventToJson(b) + "]\n";
  const std::string lines = EventToJson(a) + "\n\n" + EventToJson(b);
  for (const auto& [type, body] : std::vector<std::pair<std::string, std::string>>{
           {"application/json", array},
           {"application/json; charset=utf-8", array},
           {"application/x-ndjson", lines},
           {"application/vnd.conntrail.events", Frame(a) + Frame(b)}}) {
    const auto items = ReadIntake(type, body);
    ASSERT_TRUE(items.ok()) << type << ": " << items.fault().detail;
    ASSERT_EQ(items->size(), 2) << type;
    EXPECT_EQ((*items)[0].event, a) << type;
    EXPECT_EQ((*items)[1].event, b) << type;
    EXPECT_EQ((*items)[1].fault, "");
  }
  EXPECT_EQ(ReadIntake("application/json", "[]")->size(), 0);
  EXPECT_EQ(ReadIntake("application/json", EventToJson(a))->size(), 1);
}

TEST(ReadIntake, OneBadItemDoesNotLoseTheOthers) {
  const std::string good = EventToJson(Observed(Create("pager")));
  const auto items = ReadIntake("application/json", "[{\"id\":1}," + good + ",nonsense]");
  ASSERT_TRUE(items.ok());
  ASSERT_EQ(items->size(), 3);
  EXPECT_NE((*items)[0].fault, "");
  EXPECT_EQ((*items)[1].fault, "");
  EXPECT_NE((*items)[2].fault, "");
  const auto frames =
      ReadIntake("application/vnd.conntrail.events",
                 std::string("\x03\x00\x00\x00", 4) + "abc" + Frame(Observed(Create("pager"))));
  ASSERT_EQ(frames->size(), 2);
  EXPECT_THAT((*frames)[0].fault, HasSubstr("no event"));
  EXPECT_EQ((*frames)[1].fault, "");
}

TEST(ReadIntake, ABodyThatIsNoneIsRefusedAsAWhole) {
  for (const char* body : {"", "  ", "[", "[1", "[1,", "nonsense", "[1] 2", "[{\"a\":\"]\"}"}) {
    EXPECT_FALSE(ReadIntake("application/json", body).ok()) << body;
  }
  EXPECT_EQ(ReadIntake("text/plain", "[]").fault().status, 415);
  EXPECT_THAT(ReadIntake("application/vnd.conntrail.events", "\xFF\xFF\xFF\xFF").fault().detail,
              HasSubstr("cut off"));
  std::string many = "[0";
  for (size_t i = 0; i < kIntakeItemsMax; ++i) many += ",0";
  EXPECT_EQ(ReadIntake("application/json", many + "]").fault().status, 413);
}

std::string Refusal(Event event, const Caller& caller) {
  IntakeItem item{std::move(event), ""};
  Admit(item, caller);
  return item.fault;
}

TEST(Admit, WhatASourceMayIsWhatItsKeyMay) {
  Event event = Observed(Create("pager"));
  event.rights = right::kAll;
  event.producer.clear();
  IntakeItem item{event, ""};
  Admit(item, ProducerOf(event.org));
  ASSERT_EQ(item.fault, "");
  EXPECT_EQ(item.event.rights, 0);
  EXPECT_THAT(item.event.producer, HasSubstr("key:"));
  IntakeItem importing{event, ""};
  Admit(importing, ProducerOf(event.org, right::kBackfill));
  EXPECT_EQ(importing.event.rights, right::kBackfill);
}

TEST(Admit, NobodySpeaksForAnotherOrgOrForTheLogOrForKeys) {
  const Event event = Observed(Create("pager"));
  EXPECT_THAT(Refusal(event, ProducerOf(OrgId{{4, 4}})), HasSubstr("org"));
  Event intent = event;
  intent.authority = Authority::kIntent;
  EXPECT_THAT(Refusal(intent, ProducerOf(event.org)), HasSubstr("observation"));
  const Caller all = ProducerOf(event.org, right::kAll);
  EXPECT_THAT(Refusal(Observed(KeyCreated{.key = {Uuid{1, 2}}}), all), HasSubstr("key.created"));
  EXPECT_THAT(Refusal(Observed(OrgOpened{"other"}), all), HasSubstr("cannot be reported"));
  const Event person = Observed(
      AccountChanged{.account = {PrincipalKind::kUser, {3, 4}}, .change = AccountChange::kAdded});
  EXPECT_THAT(Refusal(person, ProducerOf(event.org)), HasSubstr("user_access_manage"));
  EXPECT_EQ(Refusal(person, all), "");
}

TEST(Admit, ATextThatLooksLikeATokenIsRefusedAndNotRepeated) {
  Event event = Observed(Create("pager"));
  const std::string token = std::string("AKIA") + "ABCDEFGHIJKLMNOP";
  event.context.reason = "see " + token;
  const std::string fault = Refusal(event, ProducerOf(event.org));
  EXPECT_THAT(fault, HasSubstr("looks like"));
  EXPECT_EQ(fault.find(token), std::string::npos);
}

}  // namespace
}  // namespace conntrail::api
