#include "events/log/kafka/kafka_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/log/kafka/kafka_log.h"
#include "tests/events/log/log_directory_for_test.h"

namespace conntrail {
namespace {

using testing::HasSubstr;

class KafkaPropertiesTest : public testing::Test {
 protected:
  Result<KafkaProperties> Read(std::string_view text) {
    PutFile(path(), text);
    return ReadKafkaProperties(path());
  }
  std::string path() const { return directory_.root() + "/client.properties"; }

 private:
  EmbeddedLogDirectory directory_;
};

TEST_F(KafkaPropertiesTest, AreLinesOfNameAndValue) {
  const auto properties = Read(
      "# how to get in\n"
      "security.protocol=SASL_SSL\n"
      "\n"
      "  sasl.mechanisms = SCRAM-SHA-512 \r\n"
      "sasl.password=a=b #c\n"
      "ssl.ca.location=");
  ASSERT_TRUE(properties.ok()) << properties.status().ToString();
  EXPECT_EQ(*properties, (KafkaProperties{{"security.protocol", "SASL_SSL"},
                                          {"sasl.mechanisms", "SCRAM-SHA-512"},
                                          {"sasl.password", "a=b #c"},
                                          {"ssl.ca.location", ""}}));
}

TEST_F(KafkaPropertiesTest, OnWhichPromisesRestAreRefusedWithTheirLine) {
  for (const std::string name : {"acks", "enable.idempotence", "auto.offset.reset", "check.crcs",
                                 "isolation.level", "bootstrap.servers", "transactional.id"}) {
    const Status refused = Read("client.rack=a\n" + name + "=x\n").status();
    EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument) << name;
    EXPECT_THAT(refused.message(), HasSubstr("line 2: " + name));
  }
}

TEST_F(KafkaPropertiesTest, ALineThatIsNoneIsRefusedWithoutBeingRepeated) {
  const Status refused = Read("sasl.password secret\n").status();
  EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(refused.message(), HasSubstr("line 1"));
  EXPECT_THAT(refused.message(), testing::Not(HasSubstr("secret")));
  EXPECT_EQ(ReadKafkaProperties(path() + ".none").status().code(), StatusCode::kIo);
}

TEST_F(KafkaPropertiesTest, ThatLibrdkafkaDoesNotKnowAreRefusedByName) {
  KafkaSettings settings;
  settings.address = {"127.0.0.1:1", "audit"};
  settings.properties = {{"security.protocl", "SSL"}};
  Status refused = KafkaLog::Open(settings).status();
  EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(refused.message(), HasSubstr("security.protocl"));
  settings.properties = {{"ssl.ca.location", path()}, {"security.protocol", "ssl"}};
  refused = KafkaLog::Open(settings).status();
  EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument) << "it is read before anything is sent";
  EXPECT_THAT(refused.message(), HasSubstr("ssl.ca.location"));
}

TEST(KafkaAccepted, AreNamesOfFindings) {
  EXPECT_EQ(*ParseAccepted(""), (std::set<std::string>{}));
  EXPECT_EQ(*ParseAccepted("replication,in-sync"),
            (std::set<std::string>{"in-sync", "replication"}));
  EXPECT_EQ(*ParseAccepted("all"), (std::set<std::string>{"all"}));
  for (const char* text : {"yes", ",", "replication,none"}) {
    const auto accepted = ParseAccepted(text);
    EXPECT_EQ(accepted.status().code(), StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(accepted.status().message(), HasSubstr("replication"));
  }
}

}  // namespace
}  // namespace conntrail
