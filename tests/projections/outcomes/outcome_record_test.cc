#include "projections/outcomes/outcome_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/base/sha256.h"

namespace conntrail {
namespace {

// What is denied to somebody, with a number in each field that stands nowhere else.
FoldedRecord Denied() {
  FoldedRecord folded;
  folded.offset = Offset(77);
  folded.org = {Uuid{0x0102030405060708, 0x090a0b0c0d0e0f10}};
  folded.line.place = {1471559001234, OrgIndex(300)};
  folded.line.verdict = Verdict::kDenied;
  folded.line.type = EventType::kConnectionDeleted;
  folded.line.reason = Reason::kEditorRequired;
  folded.line.marks = mark::kLate;
  folded.line.revision = Revision(5);
  folded.slot = 9;
  folded.rules = RulesVersion(1);
  return folded;
}

// The same bytes for ever: others have stored them, and compute hashes over them.
TEST(OutcomeRecord, HasTheBytesThatItHadInItsFirstVersion) {
  const std::string bytes = EncodeOutcome(Denied(), AsBytes("event"));
  EXPECT_EQ(ToHex(AsBytes(bytes)),
            "01"
            "03"
            "0002"
            "0102030405060708090a0b0c0d0e0f10"
            "000000000000012c"
            "ffffffffffffffff"
            "01"
            "03"
            "001a"
            "00000001"
            "000001569fc06492"
            "0000000000000005"
            "00000009"
            "6576656e74");
}

TEST(OutcomeRecord, IsReadAsItWasWritten) {
  FoldedRecord folded = Denied();
  folded.first = OrgIndex(12);
  folded.slot.reset();
  const std::string bytes = EncodeOutcome(folded, AsBytes("event"));
  const auto record = DecodeOutcome(bytes);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->org, folded.org);
  EXPECT_EQ(record->index, OrgIndex(300));
  EXPECT_EQ(record->effective_time_ms, 1471559001234);
  EXPECT_EQ(record->type, EventType::kConnectionDeleted);
  EXPECT_EQ(record->verdict, Verdict::kDenied);
  EXPECT_EQ(record->reason, Reason::kEditorRequired);
  EXPECT_EQ(record->marks, mark::kLate);
  EXPECT_EQ(record->revision, Revision(5));
  EXPECT_EQ(record->first, OrgIndex(12));
  EXPECT_EQ(record->slot, std::nullopt);
  EXPECT_EQ(record->rules, RulesVersion(1));
  EXPECT_TRUE(record->is_whole);
  EXPECT_EQ(record->content, "event");
}

TEST(OutcomeRecord, DoesNotKnowWhereOnTheLogItsRecordStands) {
  FoldedRecord elsewhere = Denied();
  elsewhere.offset = Offset(123456);
  EXPECT_EQ(EncodeOutcome(elsewhere, AsBytes("event")), EncodeOutcome(Denied(), AsBytes("event")));
}

TEST(OutcomeRecord, HasLengthAndHashOfWhatIsTooLargeForARecord) {
  const std::string largest(kRecordBytesMax, 'x');
  const std::string bytes = EncodeOutcome(Denied(), AsBytes(largest));
  EXPECT_EQ(DecodeOutcome(bytes)->content, largest);

  const std::string larger(kRecordBytesMax + 1, 'x');
  const std::string hashed = EncodeOutcome(Denied(), AsBytes(larger));
  const auto record = DecodeOutcome(hashed);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_FALSE(record->is_whole);
  EXPECT_EQ(ReadBigEndian(record->content.substr(0, 8)), larger.size());
  const auto hash = Sha256(AsBytes(larger));
  EXPECT_EQ(record->content.substr(8), AsText(std::as_bytes(std::span(hash))));
}

TEST(OutcomeRecord, OfOtherBytesIsRefused) {
  const std::string bytes = EncodeOutcome(Denied(), AsBytes("event"));
  for (const size_t length : {size_t{0}, size_t{1}, kOutcomeHeadBytes - 1}) {
    EXPECT_EQ(DecodeOutcome(bytes.substr(0, length)).status().code(), StatusCode::kCorruption);
  }
  const std::pair<size_t, char> wrong[] = {{0, 0}, {0, 2}, {0, 3}, {1, 31}, {36, 2}, {37, 10}};
  for (const auto& [at, value] : wrong) {
    std::string other = bytes;
    other[at] = value;
    EXPECT_EQ(DecodeOutcome(other).status().code(), StatusCode::kCorruption) << at;
  }
}

TEST(OutcomeRecord, HasHeadersThatTellWithoutReadingIt) {
  const std::string bytes = EncodeOutcome(Denied(), AsBytes("event"));
  const std::string source = OutcomeSource("audit", PartitionId(3));
  using Header = std::pair<std::string_view, std::string>;
  EXPECT_THAT(HeadersOf(*DecodeOutcome(bytes), source),
              testing::ElementsAre(
                  Header("content-type", "application/vnd.conntrail.outcome"),
                  Header("ce_specversion", "1.0"), Header("ce_type", "conntrail.outcome.v1"),
                  Header("ce_source", "/conntrail/audit/3"),
                  Header("ce_id", "01020304-0506-0708-090a-0b0c0d0e0f10/300"),
                  Header("ce_time", "2016-08-18T22:23:21.234Z"), Header("ce_verdict", "denied"),
                  Header("ce_reason", ReasonName(Reason::kEditorRequired)),
                  Header("ce_eventtype", "connection.deleted")));
  FoldedRecord plain = Denied();
  plain.line.reason = Reason::kNone;
  plain.line.type = EventType::kNone;
  const std::string other = EncodeOutcome(plain, AsBytes("event"));
  for (const auto& [name, value] : HeadersOf(*DecodeOutcome(other), source)) {
    EXPECT_NE(name, "ce_reason");
    EXPECT_NE(name, "ce_eventtype");
  }
}

}  // namespace
}  // namespace conntrail
