#include "services/auth/jwks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "tests/services/auth/token_signer.h"

namespace conntrail {
namespace {

using testing::HasSubstr;

std::string Verified(std::string_view keys, std::string_view token) {
  const Result<JwkSet> set = JwkSet::Parse(keys);
  if (!set.ok()) return "keys: " + set.status().message();
  const Result<Jws> jws = ParseJws(token);
  if (!jws.ok()) return jws.status().message();
  switch (set->Verify(*jws)) {
    case JwkSet::Verdict::kGood:
      return "good";
    case JwkSet::Verdict::kUnknownKey:
      return "unknown key";
    case JwkSet::Verdict::kBad:
      return "bad";
  }
  return "";
}

// ---- the examples of the standards

constexpr std::string_view kPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";

TEST(Jws, Rfc7515ExampleA2IsGood) {
  constexpr std::string_view kKeys =
      R"({"keys":[{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp)"
      R"(-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb)"
      R"(_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxv)"
      R"(b3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4F)"
      R"(RWyuXpoQ","e":"AQAB"}]})";
  const std::string token =
      "eyJhbGciOiJSUzI1NiJ9." + std::string(kPayload) +
      ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp"
      "5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHl"
      "b1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9Q"
      "OYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
  EXPECT_EQ(Verified(kKeys, token), "good");
}

TEST(Jws, Rfc7515ExampleA3IsGood) {
  EXPECT_EQ(Verified(R"({"keys":[{"kty":"EC","crv":"P-256",)"
                     R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                     R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})",
                     "eyJhbGciOiJFUzI1NiJ9." + std::string(kPayload) +
                         ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfK"
                         "TUJqPP3-Kg6NU1Q"),
            "good");
}

TEST(Jws, Rfc8037ExampleA4IsGood) {
  EXPECT_EQ(Verified(R"({"keys":[{"kty":"OKP","crv":"Ed25519",)"
                     R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})",
                     "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0Jzln"
                     "LWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"),
            "good");
}

// ---- tokens

class EachAlgorithm : public testing::TestWithParam<const char*> {};

TEST_P(EachAlgorithm, ASignatureIsGoodUntilOneBitOfTheTokenChanges) {
  const TokenSigner signer(GetParam(), "k1");
  const std::string token = signer.Sign(R"({"sub":"alice"})");
  const std::string keys = signer.JwkSetText();
  EXPECT_EQ(Verified(keys, token), "good");
  const Jws jws = ParseJws(token).value();
  const JwkSet set = JwkSet::Parse(keys).value();
  for (size_t bit = 0; bit < jws.signature.size() * 8; ++bit) {
    Jws other = jws;
    other.signature[bit / 8] ^= static_cast<char>(1 << bit % 8);
    ASSERT_EQ(set.Verify(other), JwkSet::Verdict::kBad) << bit;
  }
  for (size_t size = 0; size < jws.signature.size(); ++size) {
    Jws other = jws;
    other.signature.resize(size);
    ASSERT_EQ(set.Verify(other), JwkSet::Verdict::kBad) << size;
  }
  for (size_t i = 0; i < jws.signed_bytes.size(); ++i) {
    std::string bytes(jws.signed_bytes);
    bytes[i] ^= 1;
    Jws other = jws;
    other.signed_bytes = bytes;
    ASSERT_EQ(set.Verify(other), JwkSet::Verdict::kBad) << i;
  }
}

TEST_P(EachAlgorithm, AnotherKeyWithTheSameIdIsBad) {
  EXPECT_EQ(Verified(TokenSigner(GetParam(), "k1").JwkSetText(),
                     TokenSigner(GetParam(), "k1").Sign("{}")),
            "bad");
}

TEST_P(EachAlgorithm, AKeyServesNoOtherAlgorithm) {
  const TokenSigner signer(GetParam(), "k1");
  for (const std::string_view other : {"RS256", "ES256", "EdDSA"}) {
    if (other == GetParam()) continue;
    const std::string header = R"({"alg":")" + std::string(other) + R"(","kid":"k1"})";
    EXPECT_EQ(Verified(signer.JwkSetText(), signer.SignWithHeader(header, "{}")), "unknown key");
  }
}

