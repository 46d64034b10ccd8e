#include "services/auth/oidc.h"

#include "tests/services/auth/ring_test_base.h"
#include "tests/services/auth/token_signer.h"

namespace conntrail {
namespace {

constexpr int64_t kNow = kNoonMs / 1000;

// An issuer that Acme and Zenith trust, with alice in Acme's directory.
class OidcTest : public RingTest {
 protected:
  void SetUp() override {
    RingTest::SetUp();
    AccountChanged added = ChangeAccount(UserNamed("alice"), AccountChange::kAdded);
    added.user_name = "alice@acme.example";
    added.external_id = "00u1";
    Take(Observation(added));
    ASSERT_TRUE(oidc_.TakeKeys(issuer_.JwkSetText()).ok());
  }

  static OidcSettings Settings() {
    OidcSettings settings;
    settings.issuer = "https://id.example";
    settings.audience = "conntrail";
    settings.org_claim = "org";
    settings.rights_allowed = kWorkRights;
    return settings;
  }

  // Claims of alice's token, which holds for an hour; `more` comes after, instead of the end.
  static std::string Claims(std::string_view issuer = "https://id.example",
                            std::string_view audience = R"("conntrail")",
                            std::string_view subject = "00u1", std::string_view org = "acme",
                            int64_t expires = kNow + 3600, std::string_view more = "") {
    return R"({"iss":")" + std::string(issuer) + R"(","aud":)" + std::string(audience) +
           R"(,"sub":")" + std::string(subject) + R"(","org":")" + std::string(org) +
           R"(","scope":"openid connections_read operator","exp":)" + std::to_string(expires) +
           std::string(more) + "}";
  }

  AuthRefusal Says(const std::string& token) {
    caller_ = {};
    return oidc_.Verify(token, clock_.Now(), caller_, until_ms_);
  }
  AuthRefusal SaysOf(const std::string& claims) { return Says(issuer_.Sign(claims)); }

  TokenSigner issuer_{"ES256", "k1"};
  int asked_ = 0;
  Oidc oidc_{ring_, Settings(), [this] { ++asked_; }};
  Caller caller_;
  UnixMs until_ms_ = 0;
};

