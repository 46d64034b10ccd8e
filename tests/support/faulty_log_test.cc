#include "tests/support/faulty_log.h"

#include <gtest/gtest.h>

#include "events/log/memory_log.h"
#include "tests/conformance/event_log_conformance.h"

namespace conntrail {
namespace {

class FaultyLogFixture final : public EventLogFixture {
 public:
  EventLog& log() override { return log_; }

 private:
  MemoryLog memory_{1, clock};
  FaultyLog log_{memory_};
};
INSTANTIATE_TEST_SUITE_P(Faulty, EventLogConformance,
                         testing::Values(EventLogSubject{
                             "Faulty", [] { return std::make_unique<FaultyLogFixture>(); }}),
                         SubjectName);

std::string Contents(EventLog& log) {
  std::string contents;
  const auto read = log.Read(PartitionId(0), Offset(0), 1 << 20);
  for (const LogRecord& record : read->records) contents += AsText(record.payload);
  return contents;
}

TEST(FaultyLog, AFailedAppendIsLostKeptOrInDoubtAsTold) {
  SetClock clock;
  MemoryLog memory(1, clock);
  FaultyLog log(memory);
  const auto append = [&](std::string_view text, AppendFault fault) {
    log.FailNext(fault);
    const bool ok = log.Append(PartitionId(0), {}, AsBytes(text)).ok();
    EXPECT_EQ(ok, fault == AppendFault::kNone);
    return Contents(log);
  };
  EXPECT_EQ(append("a", AppendFault::kNone), "a");
  EXPECT_EQ(append("b", AppendFault::kLost), "a");
  EXPECT_EQ(append("c", AppendFault::kKept), "ac");
  EXPECT_EQ(append("d", AppendFault::kInDoubt), "ac");
  EXPECT_EQ(append("e", AppendFault::kNone), "acde") << "in order";
  append("f", AppendFault::kInDoubt);
  append("g", AppendFault::kInDoubt);
  log.Crash(1);
  EXPECT_EQ(Contents(log), "acdef");
  EXPECT_EQ(append("h", AppendFault::kNone), "acdefh");
}

}  // namespace
}  // namespace conntrail
