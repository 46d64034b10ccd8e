// A broker that takes TLS and passwords only, and gives its users rights.

#include <filesystem>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/events/log/log_directory_for_test.h"
#include "tests/kafka/broker.h"
#include "tests/support/process.h"

namespace conntrail {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr PartitionId kPartition{0};
const std::vector<rd_kafka_AclOperation_t> kToRead = {RD_KAFKA_ACL_OPERATION_DESCRIBE,
                                                      RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS,
                                                      RD_KAFKA_ACL_OPERATION_READ};
const std::vector<rd_kafka_AclOperation_t> kToWrite = {
    RD_KAFKA_ACL_OPERATION_DESCRIBE, RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS,
    RD_KAFKA_ACL_OPERATION_READ, RD_KAFKA_ACL_OPERATION_WRITE};

std::string FileOf(const std::string& name) {
  return (std::filesystem::path(std::getenv("KAFKA_LOCAL_DIR")) / "secure" / name).string();
}

std::string BootstrapOf(const std::string& listener) {
  const ProcessEnd end = RunProcess({std::getenv("KAFKA_LOCAL"), "bootstrap", listener});
  EXPECT_EQ(end.exit_code, 0) << end.err;
  return end.out.substr(0, end.out.find('\n'));
}

class KafkaSecurityTest : public testing::Test {
 protected:
  // The topic through another door than the one that is free.
  KafkaSettings Through(const std::string& listener, const std::string& properties) {
    KafkaSettings settings = plain_;
    settings.address.bootstrap = BootstrapOf(listener);
    const auto read = ReadKafkaProperties(FileOf(properties + ".properties"));
    EXPECT_TRUE(read.ok()) << read.status().ToString();
    if (read.ok()) settings.properties = *read;
    settings.diagnostics = [this](const std::string& message) {
      const std::lock_guard lock(mutex_);
      told_.push_back(message);
    };
    return settings;
  }
  // librdkafka before 2.6.1 cannot do SCRAM with this broker.
  KafkaSettings As(const std::string& user) {
    KafkaSettings settings = Through("sasl", user);
    settings.properties["sasl.mechanism"] = "PLAIN";
    return settings;
  }
  const std::string& topic() const { return plain_.address.topic; }

  // That opening fails soon, in one line that has `remedy` and the place.
  static void ExpectRefused(const KafkaSettings& settings, const std::string& remedy) {
    const auto begin = std::chrono::steady_clock::now();
    const Status refused = KafkaLog::Open(settings).status();
    EXPECT_EQ(refused.code(), StatusCode::kUnavailable) << refused.ToString();
    EXPECT_THAT(refused.message(), AllOf(HasSubstr(remedy), HasSubstr(settings.address.bootstrap),
                                         Not(HasSubstr("\n"))));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, settings.request_wait);
    const auto password = settings.properties.find("sasl.password");
    if (password != settings.properties.end()) {
      EXPECT_THAT(refused.message(), Not(HasSubstr(password->second)));
    }
  }
  static void ExpectToWork(const KafkaSettings& settings) {
    const auto log = MustOpen(settings);
    ASSERT_NE(log, nullptr);
    ASSERT_TRUE(AppendText(*log, "a").ok());
    const std::string text = "b";
    ASSERT_TRUE(log->AppendAll(kPartition, OrgId{}, {AsBytes(text), AsBytes(text)}).ok());
    EXPECT_EQ(*ReadTexts(*log), (std::vector<std::string>{"a", "b", "b"}));
    EXPECT_EQ(log->CheckNow().ToString(), "ok");
  }

  KafkaSettings plain_ = SettingsFor(NewTopicName());
  std::mutex mutex_;
  std::vector<std::string> told_;
};

TEST_F(KafkaSecurityTest, ALogIsWrittenAndReadWithAClientCertificate) {
  MakeLog(plain_);
  Allow(topic(), "conntrail", kToWrite);
  ExpectToWork(Through("tls", "tls"));
}

TEST_F(KafkaSecurityTest, ALogIsWrittenAndReadWithAPassword) {
  MakeLog(plain_);
  Allow(topic(), "writer", kToWrite);
  ExpectToWork(As("writer"));
}

TEST_F(KafkaSecurityTest, WithScramALogIsReadOrTheMessageSaysWhyThatCannotBe) {
  MakeLog(plain_);
  Allow(topic(), "writer", kToWrite);
  const KafkaSettings settings = Through("sasl", "writer");
  ASSERT_EQ(settings.properties.at("sasl.mechanism"), "SCRAM-SHA-512");
  if (rd_kafka_version() >= 0x020601ff) {
    ExpectToWork(settings);
  } else {
    ExpectRefused(settings, "refuses SCRAM of librdkafka before 2.6.1");
  }
}

TEST_F(KafkaSecurityTest, ACertificateOfAnotherCaIsNotBelieved) {
  KafkaSettings settings = Through("tls", "tls");
  settings.properties["ssl.ca.location"] = FileOf("other-ca.pem");
  ExpectRefused(settings, "set ssl.ca.location");
}

