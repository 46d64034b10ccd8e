#include "services/http/request_reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conntrail::http {
namespace {

using testing::ElementsAre;

struct Reading {
  int status = 0;  // 0: taken
  Request request;
  Framing framing;
};

Reading Read(std::string head, size_t target_bytes_max = 1000) {
  Reading reading;
  HeadScanner scanner;
  const auto found = scanner.Scan(head);
  if (found == HeadScanner::Found::kFault) {
    reading.status = 400;
  } else if (found == HeadScanner::Found::kNothing) {
    reading.status = -1;
  } else {
    EXPECT_EQ(scanner.size(), head.size());
    reading.status = ReadHead(head, target_bytes_max, reading.request, reading.framing).status;
  }
  return reading;
}

std::string Get(std::string_view headers) {
  return "GET /a HTTP/1.1\r\n" + std::string(headers) + "\r\n";
}

TEST(RequestReading, ARequestIsTakenApart) {
  const Reading reading = Read(
      "POST /a%20b?c=d HTTP/1.1\r\nHost: here\r\nX-Thing:  two words \r\nx-thing: again\r\n"
      "Content-Length: 12\r\n\r\n");

  ASSERT_EQ(reading.status, 0);
  EXPECT_EQ(reading.request.method, Method::kPost);
  EXPECT_EQ(reading.request.target, "/a%20b?c=d");
  EXPECT_THAT(reading.request.segments, ElementsAre("a b"));
  EXPECT_EQ(*reading.request.Parameter("c"), "d");
  EXPECT_EQ(reading.request.Find("x-thing"), "two words");
  EXPECT_EQ(reading.request.headers.size(), 4u);
  EXPECT_EQ(reading.framing.content_bytes, 12u);
  EXPECT_TRUE(reading.framing.keep_alive);
  EXPECT_FALSE(reading.framing.chunked);
}

TEST(RequestReading, NothingOfAnEarlierRequestStays) {
  Reading reading =
      Read("POST /a/b HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\nContent-Length: 3\r\n\r\n");
  const std::string head = "GET / HTTP/1.0\r\nC: 3\r\n\r\n";
  ASSERT_TRUE(ReadHead(head, 100, reading.request, reading.framing).ok());
  EXPECT_EQ(reading.request.headers.size(), 1u);
  EXPECT_EQ(reading.request.Find("a"), "");
  EXPECT_EQ(reading.framing.content_bytes, 0u);
  EXPECT_FALSE(reading.framing.version_11);
}

TEST(RequestReading, ConnectionsStayOpenAsTheVersionSays) {
  EXPECT_TRUE(Read(Get("Host: h\r\n")).framing.keep_alive);
  EXPECT_FALSE(Read(Get("Host: h\r\nConnection: x, Close\r\n")).framing.keep_alive);
  EXPECT_FALSE(Read("GET / HTTP/1.0\r\n\r\n").framing.keep_alive);
  EXPECT_TRUE(Read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").framing.keep_alive);
}

// Each form here was taken by some server once, and read differently by the proxy before it.
TEST(RequestReading, WhatTwoReadersCouldReadDifferentlyIsRefused) {
  const std::string nul("A: x\0y\r\n", 8);
  const std::pair<const char*, std::string> forms[] = {
      {"Content-Length with Transfer-Encoding",
       Get("Host: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n")},
      {"the other way round",
       Get("Host: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n")},
      {"Content-Length twice, equal", Get("Host: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n")},
      {"Content-Length twice", Get("Host: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n")},
      {"a list of lengths", Get("Host: h\r\nContent-Length: 3, 3\r\n")},
      {"a signed length", Get("Host: h\r\nContent-Length: +3\r\n")},
      {"a negative length", Get("Host: h\r\nContent-Length: -3\r\n")},
      {"a hexadecimal length", Get("Host: h\r\nContent-Length: 0x3\r\n")},
      {"an empty length", Get("Host: h\r\nContent-Length:\r\n")},
      {"a length beyond 64 bits", Get("Host: h\r\nContent-Length: 18446744073709551617\r\n")},
      {"gzip, chunked", Get("Host: h\r\nTransfer-Encoding: gzip, chunked\r\n")},
      {"chunked, identity", Get("Host: h\r\nTransfer-Encoding: chunked, identity\r\n")},
      {"chunked twice in one", Get("Host: h\r\nTransfer-Encoding: chunked, chunked\r\n")},
      {"chunked twice",
       Get("Host: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"gzip, then chunked",
       Get("Host: h\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n")},
      {"identity", Get("Host: h\r\nTransfer-Encoding: identity\r\n")},
      {"xchunked", Get("Host: h\r\nTransfer-Encoding: xchunked\r\n")},
      {"quoted", Get("Host: h\r\nTransfer-Encoding: \"chunked\"\r\n")},
      {"a vertical tab", Get("Host: h\r\nTransfer-Encoding: \vchunked\r\n")},
      {"empty", Get("Host: h\r\nTransfer-Encoding:\r\n")},
      {"HTTP/1.0 chunked", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"a continued header", Get("Host: h\r\nA: b\r\n c\r\n")},
      {"a continued header, by tab", Get("Host: h\r\nTransfer-Encoding:\r\n\tchunked\r\n")},
      {"space before the first header", Get(" Host: h\r\n")},
      {"space before the colon", Get("Host: h\r\nContent-Length : 3\r\n")},
      {"space in a name", Get("Host: h\r\nContent Length: 3\r\n")},
      {"no name", Get("Host: h\r\n: 3\r\n")},
      {"no colon", Get("Host: h\r\nContent-Length\r\n")},
      {"NUL", Get("Host: h\r\n" + nul)},
      {"a control character", Get("Host: h\r\nA: \x01\r\n")},
      {"CR in a value", Get("Host: h\r\nA: b\rContent-Length: 3\r\n")},
      {"LF alone ends a header", Get("Host: h\r\nA: b\nContent-Length: 3\r\n")},
      {"LF alone ends the first line", "GET / HTTP/1.1\nHost: h\r\n\r\n"},
      {"LF alone ends the head", "GET / HTTP/1.1\r\nHost: h\r\n\n"},
      {"CR CR LF", "GET / HTTP/1.1\r\nHost: h\r\r\n\r\n"},
      {"no Host", Get("")},
      {"two Hosts", Get("Host: h\r\nHost: h\r\n")},
      {"two Hosts in 1.0", "GET / HTTP/1.0\r\nHost: h\r\nHost: i\r\n\r\n"},
      {"an empty Host", Get("Host:\r\n")},
      {"a Host with a path", Get("Host: h/x\r\n")},
      {"a Host with a user", Get("Host: u@h\r\n")},
      {"two names in Host", Get("Host: a b\r\n")},
      {"another host in the target", "GET http://i/ HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"a tab", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"no version", "GET /\r\nHost: h\r\n\r\n"},
      {"something else than a version", "GET / HTTQ/1.1\r\nHost: h\r\n\r\n"},
      {"space after the version", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"},
      {"NUL in the method", std::string("G\0T / HTTP/1.1\r\nHost: h\r\n\r\n", 28)},
      {"an empty line", "\r\n\r\n"},
      {"an upward path", "GET /../x HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"the asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"},
  };
  for (const auto& [form, head] : forms) {
    HeadScanner scanner;
    Request request;
    Framing framing;
    const auto found = scanner.Scan(head);
    ASSERT_NE(found, HeadScanner::Found::kNothing) << form;
    if (found == HeadScanner::Found::kFault) continue;
    EXPECT_EQ(
        ReadHead(std::string_view(head).substr(0, scanner.size()), 1000, request, framing).status,
        400)
        << form;
  }
}

TEST(RequestReading, OtherRefusalsTellWhatIsMissing) {
  EXPECT_EQ(Read("GET / HTTP/2.0\r\nHost: h\r\n\r\n").status, 505);
  EXPECT_EQ(Read("GET / HTTP/1.2\r\nHost: h\r\n\r\n").status, 505);
  EXPECT_EQ(Read("PRI * HTTP/2.0\r\n\r\n").status, 505);
  EXPECT_EQ(Read("BREW / HTTP/1.1\r\nHost: h\r\n\r\n").status, 501);
  EXPECT_EQ(Read("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n").status, 501);
  EXPECT_EQ(Read(Get("Host: h\r\nExpect: 200-ok\r\n")).status, 417);
  EXPECT_EQ(Read("GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 100).status,
            414);
  std::string many = "Host: h\r\n";
  for (int i = 0; i < 100; ++i) many += "a: b\r\n";
  EXPECT_EQ(Read(Get(many)).status, 431);
}

TEST(RequestReading, AMethodThatNoRouteHasIsLeftToTheRouter) {
  const Reading reading = Read("TRACE /a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(reading.status, 0);
  EXPECT_EQ(reading.request.method, Method::kOther);
}

TEST(RequestReading, TheAbsoluteFormOfThisHostIsTaken) {
  const Reading reading = Read("GET http://h:1/a?b HTTP/1.1\r\nHost: H:1\r\n\r\n");
  EXPECT_EQ(reading.status, 0);
  EXPECT_THAT(reading.request.segments, ElementsAre("a"));
}

TEST(HeadScanner, FindsTheSameEndHoweverTheBytesArrive) {
  const std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\nGET /next";
  HeadScanner scanner;
  size_t ended = 0;
  for (size_t size = 1; size <= bytes.size() && ended == 0; ++size) {
    const auto found = scanner.Scan(std::string_view(bytes).substr(0, size));
    ASSERT_NE(found, HeadScanner::Found::kFault) << size;
    if (found == HeadScanner::Found::kEnd) ended = size;
  }
  EXPECT_EQ(ended, bytes.find("GET /next"));
  EXPECT_EQ(scanner.size(), ended);
}

TEST(HeadScanner, FaultsAreFoundBeforeTheEndIsThere) {
  for (const std::string_view bytes : {"GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nA: b\n",
                                       "GET / HTTP/1.1\r\nA: b\r\n ", "GET / HTTP/1.1\rx"}) {
    HeadScanner scanner;
    EXPECT_EQ(scanner.Scan(bytes), HeadScanner::Found::kFault) << bytes;
  }
}

}  // namespace
}  // namespace conntrail::http