INSTANTIATE_TEST_SUITE_P(Jws, EachAlgorithm, testing::Values("RS256", "ES256", "EdDSA"));

TEST(Jws, AnEmptyOrZeroSignatureIsBad) {
  const TokenSigner signer("ES256", "k1");
  const Result<JwkSet> set = JwkSet::Parse(signer.JwkSetText());
  const std::string token = signer.Sign("{}");
  Jws jws = ParseJws(token).value();
  for (const size_t size : {0, 1, 63, 64, 65, 128}) {
    jws.signature.assign(size, '\0');
    EXPECT_EQ(set->Verify(jws), JwkSet::Verdict::kBad) << size;
  }
}

TEST(Jws, TheTokenDoesNotChooseHowItIsChecked) {
  const TokenSigner signer("RS256", "k1");
  const auto says = [&](std::string_view header) {
    return Verified(signer.JwkSetText(), signer.SignWithHeader(header, "{}"));
  };
  const std::string not_taken = "the token has a signature that is not taken";
  EXPECT_EQ(says(R"({"alg":"none","kid":"k1"})"), not_taken);
  EXPECT_EQ(says(R"({"alg":"None"})"), not_taken);
  EXPECT_EQ(says(R"({"alg":""})"), not_taken);
  // HMAC keyed with the public key, which everybody knows.
  EXPECT_EQ(says(R"({"alg":"HS256","kid":"k1"})"), not_taken);
  EXPECT_EQ(says(R"({"alg":"RS384","kid":"k1"})"), not_taken);
  EXPECT_EQ(says(R"({"alg":"PS256","kid":"k1"})"), not_taken);
  EXPECT_EQ(says(R"({"alg":"rs256","kid":"k1"})"), not_taken);
  EXPECT_EQ(says(R"({"alg":"RS256","kid":"k1","crit":["b64"],"b64":false})"),
            "the token has a critical extension");
  EXPECT_THAT(says(R"({"kid":"k1"})"), HasSubstr("\"alg\" is missing"));
  EXPECT_EQ(says(R"({"alg":["RS256"]})"), not_taken);
  EXPECT_THAT(says(R"({"alg":"RS256","alg":"none"})"), HasSubstr("twice"));
  EXPECT_EQ(says(R"(["RS256"])"), "the token has a header that is no object");
  EXPECT_EQ(says(R"({"alg":"RS256","kid":"k2"})"), "unknown key");
  EXPECT_EQ(says(R"({"alg":"RS256","jwk":)" + TokenSigner("RS256", "").Jwk() + "}"), "good")
      << "the token's own key means nothing";
}

TEST(Jws, WithoutAKeyIdTheKeyMustBeTheOnlyOneOfItsAlgorithm) {
  const TokenSigner named("ES256", "k1");
  const TokenSigner other("ES256", "k2");
  const TokenSigner edwards("EdDSA", "k1");
  const std::string token = named.SignWithHeader(R"({"alg":"ES256"})", "{}");
  EXPECT_EQ(Verified(R"({"keys":[)" + named.Jwk() + "," + edwards.Jwk() + "]}", token), "good");
  EXPECT_EQ(Verified(R"({"keys":[)" + named.Jwk() + "," + other.Jwk() + "]}", token),
            "unknown key");
}

TEST(Jws, IsThreePartsOfStrictBase64Url) {
  const std::string good = TokenSigner("EdDSA", "k1").Sign("{}");
  EXPECT_TRUE(ParseJws(good).ok());
  const std::string header = good.substr(0, good.find('.'));
  const std::string rest = good.substr(good.find('.'));
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), header, header + ".e30", good + ".",
        good + "=", "=" + good, " " + good, good + " ", good + "\n", header + rest + rest,
        header + "." + rest, std::string(kTokenBytesMax + 1, 'a'), header + "+" + rest,
        header + "/" + rest, std::string("e30.e30.e30")}) {
    EXPECT_FALSE(ParseJws(bad).ok()) << bad;
  }
}

