#include "events/event_codec.h"

#include <gtest/gtest.h>

#include "events/log/event_log.h"

namespace conntrail {
namespace {

Event EditOfPager() {
  Event event;
  event.id = {{0x0190a5c0'0000'7000, 0x8000'0000'0000'0001}};
  event.org = {{1, 2}};
  event.authority = Authority::kIntent;
  event.actor = {.principal = Principal::User({3, 4}), .kind = ActorKind::kPerson};
  event.idempotency_key = "retry-of-the-same-request";
  event.expected_revision = Revision(0);
  event.context.reason = "Rufbereitschaft übernimmt";
  event.context.transaction = {.id = "commit-17", .position = 0, .size = 2};
  event.action = ConnectionEdited{
      .connection = {{5, 6}},
      .changes = {{"name", {}, "pager"}, {"scopes", {}, TextList{"read", "write"}}},
      .secrets = {{.field = "api_key", .digest = {1, 2, 3}}}};
  return event;
}

TEST(EventCodec, GivesBackWhatWasWritten) {
  const Event event = EditOfPager();
  const DecodedEvent decoded = DecodeEvent(EncodeEvent(event));
  EXPECT_EQ(decoded.fault, DecodeFault::kNone) << decoded.place;
  EXPECT_EQ(decoded.event, event);
}

TEST(EventCodec, WritesTheSameEventAsTheSameBytes) {
  const Bytes first = EncodeEvent(EditOfPager());
  Event other = EditOfPager();
  other.action = Seal{};
  (void)EncodeEvent(other);
  EXPECT_EQ(EncodeEvent(EditOfPager()), first);
}

TEST(EventCodec, DecisiveDepthLeavesTheContextEmptyAndNothingElse) {
  Event expected = EditOfPager();
  expected.context = {};
  EXPECT_EQ(DecodeEvent(EncodeEvent(EditOfPager()), DecodeDepth::kDecisive).event, expected);
}

}  // namespace
}  // namespace conntrail
