#include "events/log/kafka/kafka_record.h"

#include <gtest/gtest.h>

namespace conntrail {
namespace {

const Uuid kLogId = *Uuid::Parse("018f2d3c-4b5a-7687-9798-a9bacbdcedfe");

TEST(KafkaRecord, AnOriginNamesItsLogAndItsPartition) {
  const std::string text = OriginText(kLogId, PartitionId(12));
  EXPECT_EQ(text, "conntrail log 1 018f2d3c-4b5a-7687-9798-a9bacbdcedfe partition 12");
  EXPECT_EQ(ParseOrigin(text, PartitionId(12)), kLogId);
}

TEST(KafkaRecord, WhatIsNotExactlyAnOriginIsNone) {
  const std::string text = OriginText(kLogId, PartitionId(1));
  EXPECT_EQ(ParseOrigin(text, PartitionId(2)), std::nullopt);
  EXPECT_EQ(ParseOrigin(text + " ", PartitionId(1)), std::nullopt);
  EXPECT_EQ(ParseOrigin(text + "1", PartitionId(1)), std::nullopt);
  for (size_t n = 0; n < text.size(); ++n) {
    EXPECT_EQ(ParseOrigin(text.substr(0, n), PartitionId(1)), std::nullopt) << n;
  }
  EXPECT_EQ(ParseOrigin("conntrail log 2" + text.substr(15), PartitionId(1)), std::nullopt);
}

TEST(KafkaRecord, TheFirstRecordStandsBehindTheOrigin) {
  EXPECT_EQ(ToKafka(Offset(0)), 1);
  EXPECT_EQ(FromKafka(1), Offset(0));
}

TEST(KafkaRecord, AKeyIsAnOrgAsBytesOrAsText) {
  const OrgId org{{0x0102030405060708, 0x090A0B0C0D0E0F10}};
  EXPECT_EQ(KeyBytes(org), "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10");
  EXPECT_EQ(ParseKey(KeyBytes(org)), org);
  EXPECT_EQ(ParseKey(org.ToString()), org);
}

TEST(KafkaRecord, AnyOtherKeyIsNoOrg) {
  for (const std::string key : {"", "acme", "01020304-0506-0708-090A-0B0C0D0E0F10"}) {
    EXPECT_EQ(ParseKey(key), OrgId{}) << key;
  }
  EXPECT_EQ(ParseKey(std::string(37, '1')), OrgId{});
}

}  // namespace
}  // namespace conntrail
