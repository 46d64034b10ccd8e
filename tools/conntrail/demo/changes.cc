#include <algorithm>

#include "tools/conntrail/demo/cast.h"
#include "tools/conntrail/demo/story.h"

// April to September: edits, rotations, a suspension, and reports that do not fit.
namespace conntrail::demo {
namespace {

ConnectionCreated NewConnection(Thing thing, const char* type, const char* url, TextList scopes,
                                TextList tags) {
  ConnectionCreated created{.connection = IdOf(thing)};
  created.fields = {{"integration.base_url", std::string(url)},
                    {"integration.type", std::string(type)},
                    {"name", std::string(NameOf(thing))},
                    {"scopes", std::move(scopes)},
                    {"tags", std::move(tags)}};
  NormalizeFields(created.fields);
  created.secrets = {Secret("api_key", NameOf(thing))};
  created.has_credential = true;
  return created;
}

void TellReported(StoryWriter& story) {
  story
      .Seen("2026-04-14T10:30:00Z", User(Person::kBob),
            ConnectionEdited{.connection = IdOf(Thing::kJiraProd),
                             .changes = {{"scopes", TextList{"read:issues", "write:issues"},
                                          TextList{"read:issues", "read:users", "write:issues"}}}})
      .context.ticket = "PLAT-112";
  story
      .Seen("2026-05-04T07:00:00Z", User(Person::kAlice),
            CredentialRotated{.connection = IdOf(Thing::kAwsDeploy),
                              .secrets = {Secret("secret_access_key", "aws-deploy, second")},
                              .expires_at_ms = TimeOf("2026-11-01T00:00:00Z"),
                              .cause = CredentialCause::kAsked})
      .context.reason = "half-yearly rotation";
  // The platform says that the list was something else before: a change was never reported.
  story.Seen("2026-05-21T12:00:00Z", User(Person::kErin),
             ConnectionEdited{.connection = IdOf(Thing::kSlackSupport),
                              .changes = {{"tags", TextList{"team:helpdesk"},
                                           TextList{"team:helpdesk", "tier:1"}}}});
  // Recorded in May and delivered in June.
  story.Seen("2026-05-28T18:45:00Z", User(Person::kBob),
             PolicyPatched{.connection = IdOf(Thing::kPagerDuty),
                           .added = {{Relation::kResolver, User(Person::kOlivia)}}});
  story.ToldAt("2026-06-02T06:00:00Z");
  story.Seen("2026-06-08T09:00:00Z", User(Person::kFrank),
             CredentialWithdrawn{.connection = IdOf(Thing::kWebhook),
                                 .cause = CredentialCause::kRevocation});
  story
      .Seen("2026-06-09T09:30:00Z", User(Person::kFrank),
            ConnectionDeleted{.connection = IdOf(Thing::kWebhook)})
      .context.reason = "the last caller has moved";
}

void TellWorkflow(StoryWriter& story) {
  WorkflowSaved saved{.workflow = NightlyReport(), .name = "nightly report"};
  saved.owner = User(Person::kHeidi);
  saved.run_as = RunAs::kServiceAccount;
  saved.run_as_account = Pipeline();
  saved.steps = {{"collect", "jira.search", IdOf(Thing::kJiraProd)},
                 {"publish", "slack.post", IdOf(Thing::kSlackAlerts)}};
  story.Asked("2026-06-17T13:10:00Z", User(Person::kHeidi), kMember, saved);
}

void TellNewConnections(StoryWriter& story) {
  story
      .Asked("2026-06-18T09:00:00Z", User(Person::kBob), kMember,
             NewConnection(Thing::kGitHub, "github", "https://github.example",
                           {"contents:read", "packages:write"}, {"env:prod", "team:platform"}))
      .context.interface = Interface::kTerraform;
  story
      .Asked("2026-06-18T09:00:05Z", User(Person::kBob), kMember,
             PolicyPatched{.connection = IdOf(Thing::kGitHub),
                           .added = {{Relation::kResolver, Pipeline()},
                                     {Relation::kEditor, Group(Team::kPlatform)}}})
      .context.interface = Interface::kTerraform;
  story.Asked("2026-06-23T15:00:00Z", User(Person::kCarol), kMember,
              NewConnection(Thing::kStripe, "stripe", "https://stripe.example",
                            {"charges:read", "refunds:write"}, {"env:prod", "team:payments"}));
  story.Asked("2026-06-23T15:04:00Z", User(Person::kCarol), kMember,
              PolicyReplaced{.connection = IdOf(Thing::kStripe),
                             .grants = {{Relation::kResolver, Group(Team::kPayments)},
                                        {Relation::kEditor, User(Person::kCarol)},
                                        {Relation::kEditor, Group(Role::kConnectionAdmins)}}});
  story.Asked("2026-07-06T10:00:00Z", User(Person::kHeidi), kMember,
              NewConnection(Thing::kOpenAi, "openai", "https://openai.example", {"completions"},
                            {"experiment"}));
}

void TellSuspension(StoryWriter& story) {
  // A key was seen in a public place: stop, rotate, go on.
  Event& stop = story.Asked("2026-07-20T16:02:00Z", User(Person::kGrace), kAdmin,
                            PolicyPatched{.connection = IdOf(Thing::kOpenAi),
                                          .added = {{Relation::kEditor, User(Person::kGrace)}}});
  stop.context.ticket = "SEC-77";
  story
      .Asked("2026-07-20T16:03:00Z", User(Person::kGrace), kAdmin,
             ConnectionSuspended{IdOf(Thing::kOpenAi)})
      .context.ticket = "SEC-77";
  story
      .Asked("2026-07-20T17:40:00Z", User(Person::kHeidi), kMember,
             CredentialRotated{.connection = IdOf(Thing::kOpenAi),
                               .secrets = {Secret("api_key", "openai-assistant, second")},
                               .cause = CredentialCause::kLeak})
      .context.ticket = "SEC-77";
  story
      .Asked("2026-07-21T09:00:00Z", User(Person::kGrace), kAdmin,
             ConnectionResumed{IdOf(Thing::kOpenAi)})
      .context.ticket = "SEC-77";
  story.Asked("2026-09-10T11:00:00Z", User(Person::kErin), kMember,
              ConnectionSuspended{IdOf(Thing::kSlackSupport)});
}

}  // namespace

void TellChanges(StoryWriter& story) {
  TellReported(story);
  TellWorkflow(story);
  TellNewConnections(story);
  TellSuspension(story);
}

}  // namespace conntrail::demo
