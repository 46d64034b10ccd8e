#include "services/auth/authenticator.h"

#include <vector>

#include "tests/services/auth/ring_test_base.h"

namespace conntrail {
namespace {

http::Request With(std::vector<http::Header> headers) {
  http::Request request;
  request.headers = std::move(headers);
  return request;
}

http::Request Keys(std::string api_key, std::string application_key = "") {
  std::vector<http::Header> headers = {{"accept", "*/*"}, {"dd-api-key", std::move(api_key)}};
  if (!application_key.empty()) {
    headers.push_back({"dd-application-key", std::move(application_key)});
  }
  return With(std::move(headers));
}

class AuthenticatorTest : public RingTest {
 protected:
  void SetUp() override {
    RingTest::SetUp();
    Take(Observation(KeyWith("api", KeyKind::kApi, right::kEventIntake, UserNamed("alice"))));
    Take(Observation(
        KeyWith("application", KeyKind::kApplication, kWorkRights, UserNamed("alice"))));
    Take(Observation(KeyWith("zenith api", KeyKind::kApi, right::kEventIntake)).Org(Zenith()));
    Take(Observation(
             KeyWith("zenith application", KeyKind::kApplication, right::kAll, UserNamed("zoe")))
             .Org(Zenith()));
  }

  AuthRefusal Refusal(const http::Request& request) {
    const Admission admission = authenticator_.Authenticate(request);
    EXPECT_EQ(admission.ok(), admission.refusal == AuthRefusal::kNone);
    return admission.refusal;
  }

