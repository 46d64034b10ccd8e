#include "tools/conntrail/demo/cast.h"
#include "tools/conntrail/demo/story.h"

// What people asked for and did not get.
namespace conntrail::demo {

void TellRefusals(StoryWriter& story) {
  const Principal mallory = User(Person::kMallory);
  // She sees the connection, and that is all.
  story.Asked("2026-06-25T21:14:00Z", mallory, kMember,
              ConnectionEdited{.connection = IdOf(Thing::kJiraProd),
                               .changes = {{"integration.base_url",
                                            {},
                                            std::string("https://elsewhere.example/jira")}}});
  story.Asked(
      "2026-06-25T21:15:00Z", mallory, kMember,
      PolicyPatched{.connection = IdOf(Thing::kJiraProd), .added = {{Relation::kEditor, mallory}}});
  story.Asked(
      "2026-06-25T21:17:00Z", mallory, kMember,
      ConnectionUsed{
          .connection = IdOf(Thing::kStripe), .principal = mallory, .mode = UseMode::kManual});
  story.Asked("2026-06-25T21:19:00Z", mallory, kMember,
              ConnectionDeleted{.connection = IdOf(Thing::kAwsBilling)});
  // Her key may read only.
  story.Asked("2026-06-30T10:00:00Z", User(Person::kOlivia), right::kConnectionsRead,
              CredentialWithdrawn{.connection = IdOf(Thing::kPagerDuty)});
  // Used while it was suspended.
  story.Asked("2026-07-20T16:30:00Z", User(Person::kHeidi), kMember,
              ConnectionUsed{.connection = IdOf(Thing::kOpenAi),
                             .principal = User(Person::kHeidi),
                             .mode = UseMode::kManual});
  // She would have taken the key out of the room and locked it from within.
  story.Asked("2026-08-03T09:00:00Z", User(Person::kCarol), kMember,
              PolicyReplaced{.connection = IdOf(Thing::kStripe),
                             .grants = {{Relation::kResolver, Group(Team::kPayments)}}});
  story.Asked("2026-08-03T09:05:00Z", User(Person::kCarol), kMember,
              ConnectionEdited{.connection = IdOf(Thing::kStripe),
                               .changes = {{"integration.type", {}, std::string("adyen")}}});
  // Somebody else was quicker.
  Event& stale = story.Asked(
      "2026-08-04T14:00:00Z", User(Person::kBob), kMember,
      ConnectionEdited{.connection = IdOf(Thing::kJiraProd),
                       .changes = {{"description", {}, std::string("tickets of customers")}}});
  stale.expected_revision = Revision(1);
  // The same request, sent twice.
  for (const char* time : {"2026-08-04T14:10:00Z", "2026-08-04T14:10:02Z"}) {
    Event& edit = story.Asked(
        time, User(Person::kBob), kMember,
        ConnectionEdited{.connection = IdOf(Thing::kJiraProd),
                         .changes = {{"description", {}, std::string("tickets of customers")}}});
    edit.idempotency_key = "describe-jira-prod";
  }
  // The platform itself refused this.
  story
      .Seen("2026-08-11T19:20:00Z", mallory,
            ConnectionDeleted{.connection = IdOf(Thing::kSlackSupport)})
      .refused_by_source = true;
  story.Asked("2026-08-12T08:00:00Z", User(Person::kFrank), kMember,
              ConnectionEdited{.connection = IdOf(Thing::kWebhook),
                               .changes = {{"name", {}, std::string("webhook")}}});
}

}  // namespace conntrail::demo