TEST_F(OidcTest, ATokenGivesItsSubjectTheRightsThatItNamesAndMayHave) {
  ASSERT_EQ(SaysOf(Claims()), AuthRefusal::kNone);
  EXPECT_EQ(caller_.org, Acme());
  EXPECT_EQ(caller_.address.slot, OrgSlot(1));
  EXPECT_EQ(caller_.principal, UserNamed("alice"));
  EXPECT_EQ(caller_.rights, right::kConnectionsRead) << "operator is not among the allowed";
  EXPECT_EQ(caller_.api_key, std::nullopt);
  EXPECT_EQ(until_ms_, kNoonMs + 300'000) << "then it is looked at again";
}

TEST_F(OidcTest, TokensThatAreNotForUsAreRefused) {
  const auto yes = AuthRefusal::kNone;
  const auto untrusted = AuthRefusal::kTokenUntrusted;
  const auto expired = AuthRefusal::kTokenExpired;
  const auto unknown = AuthRefusal::kTokenUnknownSubject;
  const auto malformed = AuthRefusal::kTokenMalformed;
  const std::string issuer = "https://id.example";
  const std::string us = R"("conntrail")";
  struct Case {
    std::string claims;
    AuthRefusal expected;
  };
  const Case cases[] = {
      {Claims("https://id.example/"), untrusted},
      {Claims("https://ID.example"), untrusted},
      {Claims(""), untrusted},
      {Claims(issuer, R"("other")"), untrusted},
      {Claims(issuer, R"(["other","conntrail"])"), yes},
      {Claims(issuer, R"([])"), untrusted},
      {Claims(issuer, R"([["conntrail"]])"), malformed},
      {Claims(issuer, "7"), malformed},
      {Claims(issuer, us, "nobody"), unknown},
      {Claims(issuer, us, ""), unknown},
      {Claims(issuer, us, "Alice@Acme.example"), yes},
      {Claims(issuer, us, "00u1", "zenith"), unknown},
      {Claims(issuer, us, "00u1", "nowhere"), unknown},
      {Claims(issuer, us, "00u1", Acme().ToString()), yes},
      {Claims(issuer, us, "00u1", "acme", kNow - 59), yes},
      {Claims(issuer, us, "00u1", "acme", kNow - 60), expired},
      {Claims(issuer, us, "00u1", "acme", 0), expired},
      {Claims(issuer, us, "00u1", "acme", -1), malformed},
      {Claims(issuer, us, "00u1", "acme", INT64_MAX), malformed},
      {Claims(issuer, us, "00u1", "acme", kNow, R"(,"nbf":)" + std::to_string(kNow + 60)), yes},
      {Claims(issuer, us, "00u1", "acme", kNow, R"(,"nbf":)" + std::to_string(kNow + 61)), expired},
      {Claims(issuer, us, "00u1", "acme", kNow, R"(,"nbf":"soon")"), malformed},
      {Claims(issuer, us, "00u1", "acme", kNow, R"(,"exp":99999999999)"), malformed},
      {R"({"iss":"https://id.example","aud":"conntrail","sub":"00u1","org":"acme"})", malformed},
      {R"({"iss":"https://id.example","aud":"conntrail","org":"acme","exp":99999999999})",
       malformed},
      {"[]", malformed},
      {"", malformed},
      {"{", malformed},
      {Claims() + "x", malformed},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(AuthRefusalName(SaysOf(c.claims)), AuthRefusalName(c.expected)) << c.claims;
    if (c.expected != yes) {
      EXPECT_EQ(caller_.principal, std::nullopt) << c.claims;
    }
  }
}

TEST_F(OidcTest, WhoeverElseSignsIsNotTheIssuer) {
  EXPECT_EQ(Says(TokenSigner("ES256", "k1").Sign(Claims())), AuthRefusal::kTokenUntrusted);
  EXPECT_EQ(Says(issuer_.Sign(Claims()) + "."), AuthRefusal::kTokenMalformed);
  const std::string unsigned_token =
      EncodeBase64Url(R"({"alg":"none"})") + "." + EncodeBase64Url(Claims()) + ".";
  EXPECT_EQ(Says(unsigned_token), AuthRefusal::kTokenMalformed);
  EXPECT_EQ(asked_, 0) << "no reason to fetch keys";
}

TEST_F(OidcTest, WhoIsDeactivatedIsNotLetIn) {
  Take(Observation(ChangeAccount(UserNamed("alice"), AccountChange::kDeactivated)));
  EXPECT_EQ(SaysOf(Claims()), AuthRefusal::kOwnerInactive);
  Take(Observation(ChangeAccount(UserNamed("alice"), AccountChange::kRemoved)));
  EXPECT_EQ(SaysOf(Claims()), AuthRefusal::kTokenUnknownSubject);
}

TEST_F(OidcTest, AnUnknownKeyIsAskedForWithAGrowingPause) {
  const TokenSigner next("RS256", "k2");
  const std::string token = next.Sign(Claims());
  EXPECT_EQ(Says(token), AuthRefusal::kTokenKeysMissing);
  EXPECT_EQ(Says(token), AuthRefusal::kTokenUntrusted);
  EXPECT_EQ(asked_, 1);
  clock_.Pass(9'999);
  EXPECT_EQ(Says(token), AuthRefusal::kTokenUntrusted);
  clock_.Pass(1);
  EXPECT_EQ(Says(token), AuthRefusal::kTokenKeysMissing);
  clock_.Pass(10'000);
  EXPECT_EQ(Says(token), AuthRefusal::kTokenUntrusted);
  for (int i = 0; i < 3600; ++i) {
    clock_.Pass(kSecondMs);
    (void)Says(token);
  }
  EXPECT_LE(asked_, 20) << "at most once in five minutes in the end";
  ASSERT_TRUE(oidc_.TakeKeys(next.JwkSetText()).ok());
  clock_.Set(kNoonMs);
  EXPECT_EQ(Says(token), AuthRefusal::kNone);
  EXPECT_EQ(SaysOf(Claims()), AuthRefusal::kTokenUntrusted) << "the old key is withdrawn";
}

TEST_F(OidcTest, KeysThatCannotBeReadChangeNothing) {
  EXPECT_FALSE(oidc_.TakeKeys("<html>").ok());
  EXPECT_EQ(SaysOf(Claims()), AuthRefusal::kNone);
}

TEST_F(OidcTest, AFixedOrgNeedsNoClaim) {
  OidcSettings settings = Settings();
  settings.org_claim = "";
  settings.org = "zenith";
  Oidc oidc(ring_, settings);
  ASSERT_TRUE(oidc.TakeKeys(issuer_.JwkSetText()).ok());
  EXPECT_EQ(oidc.Verify(issuer_.Sign(Claims()), kNoonMs, caller_, until_ms_),
            AuthRefusal::kTokenUnknownSubject)
      << "the token's own org counts for nothing";
  AccountChanged added = ChangeAccount(UserNamed("zoe"), AccountChange::kAdded);
  added.external_id = "00u1";
  Take(Observation(added).Org(Zenith()));
  ASSERT_EQ(oidc.Verify(issuer_.Sign(Claims()), kNoonMs, caller_, until_ms_), AuthRefusal::kNone);
  EXPECT_EQ(caller_.org, Zenith());
  EXPECT_EQ(caller_.principal, UserNamed("zoe"));
}

TEST_F(OidcTest, TheAuthenticatorRemembersATokenUntilItExpiresOrTheDirectoryChanges) {
  Authenticator authenticator(ring_, {.clock = &clock_, .oidc = &oidc_});
  http::Request request;
  const std::string claims =
      Claims("https://id.example", R"("conntrail")", "00u1", "acme", kNow + 100);
  request.headers = {{"authorization", "bearer " + issuer_.Sign(claims)}};
  ASSERT_TRUE(authenticator.Authenticate(request).ok());
  ASSERT_TRUE(authenticator.Authenticate(request).ok());
  EXPECT_EQ(authenticator.established_count(), uint64_t{1});
  clock_.Pass(159'999);
  ASSERT_TRUE(authenticator.Authenticate(request).ok());
  clock_.Pass(1);
  EXPECT_EQ(authenticator.Authenticate(request).refusal, AuthRefusal::kTokenExpired);
  clock_.Set(kNoonMs);
  ASSERT_TRUE(authenticator.Authenticate(request).ok());
  Take(Observation(ChangeAccount(UserNamed("alice"), AccountChange::kDeactivated)));
  EXPECT_EQ(authenticator.Authenticate(request).refusal, AuthRefusal::kOwnerInactive);
}

}  // namespace
}  // namespace conntrail
