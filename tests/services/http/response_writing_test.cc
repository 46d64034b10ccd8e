#include "services/http/response_writing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conntrail::http {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

std::string Head(const Response& response, const Surroundings& around) {
  std::string out;
  AppendHead(response, around, out);
  return out;
}

TEST(ResponseWriting, AHeadHasWhatAClientNeeds) {
  Response response;
  response.status = 404;
  response.content_type = "application/json";
  response.body = "{}";
  response.headers.push_back({"ETag", "\"1\""});

  EXPECT_EQ(Head(response, {.date = "now", .request_id = "id"}),
            "HTTP/1.1 404 Not Found\r\nDate: now\r\nX-Request-Id: id\r\nContent-Type: "
            "application/json\r\nETag: \"1\"\r\nContent-Length: 2\r\n\r\n");
}

TEST(ResponseWriting, NoValueEndsItsHeader) {
  Response response;
  response.content_type = "a\nB: c";
  response.headers.push_back({"Location", std::string("/x\r\nSet-Cookie: y\0", 18)});

  const std::string head = Head(response, {});
  EXPECT_THAT(head, HasSubstr("Location: /x__Set-Cookie: y_\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Type: a_B: c\r\n"));
}

TEST(ResponseWriting, TheEndOfTheBodyIsToldInOneWay) {
  Response response;
  response.body = "x";
  const std::string length = Head(response, {});
  EXPECT_THAT(length, HasSubstr("Content-Length: 1\r\n"));
  EXPECT_THAT(length, Not(HasSubstr("Transfer-Encoding")));
  const std::string chunks = Head(response, {.delimiting = Delimiting::kChunks});
  EXPECT_THAT(chunks, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(chunks, Not(HasSubstr("Content-Length")));
  response.status = 204;
  EXPECT_THAT(Head(response, {}), Not(HasSubstr("Content-Length")));
}

TEST(ResponseWriting, ConnectionIsToldWhereItIsNotTheDefault) {
  EXPECT_THAT(Head({}, {}), Not(HasSubstr("Connection")));
  EXPECT_THAT(Head({}, {.keep_alive = false}), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(Head({}, {.version_11 = false}), HasSubstr("Connection: keep-alive\r\n"));
}

TEST(ResponseWriting, TheDateHasTheFormOfMail) {
  DateText date;
  EXPECT_THAT(std::string(date.Now()),
              MatchesRegex("[A-Z][a-z][a-z], [0-9][0-9] [A-Z][a-z][a-z] 20[0-9][0-9] "
                           "[0-9][0-9]:[0-9][0-9]:[0-9][0-9] GMT"));
}

}  // namespace
}  // namespace conntrail::http
