#include "events/log/kafka/kafka_refusal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conntrail {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int kMended = 0x020601ff;

TEST(KafkaRefusal, TellsWhatToDoAboutEachKindOfRefusedConnection) {
  struct Case {
    rd_kafka_resp_err_t error;
    std::string reason;  // as librdkafka 2.0.2 with OpenSSL 3.0 gave it
    std::string remedy;
  };
  const std::vector<Case> cases = {
      {RD_KAFKA_RESP_ERR__SSL, "error:0A000086:SSL routines::certificate verify failed",
       "set ssl.ca.location"},
      {RD_KAFKA_RESP_ERR__TRANSPORT, "error:0A000412:SSL routines::sslv3 alert bad certificate",
       "set ssl.certificate.location"},
      {RD_KAFKA_RESP_ERR__TRANSPORT, "error:0A00045C::tlsv13 alert certificate required",
       "set ssl.certificate.location"},
      {RD_KAFKA_RESP_ERR__TRANSPORT, "error:0A000415:SSL routines::sslv3 alert certificate expired",
       "does not trust the certificate"},
      {RD_KAFKA_RESP_ERR__SSL, "error:0A000126:SSL routines::unexpected eof while reading",
       "no TLS is spoken there"},
      {RD_KAFKA_RESP_ERR__TRANSPORT,
       "Disconnected while requesting ApiVersion: might be caused by "
       "incorrect security.protocol configuration (connecting to a "
       "SSL listener?)",
       "security.protocol"},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, "Authentication failed: Invalid username or password",
       "sasl.password"},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, "mechanism handshake failed: Unsupported SASL mechanism",
       "sasl.mechanism"}};
  for (const Case& one : cases) {
    EXPECT_THAT(RemedyFor(one.error, one.reason, kMended), HasSubstr(one.remedy)) << one.reason;
  }
}

TEST(KafkaRefusal, SaysNothingAboutWhatPassesByItself) {
  EXPECT_EQ(RemedyFor(RD_KAFKA_RESP_ERR__TRANSPORT, "Connect failed: Connection refused", 0), "");
  EXPECT_EQ(RemedyFor(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down", 0), "");
  EXPECT_EQ(RightsMissing(RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT), "");
}

// Kafka 4 and librdkafka 2.0: confluentinc/librdkafka#4895.
TEST(KafkaRefusal, DoubtsScramOnlyWhereTheLibraryIsTooOld) {
  const std::string reason = "invalid credentials with SASL mechanism SCRAM-SHA-512";
  const auto remedy = [&](int version) {
    return RemedyFor(RD_KAFKA_RESP_ERR__AUTHENTICATION, reason, version);
  };
  EXPECT_THAT(remedy(0x020002ff), HasSubstr("Kafka 4"));
  EXPECT_THAT(remedy(kMended), Not(HasSubstr("Kafka 4")));
}

}  // namespace
}  // namespace conntrail