  Authenticator authenticator_{ring_, {.clock = &clock_, .remembered_max = 8}};
};

TEST_F(AuthenticatorTest, APairOfKeysGivesTheOwnerAndRightsOfTheApplicationKey) {
  const Admission admission = authenticator_.Authenticate(Keys("api", "application"));
  ASSERT_TRUE(admission.ok());
  EXPECT_EQ(admission.caller->org, Acme());
  EXPECT_EQ(admission.caller->address, (keys::OrgAddress{kPartition, OrgSlot(1)}));
  EXPECT_EQ(admission.caller->principal, UserNamed("alice"));
  EXPECT_EQ(admission.caller->api_key, KeyNamed("api"));
  EXPECT_EQ(admission.caller->application_key, KeyNamed("application"));
  EXPECT_EQ(admission.caller->rights, kWorkRights);
}

http::Request Bearing(std::string token, std::vector<std::string> segments) {
  http::Request request = With({{"authorization", "Bearer " + std::move(token)}});
  request.segments = std::move(segments);
  return request;
}

TEST_F(AuthenticatorTest, AnApplicationKeyIsABearerTokenForDirectoriesOnly) {
  const std::vector<std::string> users = {"scim", "v2", "Users"};
  for (int i = 0; i < 2; ++i) {  // established, then remembered
    const Admission admission = authenticator_.Authenticate(Bearing("application", users));
    ASSERT_TRUE(admission.ok());
    EXPECT_EQ(admission.caller->org, Acme());
    EXPECT_EQ(admission.caller->principal, UserNamed("alice"));
    EXPECT_EQ(admission.caller->application_key, KeyNamed("application"));
    EXPECT_EQ(admission.caller->api_key, std::nullopt);
    EXPECT_EQ(admission.caller->rights, kWorkRights);
    EXPECT_EQ(Refusal(Bearing("application", {"api", "v2", "scim"})), AuthRefusal::kTokenUntrusted);
    EXPECT_EQ(Refusal(Bearing("application", {})), AuthRefusal::kTokenUntrusted);
  }
  EXPECT_EQ(Refusal(Bearing("api", users)), AuthRefusal::kWrongKind);
  EXPECT_EQ(Refusal(Bearing("nobody's", users)), AuthRefusal::kUnknownKey);
  EXPECT_EQ(Refusal(Keys("directories")), AuthRefusal::kUnknownKey);
}

TEST_F(AuthenticatorTest, AnApiKeyAloneNamesNobody) {
  const Admission admission = authenticator_.Authenticate(Keys("api"));
  ASSERT_TRUE(admission.ok());
  EXPECT_EQ(admission.caller->principal, std::nullopt);
  EXPECT_EQ(admission.caller->application_key, std::nullopt);
  EXPECT_EQ(admission.caller->rights, right::kEventIntake);
}

TEST_F(AuthenticatorTest, NobodyIsLetInWithoutAGoodPair) {
  EXPECT_EQ(Refusal(With({})), AuthRefusal::kNothingSent);
  EXPECT_EQ(Refusal(With({{"dd-api-key", ""}})), AuthRefusal::kNothingSent);
  EXPECT_EQ(Refusal(With({{"dd-application-key", "application"}})), AuthRefusal::kNothingSent);
  EXPECT_EQ(Refusal(Keys("nobody's")), AuthRefusal::kUnknownKey);
  EXPECT_EQ(Refusal(Keys("api", "nobody's")), AuthRefusal::kUnknownKey);
  EXPECT_EQ(Refusal(Keys("nobody's", "application")), AuthRefusal::kUnknownKey);
  EXPECT_EQ(Refusal(Keys("application", "api")), AuthRefusal::kWrongKind);
  EXPECT_EQ(Refusal(Keys("application")), AuthRefusal::kWrongKind);
  EXPECT_EQ(Refusal(Keys("api", "api")), AuthRefusal::kWrongKind);
  EXPECT_EQ(Refusal(Keys(std::string(10'000, 'a'))), AuthRefusal::kUnknownKey);
  EXPECT_EQ(Refusal(Keys("Api", "application")), AuthRefusal::kUnknownKey);
}

TEST_F(AuthenticatorTest, KeysOfTwoOrgsOpenNeither) {
  EXPECT_EQ(Refusal(Keys("api", "zenith application")), AuthRefusal::kOtherOrg);
  EXPECT_EQ(Refusal(Keys("zenith api", "application")), AuthRefusal::kOtherOrg);
  EXPECT_EQ(authenticator_.Authenticate(Keys("zenith api", "zenith application")).caller->org,
            Zenith());
  EXPECT_EQ(authenticator_.Authenticate(Keys("api", "application")).caller->org, Acme());
}

TEST_F(AuthenticatorTest, ARevokedKeyIsRefusedFromTheNextRequestOn) {
  ASSERT_TRUE(authenticator_.Authenticate(Keys("api", "application")).ok());
  Take(Observation(RevokeKey("application")));
  EXPECT_EQ(Refusal(Keys("api", "application")), AuthRefusal::kRevoked);
  EXPECT_TRUE(authenticator_.Authenticate(Keys("api")).ok());
  Take(Observation(RevokeKey("api")));
  EXPECT_EQ(Refusal(Keys("api")), AuthRefusal::kRevoked);
}

TEST_F(AuthenticatorTest, AKeyIsWorthNothingFromTheMomentItExpires) {
  KeyCreated brief = KeyWith("brief", KeyKind::kApplication, right::kAll, UserNamed("alice"));
  brief.expires_at_ms = kNoonMs + kHourMs;
  Take(Observation(brief));
  clock_.Set(kNoonMs + kHourMs - 1);
  ASSERT_TRUE(authenticator_.Authenticate(Keys("api", "brief")).ok());
  ASSERT_TRUE(authenticator_.Authenticate(Keys("api", "brief")).ok());
  clock_.Pass(1);
  EXPECT_EQ(Refusal(Keys("api", "brief")), AuthRefusal::kExpired) << "remembered or not";
}

TEST_F(AuthenticatorTest, WhoHasLeftIsNotLetInButTheApiKeyTheyMadeGoesOn) {
  ASSERT_TRUE(authenticator_.Authenticate(Keys("api", "application")).ok());
  Take(Observation(ChangeAccount(UserNamed("alice"), AccountChange::kAdded)));
  Take(Observation(ChangeAccount(UserNamed("alice"), AccountChange::kDeactivated)));
  EXPECT_EQ(Refusal(Keys("api", "application")), AuthRefusal::kOwnerInactive);
  EXPECT_TRUE(authenticator_.Authenticate(Keys("api")).ok());
}

TEST_F(AuthenticatorTest, RightsThatAreTakenAwayAreGoneAtOnce) {
  ASSERT_TRUE(authenticator_.Authenticate(Keys("api", "application")).ok());
  Take(Observation(ChangeKey("application", right::kConnectionsRead)));
  EXPECT_EQ(authenticator_.Authenticate(Keys("api", "application")).caller->rights,
            right::kConnectionsRead);
}

TEST_F(AuthenticatorTest, RemembersWhoComesAgainAndNobodyElse) {
  const uint64_t before = authenticator_.established_count();
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(authenticator_.Authenticate(Keys("api", "application")).caller->application_key,
              KeyNamed("application"));
  }
  EXPECT_EQ(authenticator_.established_count(), before + 1);
  EXPECT_EQ(authenticator_.remembered_count(), uint64_t{9});
  // What stands in one header never passes for what stands in two.
  EXPECT_EQ(Refusal(Keys("apiapplication")), AuthRefusal::kUnknownKey);
  EXPECT_EQ(Refusal(Keys("apiapp", "lication")), AuthRefusal::kUnknownKey);
  EXPECT_EQ(authenticator_.Authenticate(Keys("api")).caller->application_key, std::nullopt);
  EXPECT_EQ(Refusal(With({{"authorization", "Bearer api"}})), AuthRefusal::kTokenUntrusted);
}

TEST_F(AuthenticatorTest, GuessesDoNotDisplaceWhoIsRemembered) {
  ASSERT_TRUE(authenticator_.Authenticate(Keys("api", "application")).ok());
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(authenticator_.Authenticate(Keys("api", "guess" + std::to_string(i))).ok());
  }
  const uint64_t before = authenticator_.established_count();
  ASSERT_TRUE(authenticator_.Authenticate(Keys("api", "application")).ok());
  EXPECT_EQ(authenticator_.established_count(), before);
}

TEST_F(AuthenticatorTest, MoreCallersThanItRemembersAreLetInAllTheSame) {
  for (int i = 0; i < 20; ++i) {
    Take(Observation(
        KeyWith("k" + std::to_string(i), KeyKind::kApplication, kWorkRights, UserNamed("alice"))));
  }
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) {
      const Admission admission = authenticator_.Authenticate(Keys("api", "k" + std::to_string(i)));
      ASSERT_TRUE(admission.ok());
      EXPECT_EQ(admission.caller->application_key, KeyNamed("k" + std::to_string(i)));
    }
  }
}

TEST_F(AuthenticatorTest, KeysWinOverATokenBesideThem) {
  http::Request request = Keys("api", "application");
  request.headers.push_back({"authorization", "Bearer nonsense"});
  EXPECT_TRUE(authenticator_.Authenticate(request).ok());
  request = Keys("api", "wrong");
  request.headers.push_back({"authorization", "Bearer nonsense"});
  EXPECT_EQ(Refusal(request), AuthRefusal::kUnknownKey);
}

TEST_F(AuthenticatorTest, OtherSchemesAreNoTokens) {
  EXPECT_EQ(Refusal(With({{"authorization", "Basic YWxpY2U6c2VjcmV0"}})),
            AuthRefusal::kNothingSent);
  EXPECT_EQ(Refusal(With({{"authorization", "Bearer"}})), AuthRefusal::kNothingSent);
  EXPECT_EQ(Refusal(With({{"authorization", "Bearer   "}})), AuthRefusal::kNothingSent);
}

TEST_F(AuthenticatorTest, EveryRefusalHasAName) {
  EXPECT_EQ(AuthRefusalName(AuthRefusal::kNone), "none");
  EXPECT_EQ(AuthRefusalName(AuthRefusal::kOtherOrg), "other_org");
  EXPECT_EQ(AuthRefusalName(AuthRefusal::kTokenKeysMissing), "token_keys_missing");
}

}  // namespace
}  // namespace conntrail
