#include "events/log/memory_log.h"
#include "tests/conformance/event_log_conformance.h"
#include "tests/events/log/log_directory_for_test.h"

namespace conntrail {
namespace {

class MemoryLogFixture final : public EventLogFixture {
 public:
  explicit MemoryLogFixture(uint16_t partitions) : log_(partitions, clock) {}
  EventLog& log() override { return log_; }

 private:
  MemoryLog log_;
};

class EmbeddedLogFixture final : public EventLogFixture {
 public:
  explicit EmbeddedLogFixture(uint64_t segment_bytes_max) : segment_bytes_max_(segment_bytes_max) {
    Reopen();
  }
  EventLog& log() override { return *log_; }
  bool Reopen() override {
    log_.reset();
    log_ = directory_.MustOpen({.clock = &clock, .segment_bytes_max = segment_bytes_max_});
    return true;
  }

 private:
  const uint64_t segment_bytes_max_;
  EmbeddedLogDirectory directory_;
  std::unique_ptr<EmbeddedLog> log_;
};

template <typename Fixture, typename... Args>
EventLogSubject Subject(std::string name, Args... args) {
  return {std::move(name), [=] { return std::make_unique<Fixture>(args...); }};
}

INSTANTIATE_TEST_SUITE_P(
    Logs, EventLogConformance,
    testing::Values(Subject<MemoryLogFixture>("Memory", uint16_t{1}),
                    Subject<MemoryLogFixture>("MemoryOfThreePartitions", uint16_t{3}),
                    Subject<EmbeddedLogFixture>("Embedded", uint64_t{64} << 20),
                    Subject<EmbeddedLogFixture>("EmbeddedOfSmallSegments", uint64_t{700})),
    SubjectName);

}  // namespace
}  // namespace conntrail
