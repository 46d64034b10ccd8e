#include "events/log/kafka/kafka_headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/event_codec.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/manual_clock.h"

namespace conntrail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Event Used() {
  Event event = Observation(Using("pager")).From("back end/Zürich", 3);
  event.id = {*Uuid::Parse("0190a5c0-0000-7000-8000-000000000001")};
  event.org = {*Uuid::Parse("0190a5c0-0000-7000-8000-000000000002")};
  event.occurred_at_ms = kNoonMs;
  event.recorded_at_ms = kNoonMs + 5;
  return event;
}

TEST(KafkaHeaders, AreThoseOfCloudEvents) {
  const std::vector<KafkaHeader> expected = {
      {"content-type", "application/vnd.conntrail.event"},
      {"ce_specversion", "1.0"},
      {"ce_id", "0190a5c0-0000-7000-8000-000000000001"},
      {"ce_source",
       "/orgs/0190a5c0-0000-7000-8000-000000000002/producers/back%20end%2FZ%C3%BCrich"},
      {"ce_type", "conntrail.connection.used"},
      {"ce_time", "2024-05-01T12:00:00.000Z"}};
  EXPECT_EQ(HeadersOf(Used()), expected);
  EXPECT_EQ(HeadersOf(EncodeEvent(Used())), expected);
}

TEST(KafkaHeaders, SayOnlyWhatIsKnown) {
  Event event = Used();
  event.occurred_at_ms.reset();
  EXPECT_EQ(HeadersOf(event).back().value, "2024-05-01T12:00:00.005Z");
  event.recorded_at_ms.reset();
  EXPECT_EQ(HeadersOf(event).back().name, "ce_type");
  event.producer.clear();
  EXPECT_EQ(HeadersOf(event)[3].value, "/orgs/0190a5c0-0000-7000-8000-000000000002");
}

TEST(KafkaHeaders, OfBytesThatAreNoEventAreNone) {
  EXPECT_THAT(HeadersOf(AsBytes("conntrail log 1")), IsEmpty());
  EXPECT_THAT(HeadersOf(ByteSpan()), IsEmpty());
  Bytes cut = EncodeEvent(Used());
  cut.resize(cut.size() / 2);
  EXPECT_THAT(HeadersOf(cut), IsEmpty());
}

}  // namespace
}  // namespace conntrail
