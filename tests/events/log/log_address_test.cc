#include "events/log/log_address.h"

#include <gtest/gtest.h>

namespace conntrail {
namespace {

TEST(LogAddress, IsWrittenAsItIsRead) {
  for (const char* text : {"embedded", "kafka:127.0.0.1:9092/audit", "kafka:[::1]:9092/a",
                           "kafka:a.example:9092,b.example:9093/Audit_log-2.x"}) {
    const auto address = ParseLogAddress(text);
    ASSERT_TRUE(address.ok()) << address.status().ToString();
    EXPECT_EQ(address->ToString(), text);
  }
  EXPECT_FALSE(ParseLogAddress("embedded")->is_kafka());
  const LogAddress kafka = *ParseLogAddress("kafka:a:1,b:2/t");
  EXPECT_EQ(kafka.bootstrap, "a:1,b:2");
  EXPECT_EQ(kafka.topic, "t");
}

TEST(LogAddress, ThatIsWrongIsRefusedWithTheForm) {
  for (const std::string text :
       {"", "Embedded", "kafka", "kafka:", "kafka:host:1", "kafka:host:1/", "kafka:host/t",
        "kafka::1/t", "kafka:host:/t", "kafka:host:port/t", "kafka:a:1,/t", "kafka:a:1,,b:2/t",
        "kafka:a:123456/t", "kafka:a:1/t/u", "kafka:a:1/..", "kafka:a:1/a b", "kafka:a b:1/t",
        "kafka:a:1/\xC3\xA4"}) {
    const Status refused = ParseLogAddress(text).status();
    EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument) << text;
    EXPECT_NE(refused.message().find("kafka:HOST:PORT"), std::string::npos);
  }
  EXPECT_TRUE(ParseLogAddress("kafka:a:1/" + std::string(249, 't')).ok());
  EXPECT_FALSE(ParseLogAddress("kafka:a:1/" + std::string(250, 't')).ok());
}

}  // namespace
}  // namespace conntrail
