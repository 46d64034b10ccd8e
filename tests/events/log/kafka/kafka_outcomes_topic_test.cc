#include "events/log/kafka/kafka_outcomes_topic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conntrail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

KafkaTopic GoodTopic() {
  KafkaTopic topic;
  topic.partitions.resize(3);
  topic.settings = {{"cleanup.policy", "delete"},
                    {"max.message.bytes", "1048588"},
                    {"retention.ms", "604800000"}};
  return topic;
}

TEST(KafkaOutcomesTopic, StandsBesideItsLog) {
  EXPECT_EQ(OutcomesTopicOf("audit"), "audit.outcomes");
}

TEST(KafkaOutcomesTopic, MayKeepItsRecordsAsLongAsItsOwnerWants) {
  EXPECT_THAT(FaultsAsOutcomesTopic(GoodTopic(), 3), IsEmpty());
}

TEST(KafkaOutcomesTopic, OfAnotherShapeCannotBeWritten) {
  EXPECT_THAT(FaultsAsOutcomesTopic(GoodTopic(), 2),
              ElementsAre(HasSubstr("3 partitions, and the log has 2")));
}

TEST(KafkaOutcomesTopic, IsNotCompactedForThereAreManyRecordsOfOneKey) {
  for (const char* policy : {"compact", "compact,delete", ""}) {
    KafkaTopic topic = GoodTopic();
    topic.settings["cleanup.policy"] = policy;
    EXPECT_THAT(FaultsAsOutcomesTopic(topic, 3), ElementsAre(HasSubstr("cleanup.policy")));
  }
}

TEST(KafkaOutcomesTopic, TakesBatchesAsLargeAsTheyAreMade) {
  for (const char* bytes : {"1000000", "1048575", ""}) {
    KafkaTopic topic = GoodTopic();
    topic.settings["max.message.bytes"] = bytes;
    EXPECT_THAT(FaultsAsOutcomesTopic(topic, 3), ElementsAre(HasSubstr("max.message.bytes")));
  }
}

}  // namespace
}  // namespace conntrail
