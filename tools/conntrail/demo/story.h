#pragma once

#include <vector>

#include "tools/conntrail/demo/story_writer.h"

namespace conntrail::demo {

// Half a year in a made-up organisation of twelve people: its beginnings as its platform has
// recorded them, daily use, and then what people ask conntrail for, and are refused. The same
// events, to the byte, each time.
std::vector<Told> Story(const OrgId& org);

// A moment in the midst of it, after which much changes.
inline constexpr char kMidway[] = "2026-06-15T12:00:00Z";

// The parts, in order; each adds to `story`. Within this folder only.
void TellBeginnings(StoryWriter& story, const OrgId& org);
void TellDailyUse(StoryWriter& story);
void TellChanges(StoryWriter& story);
void TellRefusals(StoryWriter& story);
void TellOffboarding(StoryWriter& story);

}  // namespace conntrail::demo
