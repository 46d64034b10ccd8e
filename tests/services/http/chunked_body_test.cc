#include "services/http/chunked_body.h"

#include <gtest/gtest.h>

namespace conntrail::http {
namespace {

using State = ChunkedBody::State;

struct Reading {
  State state = State::kMore;
  std::string body;
  std::string rest;
  bool operator==(const Reading&) const = default;
};

// `step` bytes at a time.
Reading Read(std::string_view bytes, size_t step, uint64_t bytes_max = 1000) {
  ChunkedBody chunks;
  chunks.Begin(bytes_max);
  Reading reading;
  while (reading.state == State::kMore && !bytes.empty()) {
    std::string_view piece = bytes.substr(0, step);
    const size_t size = piece.size();
    reading.state = chunks.Consume(piece, reading.body);
    bytes.remove_prefix(size - piece.size());
  }
  reading.rest = bytes;
  return reading;
}

TEST(ChunkedBody, IsTheSameHoweverTheBytesArrive) {
  const std::string_view bytes =
      "5\r\nhello\r\nA;name=\"v\";x\r\n, 10 bytes\r\n0;last\r\nTrailer: dropped\r\n\r\nGET /next";
  for (size_t step = 1; step <= bytes.size(); ++step) {
    EXPECT_EQ(Read(bytes, step), (Reading{State::kEnd, "hello, 10 bytes", "GET /next"})) << step;
  }
}

// The end in two pieces stops the process in Beast 1.81, by an assertion.
TEST(ChunkedBody, AnEmptyBodyMayComeInAnyPieces) {
  EXPECT_EQ(Read("0\r\n\r\n", 1).state, State::kEnd);
  EXPECT_EQ(Read("0\r\n\r\n", 3).state, State::kEnd);
  EXPECT_EQ(Read("000\r\n\r\n", 4).state, State::kEnd);
}

TEST(ChunkedBody, TheLimitCountsThePayload) {
  EXPECT_EQ(Read("4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n", 100, 5).state, State::kEnd);
  EXPECT_EQ(Read("4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n", 100, 5).state, State::kTooLarge);
  EXPECT_EQ(Read("FFFFFFFF\r\n", 100, 5).state, State::kTooLarge);
}

TEST(ChunkedBody, WhatIsNotWellFormedIsRefused) {
  for (const std::string_view bytes :
       {"\r\n", " 5\r\nhello\r\n", "5 \r\nhello\r\n", "0x5\r\nhello\r\n", "-5\r\n", "+5\r\n",
        "5\nhello\r\n", "5\r\nhelloo", "5\r\nhello\n", "5\r\nhello\rx", "5;a\nb\r\n", "5;\x01\r\n",
        "000000005\r\n", "100000000\r\n", "g\r\n", "0\r\nA: \x01\r\n", "0\r\n\n", "0\r\nA: b\n",
        "5\rx"}) {
    EXPECT_EQ(Read(bytes, 1).state, State::kFault) << bytes;
  }
}

TEST(ChunkedBody, ExtensionsAndTrailersAreBounded) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "1;" + std::string(100, 'x') + "\r\na\r\n";
  EXPECT_EQ(Read(many, 1000).state, State::kFault);
  EXPECT_EQ(Read("0\r\nA: " + std::string(9000, 'x'), 1000).state, State::kFault);
}

}  // namespace
}  // namespace conntrail::http
