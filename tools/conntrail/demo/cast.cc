#include "tools/conntrail/demo/cast.h"

#include <array>

#include <fmt/format.h>

#include "events/base/check.h"

namespace conntrail::demo {
namespace {

struct Known {
  std::string_view id;  // the first eight digits
  std::string_view name;
};

constexpr std::array<Known, kPeople> kPersons = {{{"a11ce000", "alice"},
                                                  {"b0b00000", "bob"},
                                                  {"ca401000", "carol"},
                                                  {"dabe0000", "dave"},
                                                  {"e4140000", "erin"},
                                                  {"f4a4c000", "frank"},
                                                  {"64ace000", "grace"},
                                                  {"4e1d1000", "heidi"},
                                                  {"15a40000", "ivan"},
                                                  {"10d70000", "judy"},
                                                  {"3a110470", "mallory"},
                                                  {"01151a00", "olivia"}}};
constexpr std::array<Known, 3> kTeams = {
    {{"7ea30001", "Platform"}, {"7ea30002", "Payments"}, {"7ea30003", "Support"}}};
constexpr std::array<Known, 2> kRoles = {
    {{"401e0001", "Connection Admins"}, {"401e0002", "Auditors"}}};
constexpr std::array<Known, 11> kThings = {{{"c0000001", "jira-prod"},
                                            {"c0000002", "jira-sandbox"},
                                            {"c0000003", "slack-alerts"},
                                            {"c0000004", "slack-support"},
                                            {"c0000005", "aws-billing"},
                                            {"c0000006", "aws-deploy"},
                                            {"c0000007", "openai-assistant"},
                                            {"c0000008", "pagerduty"},
                                            {"c0000009", "github-ci"},
                                            {"c000000a", "stripe-payments"},
                                            {"c000000b", "legacy-webhook"}}};

Uuid Id(std::string_view digits) {
  const auto id = Uuid::Parse(fmt::format("{}-0000-4000-8000-000000000001", digits));
  CONNTRAIL_CHECK(id.has_value());
  return *id;
}

}  // namespace

Principal User(Person person) {
  return Principal::User(Id(kPersons[static_cast<size_t>(person)].id));
}
Principal Group(Team team) { return Principal::Team(Id(kTeams[static_cast<size_t>(team)].id)); }
Principal Group(Role role) { return Principal::Role(Id(kRoles[static_cast<size_t>(role)].id)); }
Principal Pipeline() { return Principal::ServiceAccount(Id("b0700001")); }
std::string_view NameOf(Person person) { return kPersons[static_cast<size_t>(person)].name; }
std::string_view NameOf(Thing thing) { return kThings[static_cast<size_t>(thing)].name; }
std::string_view NameOf(Team team) { return kTeams[static_cast<size_t>(team)].name; }
std::string_view NameOf(Role role) { return kRoles[static_cast<size_t>(role)].name; }
ConnectionId IdOf(Thing thing) { return {Id(kThings[static_cast<size_t>(thing)].id)}; }
WorkflowId NightlyReport() { return {Id("f1000001")}; }

}  // namespace conntrail::demo
