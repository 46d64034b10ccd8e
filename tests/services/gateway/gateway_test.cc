#include "services/gateway/gateway.h"

#include <future>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include "events/event_codec.h"
#include "events/log/memory_log.h"
#include "projections/store/memory_store.h"
#include "tests/support/event_builder.h"
#include "tests/support/faulty_log.h"

namespace conntrail {
namespace {

namespace asio = boost::asio;
using Fate = Submission::Fate;

constexpr PartitionId kPartition{0};
const OrgId kOrg{{1, 1}};

Event OpenOrg() {
  Event event;
  event.id = {Uuid{9, 9}};
  event.org = kOrg;
  event.authority = Authority::kLog;
  event.action = OrgOpened{"main"};
  return event;
}

Event Create(uint64_t number) {
  Event event;
  event.id = {Uuid{77, number}};
  event.org = kOrg;
  event.authority = Authority::kIntent;
  event.actor = {.principal = Principal{PrincipalKind::kUser, {5, 5}}, .kind = ActorKind::kPerson};
  event.rights = right::kConnectionsWrite;
  event.action = ConnectionCreated{.connection = {Uuid{3, number}},
                                   .fields = {{"name", "c" + std::to_string(number)}}};
  return event;
}

class GatewayTest : public testing::Test {
 protected:
  explicit GatewayTest(Gateway::Options options = {}) {
    gateway_ = std::make_unique<Gateway>(io_, log_, store_, *projector_, options);
  }

  std::vector<Submission> Submit(std::vector<Event> events) {
    std::vector<Submission> submissions;
    std::vector<EncodedEvent> encoded;
    for (const Event& event : events) encoded.push_back(EncodedEvent::Of(event));
    asio::co_spawn(
        io_, gateway_->SubmitAll(std::move(encoded)),
        [&](std::exception_ptr, std::vector<Submission> done) { submissions = std::move(done); });
    io_.restart();
    io_.run();
    return submissions;
  }
  Submission SubmitOne(Event event) { return Submit({std::move(event)}).front(); }
  size_t Rows() const {
    size_t rows = 0;
    const auto snapshot = gateway_->Snapshot();
    const auto at = snapshot->NewIterator(Family::kTrail);
    for (at->Seek(""); at->Valid(); at->Next()) ++rows;
    return rows;
  }

