#include "tests/conformance/event_log_conformance.h"
#include "tests/kafka/broker.h"

namespace conntrail {
namespace {

class KafkaLogFixture final : public EventLogFixture {
 public:
  explicit KafkaLogFixture(size_t partitions) : settings_(SettingsFor(NewTopicName())) {
    MakeLog(settings_, partitions);
    Reopen();
  }
  EventLog& log() override { return *log_; }
  bool Reopen() override {
    log_.reset();
    log_ = MustOpen(settings_);
    return true;
  }

 private:
  const KafkaSettings settings_;
  std::unique_ptr<KafkaLog> log_;
};

EventLogSubject Subject(std::string name, size_t partitions) {
  return {std::move(name), [=] { return std::make_unique<KafkaLogFixture>(partitions); }};
}

INSTANTIATE_TEST_SUITE_P(Logs, EventLogConformance,
                         testing::Values(Subject("Kafka", 1), Subject("KafkaOfThreePartitions", 3)),
                         SubjectName);

}  // namespace
}  // namespace conntrail
