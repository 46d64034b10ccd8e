#include "tools/conntrail/demo/story.h"

#include <set>

#include <gtest/gtest.h>

#include "events/event_codec.h"

namespace conntrail::demo {
namespace {

const OrgId kOrg{Uuid{1, 2}};

TEST(Story, IsTheSameToTheByteEachTime) {
  const std::vector<Told> first = Story(kOrg);
  const std::vector<Told> second = Story(kOrg);
  ASSERT_EQ(first.size(), second.size());
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(EncodeEvent(first[i].event), EncodeEvent(second[i].event)) << i;
  }
}

TEST(Story, IsToldInOrderAndHasOnlyValidEvents) {
  std::set<EventId> ids;
  UnixMs last_ms = 0;
  for (const Told& told : Story(kOrg)) {
    EXPECT_GE(told.told_ms, last_ms);
    last_ms = told.told_ms;
    EXPECT_TRUE(ids.insert(told.event.id).second);
    EXPECT_EQ(DecodeEvent(EncodeEvent(told.event)).event, told.event) << FormatTime(told.told_ms);
  }
}

}  // namespace
}  // namespace conntrail::demo