TEST_F(KafkaSecurityTest, AClientWithoutCertificateIsToldToHaveOne) {
  KafkaSettings settings = Through("tls", "tls");
  settings.properties.erase("ssl.certificate.location");
  settings.properties.erase("ssl.key.location");
  ExpectRefused(settings, "set ssl.certificate.location and ssl.key.location");
}

TEST_F(KafkaSecurityTest, AWrongPasswordAndAnUnknownUserAreNamedAsSuch) {
  KafkaSettings settings = As("writer");
  settings.properties["sasl.password"] = "not-the-right-one";
  ExpectRefused(settings, "check sasl.username and sasl.password");
  settings = As("writer");
  settings.properties["sasl.username"] = "nobody";
  ExpectRefused(settings, "check sasl.username and sasl.password");
  settings = As("writer");
  settings.properties["sasl.mechanism"] = "SCRAM-SHA-256";
  ExpectRefused(settings, "set sasl.mechanism to one that the broker has");
}

TEST_F(KafkaSecurityTest, ADoorOfAnotherKindIsRecognized) {
  KafkaSettings settings = Through("tls", "tls");
  settings.properties.clear();
  ExpectRefused(settings, "set security.protocol");
  settings = Through("tls", "tls");
  settings.address.bootstrap = KafkaBootstrap();
  ExpectRefused(settings, "no TLS is spoken there");
}

TEST_F(KafkaSecurityTest, AFileThatIsNotThereIsNamed) {
  KafkaSettings settings = Through("tls", "tls");
  settings.properties["ssl.ca.location"] = FileOf("none.pem");
  const Status refused = KafkaLog::Open(settings).status();
  EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(refused.message(), HasSubstr("ssl.ca.location is " + FileOf("none.pem")));
}

TEST_F(KafkaSecurityTest, WhoMayNotSeeTheTopicIsToldTheRightsItTakes) {
  MakeLog(plain_);
  const KafkaSettings settings = As("reader");
  const Status refused = KafkaLog::Open(settings).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(), AllOf(HasSubstr(topic()), HasSubstr("needs the rights DESCRIBE")));
  Allow(topic(), "reader", {RD_KAFKA_ACL_OPERATION_DESCRIBE, RD_KAFKA_ACL_OPERATION_READ});
  EXPECT_THAT(KafkaLog::Open(settings).status().message(), HasSubstr("DESCRIBE_CONFIGS"));
}

TEST_F(KafkaSecurityTest, WhoMayOnlyReadReadsAndIsToldWhyItCannotAppend) {
  MakeLog(plain_);
  Allow(topic(), "reader", kToRead);
  {
    const auto writer = MustOpen(plain_);
    ASSERT_TRUE(AppendText(*writer, "a").ok());
  }
  const auto log = MustOpen(As("reader"));
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(*ReadTexts(*log), (std::vector<std::string>{"a"}));
  for (int i = 0; i < 3; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const Status refused = AppendText(*log, "b").status();
    EXPECT_EQ(refused.code(), StatusCode::kIo) << "not in the log: " << refused.ToString();
    EXPECT_THAT(refused.message(),
                AllOf(HasSubstr(topic()), HasSubstr("WRITE on the topic"), Not(HasSubstr("\n"))));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  }
  EXPECT_EQ(*ReadTexts(*log), (std::vector<std::string>{"a"}));
  EXPECT_TRUE(log->halted(kPartition).ok());
  Allow(topic(), "reader", {RD_KAFKA_ACL_OPERATION_WRITE});
  EXPECT_TRUE(AppendText(*log, "c").ok()) << "the right was given meanwhile";
}

// Whatever goes wrong, what is told never has the password.
TEST_F(KafkaSecurityTest, NoMessageHasAPassword) {
  MakeLog(plain_);
  Allow(topic(), "writer", kToWrite);
  std::vector<std::string> all;
  const std::string password = As("writer").properties.at("sasl.password");
  const std::vector<KafkaProperties> changes = {{},
                                                {{"sasl.username", "nobody"}},
                                                {{"sasl.mechanism", "SCRAM-SHA-512"}},
                                                {{"sasl.mechanism", "no such"}},
                                                {{"sasl.pasword", password}},
                                                {{"security.protocol", password}},
                                                {{"ssl.key.password", password}},
                                                {{"ssl.key.pem", password}},
                                                {{"debug", "all"}}};
  for (const KafkaProperties& change : changes) {
    KafkaSettings settings = As("writer");
    for (const auto& [name, value] : change) settings.properties[name] = value;
    testing::internal::CaptureStderr();
    const auto log = KafkaLog::Open(settings);
    all.push_back(log.status().ToString());
    if (log.ok()) all.push_back(AppendText(**log, "a").status().ToString());
    all.push_back(testing::internal::GetCapturedStderr());
  }
  const std::lock_guard lock(mutex_);
  all.insert(all.end(), told_.begin(), told_.end());
  EXPECT_THAT(all, Not(Contains(HasSubstr(password))));
}

}  // namespace
}  // namespace conntrail
