#include "services/api/fault.h"

#include <gtest/gtest.h>

namespace conntrail::api {
namespace {

TEST(ErrorResponse, OfAnActionsEndpointIsAListOfObjects) {
  const http::Response response = ErrorResponse(
      ErrorForm::kObjects,
      {.status = 404, .title = "Not Found", .detail = "no \"such\"", .pointer = "/data/id"});
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/vnd.api+json");
  EXPECT_EQ(response.body, R"({"errors":[{"detail":"no \"such\"","source":{"pointer":"/data/id"},)"
                           R"("status":"404","title":"Not Found"}]})");
}

TEST(ErrorResponse, OfOtherEndpointsIsAListOfTexts) {
  const http::Response response = ErrorResponse(
      ErrorForm::kTexts, {.status = 400, .detail = "is no time", .parameter = "filter[from]"});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"_({"errors":["is no time (parameter filter[from])"]})_");
}

TEST(ErrorResponse, OfADirectorysEndpointHasATypeOnlyIfThereIsOne) {
  const http::Response forbidden =
      ErrorResponse(ErrorForm::kScim, {.status = 403, .title = "Forbidden", .detail = "no"});
  EXPECT_EQ(forbidden.status, 403);
  EXPECT_EQ(forbidden.content_type, "application/scim+json");
  EXPECT_EQ(forbidden.body,
            R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"no",)"
            R"("status":"403"})");
  const http::Response taken =
      ErrorResponse(ErrorForm::kScim, {.status = 409, .title = "uniqueness", .detail = "no"});
  EXPECT_NE(taken.body.find(R"("scimType":"uniqueness")"), std::string::npos);
}

}  // namespace
}  // namespace conntrail::api
