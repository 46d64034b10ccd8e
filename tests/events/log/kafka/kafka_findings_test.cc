#include "events/log/kafka/kafka_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conntrail {
namespace {

using testing::HasSubstr;

KafkaTopic GoodTopic() {
  KafkaTopic topic;
  topic.brokers = 3;
  topic.partitions.assign(4, {.leader = 1, .replicas = 3, .in_sync = 3, .begin = 0, .end = 17});
  for (const auto& [name, value] : SettingsForLog(3)) topic.settings[name] = value;
  return topic;
}

std::vector<std::string> NamesOf(const std::vector<KafkaFinding>& findings) {
  std::vector<std::string> names;
  for (const KafkaFinding& finding : findings) names.push_back(finding.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(KafkaFindings, NothingSpeaksAgainstATopicAsInitMakesIt) {
  EXPECT_THAT(FindingsIn(GoodTopic(), "audit"), testing::IsEmpty());
}

TEST(KafkaFindings, EachSettingThatEndangersRecordsIsOne) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"cleanup.policy", "compact", "compaction"},
      {"cleanup.policy", "compact,delete", "compaction"},
      {"cleanup.policy", "", "compaction"},
      {"retention.ms", "604800000", "retention"},
      {"retention.bytes", "1073741824", "retention"},
      {"unclean.leader.election.enable", "true", "unclean-election"},
      {"min.insync.replicas", "1", "in-sync"},
      {"message.timestamp.type", "CreateTime", "append-time"}};
  for (const auto& [setting, value, name] : cases) {
    KafkaTopic topic = GoodTopic();
    topic.settings[setting] = value;
    const auto findings = FindingsIn(topic, "audit");
    EXPECT_EQ(NamesOf(findings), Names{name}) << setting;
    EXPECT_THAT(findings[0].text, HasSubstr(setting));
    EXPECT_THAT(findings[0].text, HasSubstr("--alter --topic audit")) << "says what to do";
  }
}

TEST(KafkaFindings, AnUnfinishedCopyIsOneThatNobodyCanAccept) {
  KafkaTopic topic = GoodTopic();
  for (const auto& [name, value] : SettingsForCopy(3)) topic.settings[name] = value;
  const auto findings = FindingsIn(topic, "audit");
  EXPECT_EQ(NamesOf(findings), Names{kUnfinishedCopy});
  EXPECT_THAT(findings[0].text, HasSubstr("conntrail log copy"));
  EXPECT_EQ(NamesOf(Unaccepted(findings, {"all", "append-time"})), Names{kUnfinishedCopy});
  EXPECT_FALSE(IsFindingName(kUnfinishedCopy)) << "--unsafe does not know it";
}

TEST(KafkaFindings, ASettingThatTheBrokersDoNotTellIsOneToo) {
  KafkaTopic topic = GoodTopic();
  topic.settings.clear();
  EXPECT_EQ(NamesOf(FindingsIn(topic, "audit")),
            (Names{"compaction", "retention", "retention", "unclean-election", "in-sync",
                   "append-time"}));
}

TEST(KafkaFindings, OnePartitionWithTooFewReplicasIsEnough) {
  KafkaTopic topic = GoodTopic();
  topic.partitions[2].replicas = 2;
  EXPECT_EQ(NamesOf(FindingsIn(topic, "audit")), Names{"replication"});
}

TEST(KafkaFindings, DeletedRecordsAreNamedWithTheirPartition) {
  KafkaTopic topic = GoodTopic();
  topic.partitions[3].begin = 5;
  const auto findings = FindingsIn(topic, "audit");
  EXPECT_EQ(NamesOf(findings), Names{"deleted-records"});
  EXPECT_THAT(findings[0].text, HasSubstr("partition 3 begins at offset 5"));
}

TEST(KafkaFindings, OnlyWhatIsNamedIsAccepted) {
  KafkaTopic topic = GoodTopic();
  topic.settings["retention.ms"] = "1";
  topic.partitions[0].replicas = 1;
  const auto findings = FindingsIn(topic, "audit");
  EXPECT_EQ(NamesOf(Unaccepted(findings, {})), (Names{"retention", "replication"}));
  EXPECT_EQ(NamesOf(Unaccepted(findings, {"replication"})), Names{"retention"});
  EXPECT_EQ(NamesOf(Unaccepted(findings, {"compaction"})), (Names{"retention", "replication"}));
  EXPECT_THAT(Unaccepted(findings, {"all"}), testing::IsEmpty());
}

}  // namespace
}  // namespace conntrail
