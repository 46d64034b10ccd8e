#include "tools/conntrail/demo/cast.h"
#include "tools/conntrail/demo/story.h"

// March to September: connections are used, by people and by the pipeline.
namespace conntrail::demo {
namespace {

constexpr UnixMs kHourMs = 60LL * 60 * 1000;
constexpr UnixMs kDayMs = 24 * kHourMs;

struct Habit {
  Thing thing;
  Principal who;
  UseMode mode;
  const char* first;
  int times;
  int every_days;
  uint64_t count;  // uses in one report
};

void Tell(StoryWriter& story, const Habit& habit) {
  for (int i = 0; i < habit.times; ++i) {
    const UnixMs time_ms = TimeOf(habit.first) + i * habit.every_days * kDayMs + i % 5 * kHourMs;
    ConnectionUsed used{.connection = IdOf(habit.thing), .principal = habit.who};
    used.mode = habit.mode;
    used.count = habit.count + static_cast<uint64_t>(i % 3);
    if (habit.mode == UseMode::kAutomatic) {
      used.workflow = NightlyReport();
      used.step = "publish";
    }
    used.first_at_ms = time_ms - 2 * kHourMs;
    used.last_at_ms = time_ms;
    story.Seen(FormatTime(time_ms), habit.who, used);
  }
}

}  // namespace

void TellDailyUse(StoryWriter& story) {
  const auto manual = UseMode::kManual;
  Tell(story, {Thing::kJiraProd, User(Person::kErin), manual, "2026-03-11T10:00:00Z", 14, 12, 3});
  Tell(story, {Thing::kJiraProd, User(Person::kBob), manual, "2026-03-20T14:00:00Z", 9, 18, 2});
  Tell(story,
       {Thing::kSlackAlerts, Pipeline(), UseMode::kAutomatic, "2026-03-15T03:00:00Z", 13, 14, 40});
  Tell(story,
       {Thing::kAwsDeploy, Pipeline(), UseMode::kAutomatic, "2026-03-18T04:00:00Z", 12, 15, 6});
  Tell(story, {Thing::kAwsBilling, User(Person::kDave), manual, "2026-04-01T08:00:00Z", 6, 30, 1});
  Tell(story,
       {Thing::kSlackSupport, User(Person::kJudy), manual, "2026-03-17T16:00:00Z", 10, 17, 5});
  // She was never granted this one.
  Tell(story, {Thing::kAwsBilling, User(Person::kHeidi), manual, "2026-05-19T17:30:00Z", 1, 1, 1});
}

}  // namespace conntrail::demo