TEST(Base64Url, HasOneTextForTheSameBytes) {
  std::string bytes;
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"Zg", "f"}, {"Zm8", "fo"}, {"Zm9v", "foo"}, {"-_8", "\xfb\xff"}}) {
    EXPECT_TRUE(DecodeBase64Url(text, bytes)) << text;
    EXPECT_EQ(bytes, expected);
    EXPECT_EQ(EncodeBase64Url(expected), text);
  }
  // Padding, the other alphabet, bits that belong to no byte, an impossible length.
  for (const char* text : {"Zg==", "Zm8=", "+/8", "Zh", "Zm9", "Z", "Zm9vZ", "Z g", "Zg\n"}) {
    EXPECT_FALSE(DecodeBase64Url(text, bytes)) << text;
  }
}

// ---- key sets

TEST(JwkSet, PassesOverWhatItCannotUse) {
  const TokenSigner signer("ES256", "k1");
  const std::string keys =
      R"({"keys":[{"kty":"oct","k":"c2VjcmV0","alg":"HS256","kid":"k1"},)"
      R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA"},{"kty":"future"},)" +
      TokenSigner("RS256", "enc").Jwk(R"(,"use":"enc")") + "," +
      TokenSigner("RS256", "pss").Jwk(R"(,"alg":"PS256")") + "," +
      TokenSigner("EdDSA", "ops").Jwk(R"(,"key_ops":["sign"])") + "," +
      signer.Jwk(R"(,"use":"sig","alg":"ES256","key_ops":["verify"],"x5t":"AA")") + "]}";
  const Result<JwkSet> set = JwkSet::Parse(keys);
  ASSERT_TRUE(set.ok()) << set.status().ToString();
  EXPECT_EQ(set->size(), size_t{1});
  EXPECT_EQ(Verified(keys, signer.Sign("{}")), "good");
}

TEST(JwkSet, RefusesWhatIsNoKey) {
  const auto says = [](const std::string& key) {
    return JwkSet::Parse(R"({"keys":[)" + key + "]}").status().message();
  };
  const std::string point = R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                            R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a)";
  EXPECT_EQ(says(R"({"kty":"EC","crv":"P-256",)" + point + R"(0"})"), "");
  const std::string none = "keys[0]: is no key of its kind";
  EXPECT_EQ(says(R"({"kty":"EC","crv":"P-256",)" + point + R"(4"})"), none) << "not on the curve";
  EXPECT_EQ(says(R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})"), none);
  EXPECT_EQ(says(R"({"kty":"EC","crv":"P-256"})"), none);
  EXPECT_EQ(says(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})"), none);
  EXPECT_EQ(says(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"), none);
  EXPECT_EQ(says(TokenSigner("RS256", "", 1024).Jwk()), none) << "too short to be trusted";
  EXPECT_EQ(says(R"({"kty":"RSA","n":"A=","e":"AQAB"})"), "keys[0]: must be base64url");
  EXPECT_EQ(says(R"({"kty":"RSA","n":7,"e":"AQAB"})"), "keys[0].n: must be a text");
  EXPECT_EQ(says(TokenSigner("EdDSA", "k").Jwk(R"(,"d":"AAAA")")), "keys[0]: is a private key");
  const std::string twice = TokenSigner("EdDSA", "k").Jwk() + "," + TokenSigner("EdDSA", "k").Jwk();
  EXPECT_EQ(says(twice), "keys[1]: has the id of another key");
  EXPECT_FALSE(JwkSet::Parse("[]").ok());
  EXPECT_FALSE(JwkSet::Parse(R"({"keys":{}})").ok());
  EXPECT_FALSE(JwkSet::Parse("").ok());
}

TEST(JwkSet, LeavesNoFailureForTheNextUserOfOpenSsl) {
  ERR_clear_error();
  EXPECT_EQ(Verified(TokenSigner("RS256", "k").JwkSetText(), TokenSigner("RS256", "k").Sign("{}")),
            "bad");
  EXPECT_FALSE(JwkSet::Parse(R"({"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]})").ok());
  EXPECT_EQ(ERR_peek_error(), 0u);
}

}  // namespace
}  // namespace conntrail
