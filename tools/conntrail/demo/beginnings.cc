#include <algorithm>

#include <fmt/format.h>

#include "tools/conntrail/demo/cast.h"
#include "tools/conntrail/demo/story.h"

// March: people, teams and roles, the first connections and their policies.
namespace conntrail::demo {
namespace {

void TellPeople(StoryWriter& story) {
  for (int i = 0; i < kPeople; ++i) {
    story.Seen(
        fmt::format("2026-03-02T09:{:02}:00Z", i), User(Person::kAlice),
        AccountChanged{.account = User(static_cast<Person>(i)),
                       .change = AccountChange::kAdded,
                       .manager = i == 0 ? std::nullopt : std::optional(User(Person::kAlice))});
  }
  story.Seen("2026-03-02T09:20:00Z", User(Person::kAlice),
             AccountChanged{.account = Pipeline(), .change = AccountChange::kAdded});
}

void TellGroup(StoryWriter& story, std::string_view time, const Principal& group,
               std::string_view name, std::vector<Person> members) {
  GroupChanged change{.group = group, .change = GroupChange::kCreated, .name = std::string(name)};
  for (const Person member : members) change.members_added.push_back(User(member));
  std::sort(change.members_added.begin(), change.members_added.end());
  story.Seen(time, User(Person::kAlice), change);
}

void TellGroups(StoryWriter& story) {
  TellGroup(story, "2026-03-02T10:00:00Z", Group(Team::kPlatform), NameOf(Team::kPlatform),
            {Person::kAlice, Person::kBob, Person::kHeidi});
  TellGroup(story, "2026-03-02T10:01:00Z", Group(Team::kPayments), NameOf(Team::kPayments),
            {Person::kCarol, Person::kDave, Person::kIvan});
  TellGroup(story, "2026-03-02T10:02:00Z", Group(Team::kSupport), NameOf(Team::kSupport),
            {Person::kErin, Person::kFrank, Person::kJudy, Person::kMallory});
  TellGroup(story, "2026-03-02T10:03:00Z", Group(Role::kConnectionAdmins),
            NameOf(Role::kConnectionAdmins), {Person::kAlice, Person::kGrace});
  TellGroup(story, "2026-03-02T10:04:00Z", Group(Role::kAuditors), NameOf(Role::kAuditors),
            {Person::kGrace, Person::kOlivia});
}

struct Beginning {
  Thing thing;
  const char* time;
  Person creator;
  const char* type;
  const char* base_url;
  TextList scopes;
  TextList tags;
  const char* secret_field;
};

void TellConnection(StoryWriter& story, const Beginning& b, std::vector<Grant> grants) {
  ConnectionCreated created{.connection = IdOf(b.thing)};
  created.fields = {{"integration.base_url", std::string(b.base_url)},
                    {"integration.type", std::string(b.type)},
                    {"name", std::string(NameOf(b.thing))},
                    {"scopes", b.scopes},
                    {"tags", b.tags}};
  NormalizeFields(created.fields);
  created.secrets = {Secret(b.secret_field, NameOf(b.thing))};
  created.has_credential = true;
  story.Seen(b.time, User(b.creator), created);
  if (grants.empty()) return;
  std::sort(grants.begin(), grants.end());
  story.Seen(b.time, User(b.creator),
             PolicyPatched{.connection = IdOf(b.thing), .added = std::move(grants)});
}

Grant Viewer(const Principal& who) { return {Relation::kViewer, who}; }
Grant Resolver(const Principal& who) { return {Relation::kResolver, who}; }
Grant Editor(const Principal& who) { return {Relation::kEditor, who}; }

}  // namespace

void TellBeginnings(StoryWriter& story, const OrgId& org) {
  TellPeople(story);
  TellGroups(story);
  const Principal admins = Group(Role::kConnectionAdmins);
  const Principal everybody = Principal::Org(org);
  TellConnection(story,
                 {Thing::kJiraProd,
                  "2026-03-03T09:15:00Z",
                  Person::kAlice,
                  "jira",
                  "https://acme.example/jira",
                  {"read:issues", "write:issues"},
                  {"env:prod", "team:platform"},
                  "api_token"},
                 {Editor(Group(Team::kPlatform)), Editor(admins), Resolver(Group(Team::kSupport)),
                  Viewer(everybody)});
  TellConnection(story,
                 {Thing::kJiraSandbox,
                  "2026-03-03T09:40:00Z",
                  Person::kBob,
                  "jira",
                  "https://sandbox.acme.example/jira",
                  {"read:issues", "write:issues"},
                  {"env:test"},
                  "api_token"},
                 {});
  TellConnection(story,
                 {Thing::kSlackAlerts,
                  "2026-03-04T11:05:00Z",
                  Person::kHeidi,
                  "slack",
                  "https://slack.example/api",
                  {"chat:write"},
                  {"env:prod", "team:platform"},
                  "bot_token"},
                 {Editor(Group(Team::kPlatform)), Resolver(everybody)});
  TellConnection(story,
                 {Thing::kSlackSupport,
                  "2026-03-05T08:30:00Z",
                  Person::kErin,
                  "slack",
                  "https://slack.example/api",
                  {"channels:read", "chat:write"},
                  {"team:support"},
                  "bot_token"},
                 {Editor(User(Person::kErin)), Resolver(Group(Team::kSupport)), Viewer(everybody)});
  TellConnection(story,
                 {Thing::kAwsBilling,
                  "2026-03-09T13:00:00Z",
                  Person::kCarol,
                  "aws",
                  "https://aws.example",
                  {"ce:GetCostAndUsage"},
                  {"env:prod", "team:payments"},
                  "secret_access_key"},
                 {Editor(User(Person::kCarol)), Resolver(Group(Team::kPayments)),
                  Viewer(Group(Role::kAuditors))});
  TellConnection(story,
                 {Thing::kAwsDeploy,
                  "2026-03-10T10:10:00Z",
                  Person::kAlice,
                  "aws",
                  "https://aws.example",
                  {"ecs:UpdateService", "s3:PutObject"},
                  {"env:prod", "team:platform"},
                  "secret_access_key"},
                 {Editor(Group(Team::kPlatform)), Resolver(Pipeline())});
  TellConnection(story,
                 {Thing::kPagerDuty,
                  "2026-03-12T15:20:00Z",
                  Person::kBob,
                  "pagerduty",
                  "https://pagerduty.example",
                  {"incidents.write"},
                  {"env:prod"},
                  "api_key"},
                 {Editor(Group(Team::kPlatform)), Resolver(Group(Team::kSupport))});
  TellConnection(story,
                 {Thing::kWebhook,
                  "2026-03-16T09:00:00Z",
                  Person::kFrank,
                  "http",
                  "https://legacy.acme.example/hook",
                  {},
                  {"legacy"},
                  "password"},
                 {});
}

}  // namespace conntrail::demo
