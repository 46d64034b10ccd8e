#include "tools/conntrail/demo/cast.h"
#include "tools/conntrail/demo/story.h"

// August: Ivan leaves. What he could reach is taken from him, and what he knew is changed.
namespace conntrail::demo {

void TellOffboarding(StoryWriter& story) {
  const Principal ivan = User(Person::kIvan);
  story.Asked(
      "2026-07-14T09:30:00Z", User(Person::kCarol), kMember,
      PolicyPatched{.connection = IdOf(Thing::kStripe), .added = {{Relation::kEditor, ivan}}});
  story.Asked("2026-07-28T11:00:00Z", ivan, kMember,
              ConnectionUsed{.connection = IdOf(Thing::kStripe),
                             .principal = ivan,
                             .mode = UseMode::kManual,
                             .count = 3});
  const auto off = [&](const char* time, Principal actor, Action action) {
    story.Asked(time, actor, kAdmin, std::move(action)).context.ticket = "HR-2031";
  };
  const Principal grace = User(Person::kGrace);
  off("2026-08-20T16:00:00Z", grace,
      AccountChanged{.account = ivan, .change = AccountChange::kDeactivated});
  off("2026-08-20T16:01:00Z", grace,
      GroupChanged{.group = Group(Team::kPayments),
                   .change = GroupChange::kChanged,
                   .members_removed = {ivan}});
  // He tries once more.
  story.Asked("2026-08-20T18:22:00Z", ivan, kMember,
              ConnectionUsed{
                  .connection = IdOf(Thing::kStripe), .principal = ivan, .mode = UseMode::kManual});
  off("2026-08-21T08:00:00Z", grace,
      PolicyPatched{.connection = IdOf(Thing::kStripe), .removed = {{Relation::kEditor, ivan}}});
  off("2026-08-21T08:30:00Z", User(Person::kCarol),
      CredentialRotated{.connection = IdOf(Thing::kStripe),
                        .secrets = {Secret("api_key", "stripe-payments, second")},
                        .cause = CredentialCause::kAsked});
  off("2026-08-21T08:35:00Z", User(Person::kCarol),
      CredentialRotated{.connection = IdOf(Thing::kAwsBilling),
                        .secrets = {Secret("secret_access_key", "aws-billing, second")},
                        .cause = CredentialCause::kAsked});
}

}  // namespace conntrail::demo
