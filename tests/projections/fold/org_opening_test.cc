#include <gtest/gtest.h>

#include "projections/fold/fold.h"

namespace conntrail {
namespace {

constexpr UnixMs kNow = 1'800'000'000'000;
constexpr UnixMs kLongAgo = 1'471'558'961'000;

Event Opening() {
  Event event;
  event.id = {{1, 1}};
  event.org = {{2, 2}};
  event.authority = Authority::kLog;
  event.action = OrgOpened{"acme"};
  return event;
}

Outcome FoldNow(const Event& event) {
  OrgState system;
  WorkingSet set;
  set.system = &system;
  set.append_time_ms = kNow;
  return Fold(set, event);
}

TEST(OrgOpening, AnOrgBeginsWhenItIsOpened) {
  EXPECT_EQ(FoldNow(Opening()).effective_time_ms, kNow);
}

TEST(OrgOpening, AnOrgWhosePastFollowsBeginsWithThatPast) {
  Event opening = Opening();
  opening.recorded_at_ms = kLongAgo;
  opening.rights = right::kBackfill;

  const Outcome outcome = FoldNow(opening);

  EXPECT_EQ(outcome.effective_time_ms, kLongAgo);
  EXPECT_EQ(outcome.opens_org, "acme");
}

TEST(OrgOpening, WithoutTheRightToBackfillNobodyDatesItBack) {
  Event opening = Opening();
  opening.recorded_at_ms = kLongAgo;

  EXPECT_EQ(FoldNow(opening).effective_time_ms, kNow);
}

}  // namespace
}  // namespace conntrail
