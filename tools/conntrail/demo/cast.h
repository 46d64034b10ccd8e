#pragma once

#include <string>
#include <string_view>

#include "events/model/principal.h"

// Who and what appears in the demo. The ids are made up so that people can tell them apart by eye.
namespace conntrail::demo {

enum class Person {
  kAlice,    // runs the platform team
  kBob,      // platform
  kCarol,    // payments, and its lead
  kDave,     // payments
  kErin,     // support, and its lead
  kFrank,    // support
  kGrace,    // security
  kHeidi,    // platform
  kIvan,     // payments; leaves in August
  kJudy,     // support
  kMallory,  // support; tries what she may not
  kOlivia,   // auditor
};
inline constexpr int kPeople = 12;

enum class Team { kPlatform, kPayments, kSupport };
enum class Role { kConnectionAdmins, kAuditors };

enum class Thing {
  kJiraProd,
  kJiraSandbox,
  kSlackAlerts,
  kSlackSupport,
  kAwsBilling,
  kAwsDeploy,
  kOpenAi,
  kPagerDuty,
  kGitHub,
  kStripe,
  kWebhook,
};

Principal User(Person person);
Principal Group(Team team);
Principal Group(Role role);
Principal Pipeline();  // the service account that deploys
std::string_view NameOf(Person person);
std::string_view NameOf(Thing thing);
std::string_view NameOf(Team team);
std::string_view NameOf(Role role);
ConnectionId IdOf(Thing thing);
WorkflowId NightlyReport();

}  // namespace conntrail::demo
