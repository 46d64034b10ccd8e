#include "tools/conntrail/demo/story.h"

namespace conntrail::demo {
namespace {

// Two reports of the platform were lost on their way; conntrail notices by their numbers.
constexpr uint64_t kLostAfter = 60;

}  // namespace

std::vector<Told> Story(const OrgId& org) {
  StoryWriter story(org);
  TellBeginnings(story, org);
  TellDailyUse(story);
  TellChanges(story);
  TellRefusals(story);
  TellOffboarding(story);
  return story.Take(kLostAfter);
}

}  // namespace conntrail::demo
