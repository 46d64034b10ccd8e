#include <gtest/gtest.h>

#include "services/api/decision.h"
#include "services/api/json_answer.h"

namespace conntrail::api {
namespace {

// A request of somebody known, as the endpoints see it.
class Requests : public testing::Test {
 protected:
  Call NewCall() { return Call{service_, request_, path_, Caller{}}; }

  Service service_{Service::Parts{}};
  http::Request request_;
  http::PathParameters path_;
};

TEST_F(Requests, WithoutIfMatchExpectNoRevision) {
  const Parsed<Event> event = NewIntent(NewCall(), ConnectionSuspended{});
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(event->expected_revision, std::nullopt);
  EXPECT_EQ(event->idempotency_key, "");
}

TEST_F(Requests, WithAnEtagExpectItsRevision) {
  request_.headers = {{"if-match", "\"3\""}};
  const Parsed<Event> event = NewIntent(NewCall(), ConnectionSuspended{});
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(event->expected_revision, Revision(3));
}

TEST_F(Requests, WithAConditionThatIsEmptyAreRefused) {
  request_.headers = {{"if-match", ""}};
  const Parsed<Event> event = NewIntent(NewCall(), ConnectionSuspended{});
  ASSERT_FALSE(event.ok());
  EXPECT_EQ(event.fault().header, "If-Match");
}

TEST_F(Requests, WithAnIdempotencyKeyThatIsEmptyAreRefused) {
  request_.headers = {{"idempotency-key", ""}};
  const Parsed<Event> event = NewIntent(NewCall(), ConnectionSuspended{});
  ASSERT_FALSE(event.ok());
  EXPECT_EQ(event.fault().header, "Idempotency-Key");
}

TEST_F(Requests, SayFlagsInTwoWordsOnly) {
  EXPECT_FALSE(*FlagParameter(NewCall(), "states", false));
  request_.query = {{"states", "true"}};
  EXPECT_TRUE(*FlagParameter(NewCall(), "states", false));
  request_.query = {{"states", "yes"}};
  const Parsed<bool> flag = FlagParameter(NewCall(), "states", false);
  ASSERT_FALSE(flag.ok());
  EXPECT_EQ(flag.fault().status, 400);
  EXPECT_EQ(flag.fault().parameter, "states");
}

}  // namespace
}  // namespace conntrail::api
