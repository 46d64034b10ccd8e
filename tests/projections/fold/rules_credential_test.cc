#include <gtest/gtest.h>

#include "tests/support/org_in_memory.h"

namespace conntrail {
namespace {

const Credential& CredentialOf(const OrgInMemory& acme) {
  return acme.connection("pager").credential;
}

TEST(FoldCredential, IsIssuedOnceRotatedAsOftenAsNeededAndWithdrawn) {
  OrgInMemory acme = PagerOfAlice();
  EXPECT_EQ(acme.Says(Intent("alice", Rotate("pager", "one"))), "rejected credential_missing");
  EXPECT_EQ(acme.Says(Intent("alice", Withdraw("pager"))), "rejected credential_missing");
  EXPECT_EQ(acme.Says(Intent("alice", Issue("pager", "one"))), "applied");
  EXPECT_EQ(acme.Says(Intent("alice", Issue("pager", "two"))), "rejected credential_present");
  EXPECT_EQ(CredentialOf(acme).version, 1);
  EXPECT_EQ(acme.Says(Intent("alice", Rotate("pager", "two"))), "applied");
  EXPECT_EQ(CredentialOf(acme).version, 2);
  EXPECT_EQ(CredentialOf(acme).secrets,
            std::vector<SecretFingerprint>{FingerprintNamed("token", "two")});
  EXPECT_EQ(acme.Says(Intent("alice", Withdraw("pager"))), "applied");
  EXPECT_FALSE(CredentialOf(acme).present);
}

TEST(FoldCredential, OnlyAnEditorOfTheConnectionTouchesIt) {
  OrgInMemory acme = PagerShared();
  acme.Take(Intent("alice", Issue("pager", "one")));
  for (const Action& action :
       {Action(Issue("pager", "x")), Action(Rotate("pager", "x")), Action(Withdraw("pager"))}) {
    EXPECT_EQ(acme.Says(Intent("bob", action)), "denied editor_relation_required");
    EXPECT_EQ(acme.Says(Intent("alice", action).Rights(right::kConnectionsRead)),
              "denied right_required");
    EXPECT_EQ(acme.Says(Intent("alice", action).IfRevision(1)), "conflict revision_differs");
  }
  EXPECT_EQ(CredentialOf(acme).version, 1);
}

TEST(FoldCredential, AWithdrawnSecretIsRecognisedWhenItComesBack) {
  OrgInMemory acme = PagerOfAlice();
  acme.Take(Intent("alice", Issue("pager", "leaked")));
  acme.Take(Intent("alice", Withdraw("pager")));
  EXPECT_EQ(CredentialOf(acme).secrets,
            std::vector<SecretFingerprint>{FingerprintNamed("token", "leaked")});
  EXPECT_EQ(CredentialOf(acme).version, 1);
}

TEST(FoldCredential, ARotationReplacesTheSecretsItNamesAndLeavesTheOthers) {
  OrgInMemory acme = PagerOfAlice();
  CredentialIssued both = Issue("pager", "one");
  both.secrets.push_back(FingerprintNamed("client_secret", "two"));
  acme.Take(Intent("alice", both));
  acme.Take(Intent("alice", Rotate("pager", "three")));
  EXPECT_EQ(CredentialOf(acme).secrets,
            (std::vector<SecretFingerprint>{FingerprintNamed("client_secret", "two"),
                                            FingerprintNamed("token", "three")}));
}

TEST(FoldCredential, ANewOneHasNeitherSecretsNorExpiryNorConsentOfTheOneBefore) {
  OrgInMemory acme = PagerOfAlice();
  CredentialIssued consented = Issue("pager", "one");
  consented.expires_at_ms = kNoonMs + kHourMs;
  consented.consent = Consent{.provider = "slack", .given_by = UserNamed("alice")};
  acme.Take(Intent("alice", consented));
  acme.Take(Intent("alice", Withdraw("pager")));
  CredentialIssued password = Issue("pager", "two");
  password.secrets.front().field = "password";
  EXPECT_EQ(acme.Says(Intent("alice", password)), "applied");
  EXPECT_EQ(CredentialOf(acme).secrets, password.secrets);
  EXPECT_EQ(CredentialOf(acme).expires_at_ms, std::nullopt);
  EXPECT_EQ(CredentialOf(acme).consent, std::nullopt);
}

TEST(FoldCredential, ARotationKeepsTheConsentThatItRenews) {
  OrgInMemory acme = PagerOfAlice();
  CredentialIssued consented = Issue("pager", "one");
  consented.consent = Consent{.provider = "slack", .given_by = UserNamed("alice")};
  acme.Take(Intent("alice", consented));
  acme.Take(Intent("alice", Rotate("pager", "two")));
  ASSERT_TRUE(CredentialOf(acme).consent);
  EXPECT_EQ(CredentialOf(acme).consent->provider, "slack");
}

TEST(FoldCredential, WhatASourceReportsIsTakenAndMarkedWhereItDoesNotFit) {
  OrgInMemory acme = PagerOfAlice();
  EXPECT_EQ(acme.Says(Observation(Withdraw("pager"))), "applied gap_already_there +gap");
  EXPECT_EQ(acme.Says(Observation(Rotate("pager", "one"))), "applied gap_unknown_subject +gap");
  EXPECT_TRUE(CredentialOf(acme).present);
  EXPECT_EQ(acme.Says(Observation(Issue("pager", "two"))), "applied gap_already_there +gap");
  EXPECT_EQ(CredentialOf(acme).version, 2);
  EXPECT_EQ(acme.Says(Observation(Rotate("ghost", "x"))), "rejected connection_not_found +gap");
}

TEST(FoldCredential, SecretsOfAConnectionAreLimited) {
  OrgInMemory acme = PagerOfAlice();
  CredentialIssued many{.connection = ConnectionNamed("pager")};
  for (size_t i = 0; i < kConnectionFieldsMax; ++i) {
    many.secrets.push_back(FingerprintNamed("field." + std::to_string(i), "s"));
  }
  EXPECT_EQ(acme.Says(Intent("alice", many)), "applied");
  EXPECT_EQ(acme.Says(Intent("alice", Rotate("pager", "one more"))), "rejected limit_reached");
  EXPECT_EQ(CredentialOf(acme).version, 1);
}

TEST(FoldCredential, AnEditOfAnUnseenConnectionKeepsItsFingerprints) {
  OrgInMemory acme;
  ConnectionEdited edit = Edit("pager", "region", "eu", "us");
  edit.secrets = {FingerprintNamed("token", "reused")};
  EXPECT_EQ(acme.Says(Observation(edit)), "applied gap_unknown_subject +gap");
  EXPECT_EQ(CredentialOf(acme).secrets, edit.secrets);
  EXPECT_TRUE(CredentialOf(acme).present);
}

}  // namespace
// Edits pager, which has the secrets `one` and `two`.
OrgInMemory PagerWithTwoSecrets() {
  OrgInMemory acme = PagerOfAlice();
  CredentialIssued two = Issue("pager", "one");
  two.secrets = {FingerprintNamed("key", "one"), FingerprintNamed("token", "two")};
  EXPECT_EQ(acme.Says(Intent("alice", two)), "applied");
  return acme;
}

TEST(FoldCredential, AnEditToNothingAtThePathOfASecretDropsItsFingerprint) {
  OrgInMemory acme = PagerWithTwoSecrets();
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "key", {}))), "applied");
  EXPECT_EQ(CredentialOf(acme).secrets, std::vector{FingerprintNamed("token", "two")});
  EXPECT_TRUE(CredentialOf(acme).present);
  EXPECT_EQ(CredentialOf(acme).version, 1);

  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "token", {}))), "applied");
  EXPECT_TRUE(CredentialOf(acme).secrets.empty());
  EXPECT_FALSE(CredentialOf(acme).present);
}

