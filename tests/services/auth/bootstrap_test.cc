#include "services/auth/bootstrap.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "services/auth/authenticator.h"
#include "tests/projections/store/scratch_dir.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/manual_clock.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;
constexpr PartitionId kPartition{0};

class BootstrapTest : public testing::Test {
 protected:
  std::unique_ptr<DataDirectory> Open() {
    DataDirectory::Options options;
    options.create = true;
    options.clock = &clock_;
    Result<std::unique_ptr<DataDirectory>> directory =
        DataDirectory::Open((scratch_ / "data").string(), options);
    EXPECT_TRUE(directory.ok()) << directory.status().ToString();
    return std::move(directory).value();
  }

  static Admission Admit(DataDirectory& directory, const std::string& api_key,
                         const std::string& application_key) {
    KeyRing ring;
    EXPECT_TRUE(ring.Add(directory.projection().store(), kPartition).ok());
    Authenticator authenticator(ring);
    http::Request request;
    request.headers = {{"dd-api-key", api_key}, {"dd-application-key", application_key}};
    return authenticator.Authenticate(request);
  }

  ScratchDir scratch_;
  ManualClock clock_;
};

TEST_F(BootstrapTest, TheFirstStartLetsAnAdministratorInWhoMayDoEverything) {
  const auto directory = Open();
  const Result<FirstAdministrator> first = EnsureAdministrator(*directory);
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_TRUE(first->is_first_start);
  const Admission admission = Admit(*directory, first->api_key, first->application_key);
  ASSERT_TRUE(admission.ok());
  EXPECT_EQ(admission.caller->org, first->org);
  EXPECT_EQ(admission.caller->principal, first->user);
  EXPECT_EQ(admission.caller->application_key, first->application_key_id);
  EXPECT_EQ(admission.caller->rights, right::kAll);
  EXPECT_EQ(directory->View("main")->state().id, first->org);
  // Their word counts: somebody else is added by them.
  Event event = Intent("admin", ChangeAccount(UserNamed("bob"), AccountChange::kAdded));
  event.org = first->org;
  event.actor.principal = first->user;
  event.actor.application_key = first->application_key_id;
  event.rights = admission.caller->rights;
  EXPECT_EQ(directory->Submit(event)->line.verdict, Verdict::kApplied);
}

TEST_F(BootstrapTest, TheKeysAreStoredForTheirOwnerAloneAndNowhereElse) {
  FirstAdministrator first;
  {
    const auto directory = Open();
    first = EnsureAdministrator(*directory).value();
    const fs::path file = FirstAdministratorPath(*directory);
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_NE(text.find(first.api_key), std::string::npos);
    EXPECT_NE(text.find(first.application_key), std::string::npos);
  }
  size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(scratch_ / "data")) {
    if (!entry.is_regular_file() || entry.path().filename() == "admin.json") continue;
    ++files;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(text.find(first.api_key), std::string::npos) << entry.path();
    EXPECT_EQ(text.find(first.application_key), std::string::npos) << entry.path();
  }
  EXPECT_GT(files, size_t{3});
}

TEST_F(BootstrapTest, ALaterStartAddsNothingAndShowsNoKey) {
  auto directory = Open();
  const FirstAdministrator first = EnsureAdministrator(*directory).value();
  const Offset end = directory->log().End(kPartition).value();
  for (const bool file_is_taken_away : {false, true}) {
    if (file_is_taken_away) fs::remove(FirstAdministratorPath(*directory));
    directory.reset();
    directory = Open();
    const FirstAdministrator again = EnsureAdministrator(*directory).value();
    EXPECT_FALSE(again.is_first_start);
    EXPECT_EQ(again.org, first.org);
    EXPECT_EQ(again.user, first.user);
    EXPECT_EQ(again.api_key, "");
    EXPECT_EQ(again.application_key, "");
    EXPECT_EQ(directory->log().End(kPartition).value(), end);
  }
}

// The log of a first start, cut off after each of its records: what a crash leaves.
TEST_F(BootstrapTest, AFirstStartThatWasCutOffIsCompletedWithTheStoredKeys) {
  const auto whole = Open();
  const FirstAdministrator first = EnsureAdministrator(*whole).value();
  const ReadBatch records = whole->log().Read(kPartition, Offset(), 1 << 20).value();
  ASSERT_EQ(records.records.size(), size_t{4});
  for (size_t kept = 0; kept <= records.records.size(); ++kept) {
    DataDirectory::Options options;
    options.create = true;
    options.clock = &clock_;
    const std::string path = (scratch_ / ("cut" + std::to_string(kept))).string();
    const auto directory = DataDirectory::Open(path, options).value();
    fs::copy_file(FirstAdministratorPath(*whole), FirstAdministratorPath(*directory));
    for (size_t i = 0; i < kept; ++i) {
      const LogRecord& record = records.records[i];
      ASSERT_TRUE(directory->log().Append(kPartition, record.key, record.payload).ok());
    }
    const Result<FirstAdministrator> again = EnsureAdministrator(*directory);
    ASSERT_TRUE(again.ok()) << again.status().ToString();
    EXPECT_EQ(again->is_first_start, kept < records.records.size()) << kept;
    EXPECT_EQ(again->user, first.user);
    if (again->is_first_start) {
      EXPECT_EQ(again->application_key, first.application_key);
    }
    EXPECT_TRUE(Admit(*directory, first.api_key, first.application_key).ok()) << kept;
    EXPECT_EQ(directory->log().End(kPartition).value(), Offset(4)) << kept;
  }
}

TEST_F(BootstrapTest, AnOrgThatIsThereIsNotOpenedAgain) {
  const auto directory = Open();
  const OrgId imported = directory->OpenOrg("acme").value();
  const FirstAdministrator first = EnsureAdministrator(*directory).value();
  EXPECT_EQ(first.org, imported);
  EXPECT_TRUE(first.is_first_start);
  EXPECT_TRUE(Admit(*directory, first.api_key, first.application_key).ok());
}

TEST_F(BootstrapTest, ADamagedFileIsToldBeforeAnythingIsWritten) {
  const auto directory = Open();
  std::ofstream(FirstAdministratorPath(*directory)) << "{\"api_key\": \"short\"}";
  const Result<FirstAdministrator> first = EnsureAdministrator(*directory);
  EXPECT_EQ(first.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(first.status().message().find("remove it"), std::string::npos);
  fs::remove(FirstAdministratorPath(*directory));
  EXPECT_TRUE(EnsureAdministrator(*directory).ok());
}

}  // namespace
}  // namespace conntrail
