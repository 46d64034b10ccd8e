// A broker's disk that gives other bytes than were written to it.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/events/log/log_directory_for_test.h"
#include "tests/kafka/broker.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr PartitionId kPartition{0};

class KafkaDiskTest : public testing::Test {
 protected:
  KafkaDiskTest() {
    settings_.check_every = milliseconds(300);
    settings_.diagnostics = [this](const std::string& message) {
      const std::lock_guard lock(mutex_);
      told_ += message + "\n";
    };
    MakeLog(settings_);
    log_ = MustOpen(settings_);
    for (const std::string text : {"first", "second", "third"}) {
      EXPECT_TRUE(AppendText(*log_, text + Marked(text)).ok());
    }
  }
  // Easy to find in a file: long enough to be there once, too short to be worth compression.
  static std::string Marked(const std::string& text) { return " record of the disk test: " + text; }

  // Stops the broker and flips one bit of `text`, which must stand in the segment once.
  void Damage(const std::string& text) {
    ASSERT_TRUE(KafkaLocal({"stop"}));
    const fs::path segment = fs::path(std::getenv("KAFKA_LOCAL_DIR")) / "node1" / "data" /
                             (settings_.address.topic + "-0") / "00000000000000000000.log";
    std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const size_t at = bytes.find(text);
    ASSERT_NE(at, std::string::npos) << segment;
    ASSERT_EQ(bytes.find(text, at + 1), std::string::npos);
    file.clear();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(bytes[at] ^ 1));
    file.close();
    ASSERT_TRUE(KafkaLocal({"restart", "1"}));
  }
  std::string told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

  KafkaSettings settings_ = SettingsFor(NewTopicName());
  std::unique_ptr<KafkaLog> log_;
  std::mutex mutex_;
  std::string told_;
};

TEST_F(KafkaDiskTest, ARecordThatIsDamagedIsNeverGivenAndHaltsWithItsPlace) {
  log_.reset();
  Damage(Marked("second"));
  log_ = MustOpen(settings_);
  ASSERT_NE(log_, nullptr);
  Offset at(0);
  Status status;
  std::vector<std::string> seen;
  for (int i = 0; i < 10 && status.ok(); ++i) {
    const auto batch = log_->Read(kPartition, at, 1);
    status = batch.status();
    if (!batch.ok()) break;
    seen.emplace_back(AsText(batch->records.front().payload));
    at = at.Next();
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"first" + Marked("first")}));
  EXPECT_EQ(status.code(), StatusCode::kCorruption) << status.ToString();
  EXPECT_THAT(status.message(), HasSubstr("record 1 "));
  EXPECT_THAT(status.message(), HasSubstr("partition 0 of " + settings_.address.topic));
  EXPECT_THAT(status.message(), HasSubstr("restore it from another replica"));
  EXPECT_THAT(status.message(), Not(HasSubstr("\n")));
  EXPECT_EQ(log_->halted(kPartition).message(), status.message());
  EXPECT_THAT(told(), HasSubstr("halted: "));
  EXPECT_EQ(AppendText(*log_, "late").status().code(), StatusCode::kFailedPrecondition);
}

// Nobody reads that record again but the check of the last one that was read.
TEST_F(KafkaDiskTest, ARecordThatIsDamagedAfterItWasReadHaltsToo) {
  ASSERT_EQ(ReadTexts(*log_)->size(), 3u);
  Damage(Marked("third"));
  for (int i = 0; i < 300 && log_->halted(kPartition).ok(); ++i) {
    std::this_thread::sleep_for(milliseconds(100));
  }
  const Status halted = log_->halted(kPartition);
  EXPECT_EQ(halted.code(), StatusCode::kCorruption) << told();
  EXPECT_THAT(halted.message(), HasSubstr("restore it from another replica"));
}

TEST_F(KafkaDiskTest, AnOriginThatIsDamagedRefusesTheLog) {
  const std::string id = log_->log_id().ToString();
  log_.reset();
  Damage(id);
  const Status refused = KafkaLog::Open(settings_).status();
  EXPECT_EQ(refused.code(), StatusCode::kCorruption) << refused.ToString();
  EXPECT_THAT(refused.message(), HasSubstr(settings_.address.topic));
}

}  // namespace
}  // namespace conntrail