TEST(FoldCredential, AnEditThatReplacesAllSecretsIsOneNewVersion) {
  OrgInMemory acme = PagerWithTwoSecrets();
  ConnectionEdited edit = Edit("pager", "key", {});
  edit.changes.push_back({"token", {}, {}});
  edit.secrets = {FingerprintNamed("password", "three")};
  EXPECT_EQ(acme.Says(Intent("alice", edit)), "applied");
  EXPECT_EQ(CredentialOf(acme).secrets, edit.secrets);
  EXPECT_TRUE(CredentialOf(acme).present);
  EXPECT_EQ(CredentialOf(acme).version, 2);
}

TEST(FoldCredential, AnEditThatRepeatsTheSecretsIsNoRotation) {
  OrgInMemory acme = PagerWithTwoSecrets();
  ConnectionEdited edit = Edit("pager", "region", "eu");
  edit.secrets = {FingerprintNamed("key", "one"), FingerprintNamed("token", "two")};
  EXPECT_EQ(acme.Says(Intent("alice", edit)), "applied");
  EXPECT_EQ(CredentialOf(acme).version, 1);
  EXPECT_EQ(acme.Says(Intent("alice", edit)), "applied no_change");

  edit.secrets[0] = FingerprintNamed("key", "three");
  EXPECT_EQ(acme.Says(Intent("alice", edit)), "applied");
  EXPECT_EQ(CredentialOf(acme).version, 2);
}

TEST(FoldCredential, AnEditBringsAWithdrawnSecretBack) {
  OrgInMemory acme = PagerWithTwoSecrets();
  EXPECT_EQ(acme.Says(Intent("alice", Withdraw("pager"))), "applied");
  ConnectionEdited edit = Edit("pager", "region", "eu");
  edit.secrets = {FingerprintNamed("key", "one")};
  EXPECT_EQ(acme.Says(Intent("alice", edit)), "applied");
  EXPECT_TRUE(CredentialOf(acme).present);
}

}  // namespace conntrail