  asio::io_context io_;
  MemoryLog inner_{1, Clock::System()};
  FaultyLog log_{inner_};
  MemoryStore store_;
  std::unique_ptr<Projector> projector_ = Projector::Open(log_, store_, kPartition, {}).value();
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(GatewayTest, ASubmittedEventIsDecidedAndVisible) {
  gateway_->Start();
  ASSERT_EQ(SubmitOne(OpenOrg()).fate, Fate::kDecided);
  const Submission created = SubmitOne(Create(1));
  ASSERT_EQ(created.fate, Fate::kDecided);
  EXPECT_EQ(created.record.line.verdict, Verdict::kApplied);
  EXPECT_EQ(created.record.line.event, (EventId{Uuid{77, 1}}));
  EXPECT_EQ(created.record.line.place.index, OrgIndex(1));
  EXPECT_EQ(Rows(), 2);
  EXPECT_EQ(gateway_->applied(), Offset(2));
  EXPECT_EQ(gateway_->log_end(), Offset(2));

  const Submission again = SubmitOne(Create(1));
  EXPECT_EQ(again.record.line.verdict, Verdict::kDuplicate);
  EXPECT_EQ(gateway_->waiting(), 0);
}

TEST_F(GatewayTest, TwoThousandWaitOnOneThread) {
  gateway_->Start();
  ASSERT_EQ(SubmitOne(OpenOrg()).fate, Fate::kDecided);
  size_t decided = 0;
  for (uint64_t i = 0; i < 2000; ++i) {
    asio::co_spawn(io_, gateway_->Submit(Create(i)), [&](std::exception_ptr, Submission done) {
      decided += done.fate == Fate::kDecided && done.record.line.verdict == Verdict::kApplied;
    });
  }
  io_.restart();
  io_.run();
  EXPECT_EQ(decided, 2000);
  EXPECT_EQ(Rows(), 2001);
}

TEST_F(GatewayTest, StopDecidesWhatIsWaitingAndTurnsAwayWhatComesLater) {
  gateway_->Start();
  ASSERT_EQ(SubmitOne(OpenOrg()).fate, Fate::kDecided);
  size_t decided = 0;
  for (uint64_t i = 0; i < 500; ++i) {
    asio::co_spawn(io_, gateway_->Submit(Create(i)), [&](std::exception_ptr, Submission done) {
      decided += done.fate == Fate::kDecided;
    });
  }
  io_.restart();
  io_.poll();  // all are submitted
  gateway_->Stop();
  io_.run();
  EXPECT_EQ(decided, 500);
  const Submission late = SubmitOne(Create(1000));
  EXPECT_EQ(late.fate, Fate::kTurnedAway);
  EXPECT_NE(late.detail.find("going down"), std::string::npos);
  EXPECT_EQ(inner_.End(kPartition).value(), Offset(501));
}

TEST_F(GatewayTest, WhatTheLogDoesNotAcknowledgeIsUnknown) {
  gateway_->Start();
  ASSERT_EQ(SubmitOne(OpenOrg()).fate, Fate::kDecided);
  log_.FailNext(AppendFault::kLost);
  const Submission lost = SubmitOne(Create(1));
  EXPECT_EQ(lost.fate, Fate::kUnknown);
  EXPECT_FALSE(lost.detail.empty());
  EXPECT_EQ(inner_.End(kPartition).value(), Offset(1));

  // Kept, but reported lost: the decision comes all the same, now or to whoever asks later.
  log_.FailNext(AppendFault::kKept);
  const Submission kept = SubmitOne(Create(2));
  EXPECT_NE(kept.fate, Fate::kTurnedAway);
  const Submission again = SubmitOne(Create(2));
  ASSERT_EQ(again.fate, Fate::kDecided);
  EXPECT_EQ(gateway_->waiting(), 0);
}

class GatewayWithLimits : public GatewayTest {
 protected:
  GatewayWithLimits()
      : GatewayTest({.decision_wait_max = std::chrono::milliseconds(50), .waiting_max = 3}) {}
};

TEST_F(GatewayWithLimits, TooManyAreTurnedAwayAndNotAppended) {
  gateway_->Start();
  ASSERT_EQ(SubmitOne(OpenOrg()).fate, Fate::kDecided);
  const auto submissions = Submit({Create(1), Create(2), Create(3), Create(4)});
  for (const Submission& submission : submissions) EXPECT_EQ(submission.fate, Fate::kTurnedAway);
  EXPECT_EQ(inner_.End(kPartition).value(), Offset(1));
  EXPECT_EQ(Submit({Create(1), Create(2), Create(3)})[2].fate, Fate::kDecided);
}

TEST_F(GatewayWithLimits, WhatIsNotDecidedInTimeIsUnknownAndForgotten) {
  // Nothing has been started, so nothing is appended.
  const Submission submission = SubmitOne(Create(1));
  EXPECT_EQ(submission.fate, Fate::kUnknown);
  EXPECT_EQ(gateway_->waiting(), 0);
}

class GatewayWithoutPatience : public GatewayTest {
 protected:
  GatewayWithoutPatience() : GatewayTest({.lag_max = std::chrono::milliseconds(30)}) {}
};

TEST_F(GatewayWithoutPatience, WhileDecisionsLagNothingMoreIsTaken) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  gateway_->AddListener([released](const std::vector<FoldedRecord>&) { released.wait(); });
  gateway_->Start();
  // Somebody else's record, whose decision takes its time.
  ASSERT_TRUE(log_.Append(kPartition, kOrg, EncodeEvent(OpenOrg())).ok());
  while (gateway_->Lag() <= std::chrono::milliseconds(30)) std::this_thread::yield();
  const Submission late = SubmitOne(Create(1));
  EXPECT_EQ(late.fate, Fate::kTurnedAway);
  EXPECT_NE(late.detail.find("lags behind"), std::string::npos) << late.detail;
  EXPECT_EQ(inner_.End(kPartition).value(), Offset(1)) << "it was appended all the same";
  release.set_value();
  while (gateway_->Lag() > std::chrono::milliseconds(0)) std::this_thread::yield();
  EXPECT_EQ(SubmitOne(Create(1)).fate, Fate::kDecided);
}

TEST_F(GatewayTest, ListenersHearOfEachRecordOnceAndInOrder) {
  std::vector<uint64_t> heard;
  gateway_->AddListener([&](const std::vector<FoldedRecord>& folded) {
    for (const FoldedRecord& record : folded) heard.push_back(record.offset.value);
  });
  gateway_->Start();
  ASSERT_EQ(SubmitOne(OpenOrg()).fate, Fate::kDecided);
  for (uint64_t i = 0; i < 20; ++i) ASSERT_EQ(SubmitOne(Create(i)).fate, Fate::kDecided);
  gateway_->Stop();
  ASSERT_EQ(heard.size(), 21);
  for (size_t i = 0; i < heard.size(); ++i) EXPECT_EQ(heard[i], i);
}

}  // namespace
}  // namespace conntrail
