#include "events/producer/outbox_format.h"

#include <gtest/gtest.h>

#include "events/log/event_log.h"
#include "tests/support/names.h"

namespace conntrail {
namespace {

constexpr char kProducer[] = "platform/0190a5c0-0000-7000-8000-000000000001";

TEST(OutboxFormat, HeadsCarryAllNumbersHoweverManyOrgsThereAre) {
  for (const size_t orgs : {0u, 1u, 900u, 901u, 5000u}) {
    LastNumbers numbers;
    for (size_t i = 0; i < orgs; ++i) numbers[OrgNamed(std::to_string(i))] = UINT64_MAX - i;
    const std::vector<std::string> heads = HeadTexts(kProducer, numbers);
    LastNumbers read;
    for (size_t i = 0; i < heads.size(); ++i) {
      EXPECT_LE(heads[i].size(), kRecordBytesMax);
      const auto head = ParseHead(heads[i]);
      ASSERT_TRUE(head) << heads[i].substr(0, 100);
      EXPECT_EQ(head->producer, kProducer);
      EXPECT_EQ(head->index, i + 1);
      EXPECT_EQ(head->count, heads.size());
      read.insert(head->numbers.begin(), head->numbers.end());
    }
    EXPECT_EQ(read, numbers);
  }
}

TEST(OutboxFormat, AHeadThatWasCutOrChangedIsNone) {
  const std::string whole = HeadTexts(kProducer, {{Acme(), 7}}).front();
  EXPECT_EQ(ParseHead(whole)->numbers, (LastNumbers{{Acme(), 7}}));
  size_t accepted = 0;
  for (size_t n = 0; n < whole.size(); ++n) accepted += ParseHead(whole.substr(0, n)) ? 1 : 0;
  EXPECT_EQ(accepted, 1u) << "only where the line of the org is missing whole";
  EXPECT_FALSE(ParseHead(whole + "x"));
  EXPECT_FALSE(ParseHead("conntrail outbox 2" + whole.substr(18)));
}

TEST(OutboxFormat, ProgressIsReadAsItWasWritten) {
  const OutboxProgress progress{IdNamed("log"), {3, Offset(UINT64_MAX)}};
  const std::string text = ProgressText(progress);
  EXPECT_EQ(ParseProgress(text), progress);
  for (size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(ParseProgress(text.substr(0, n))) << n;
  EXPECT_FALSE(ParseProgress(text + "\n"));
}

TEST(OutboxFormat, NamesOfPartsSortAsTheirNumbers) {
  EXPECT_EQ(PartName(7), "00000000000000000007.part");
  EXPECT_EQ(ParsePartName(PartName(UINT64_MAX)), UINT64_MAX);
  EXPECT_FALSE(ParsePartName("7.part"));
  EXPECT_FALSE(ParsePartName("0000000000000000000a.part"));
  EXPECT_FALSE(ParsePartName("00000000000000000007.part.removed"));
}

}  // namespace
}  // namespace conntrail
