#include "projections/log_choice.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/log/closed_mark.h"
#include "tests/projections/store/scratch_dir.h"

namespace conntrail {
namespace {

using testing::HasSubstr;

constexpr const char* kNobody = "kafka:127.0.0.1:1/audit";

class LogChoiceTest : public testing::Test {
 protected:
  Result<OpenedLog> Open(const LogChoice& choice) {
    return OpenLog((scratch_ / "log").string(), choice, Clock::System(), nullptr);
  }
  void Remember(std::string_view text) {
    std::filesystem::create_directories(scratch_ / "log");
    std::ofstream(scratch_ / "log" / "kafka", std::ios::binary) << text;
  }

  ScratchDir scratch_;
};

TEST_F(LogChoiceTest, ANewDirectoryGetsAnEmbeddedLogAndKeepsIt) {
  const Uuid id = Open({})->log->log_id();
  EXPECT_EQ(Open({.log = "embedded"})->log->log_id(), id);
  const Status refused = Open({.log = kNobody}).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(), HasSubstr("is an embedded log"));
}

TEST_F(LogChoiceTest, ADirectoryOfATopicRefusesAnEmbeddedLogWithoutAskingAnybody) {
  Remember(std::string("conntrail kafka log 1\n01a20a24-566f-7eab-853d-d897cbda6150\n") + kNobody +
           "\n");
  const Status refused = Open({.log = "embedded"}).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(), HasSubstr("01a20a24-566f-7eab-853d-d897cbda6150"));
  EXPECT_THAT(refused.message(), HasSubstr(kNobody));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "log" / "log.id")) << "no second log was made";
}

TEST_F(LogChoiceTest, AnEmbeddedLogThatMovedIsNotOpenedAndItsTopicIsAsked) {
  ASSERT_TRUE(Open({}).ok());
  const std::string directory = (scratch_ / "log").string();
  ASSERT_TRUE(WriteClosedMark(directory, {ClosedMark::Why::kMoved, kNobody}).ok());
  EXPECT_THAT(Open({}).status().message(), HasSubstr("--log kafka:127.0.0.1:1/audit"));
  ASSERT_TRUE(WriteClosedMark(directory, {ClosedMark::Why::kUnfinished, kNobody}).ok());
  EXPECT_THAT(Open({.log = kNobody}).status().message(), HasSubstr("unfinished copy"))
      << "half a log is no beginning of another";
}

TEST_F(LogChoiceTest, OutcomesOfAnEmbeddedLogHaveNowhereToGo) {
  const Status refused = Open({.outcomes = "true"}).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(), HasSubstr("this one is embedded"));
  EXPECT_TRUE(Open({.outcomes = "false"}).ok());
  EXPECT_EQ(Open({})->outcomes, nullptr);
}

TEST_F(LogChoiceTest, ATopicThatIsForgottenTakesItsOutcomesWithIt) {
  Remember("conntrail kafka log 1\n");
  std::ofstream(scratch_ / "log" / "outcomes") << "conntrail outcomes 1\n";
  const std::string directory = (scratch_ / "log").string();
  EXPECT_EQ(ForgetTopic(directory).ToString(), "ok");
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "log" / "kafka"));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "log" / "outcomes"));
  EXPECT_EQ(ForgetTopic(directory).ToString(), "ok") << "again";
}

TEST_F(LogChoiceTest, AMemoryThatIsNoneIsDamage) {
  for (const char* text :
       {"", "conntrail kafka log 1\n", "conntrail kafka log 2\n1\nkafka:a:1/t\n",
        "conntrail kafka log 1\n01a20a24-566f-7eab-853d-d897cbda6150\nembedded\n"}) {
    Remember(text);
    EXPECT_EQ(Open({}).status().code(), StatusCode::kCorruption) << text;
  }
}

TEST_F(LogChoiceTest, WordsThatAreWrongAreRefusedBeforeAnythingIsMade) {
  EXPECT_EQ(Open({.log = "redis:x"}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(KafkaSettingsOf({.log = "embedded"}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(KafkaSettingsOf({.log = kNobody, .unsafe = "nothing"}).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(
      KafkaSettingsOf({.log = kNobody, .kafka_properties = "/does/not/exist"}).status().code(),
      StatusCode::kIo);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "log" / "log.id"));
}

}  // namespace
}  // namespace conntrail
