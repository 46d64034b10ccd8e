#include "tools/conntrail/import/line_reader.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/tools/conntrail/import/scratch.h"

namespace conntrail {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// All lines up to the end or the first failure.
struct ReadLines {
  std::vector<std::string> lines;
  Status status;
  uint64_t number = 0;
};

ReadLines ReadAll(const std::string& path) {
  ReadLines read;
  const Result<std::unique_ptr<LineReader>> reader = LineReader::Open(path);
  if (!reader.ok()) {
    read.status = reader.status();
    return read;
  }
  while (true) {
    const auto line = (*reader)->Next();
    if (!line.ok()) read.status = line.status();
    if (!line.ok() || !*line) break;
    read.lines.emplace_back(**line);
    read.number = (*reader)->line_number();
  }
  return read;
}

// Many lines, more than any buffer of the reader holds.
std::vector<std::string> ManyLines() {
  std::vector<std::string> lines;
  for (size_t i = 0; i < 40'000; ++i) lines.push_back(std::to_string(i) + std::string(i % 60, 'x'));
  return lines;
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(LineReader, PlainAndGzipGiveTheSameLines) {
  const Scratch scratch;
  const std::vector<std::string> lines = ManyLines();
  const std::string text = Joined(lines);

  EXPECT_EQ(ReadAll(scratch.File("a", text)).lines, lines);
  EXPECT_EQ(ReadAll(scratch.File("b", Gzip(text))).lines, lines);
  const std::string halves = Gzip(text.substr(0, 100'001)) + Gzip("") + Gzip(text.substr(100'001));
  EXPECT_EQ(ReadAll(scratch.File("c", halves)).lines, lines) << "several members are one text";
}

TEST(LineReader, TheLastLineNeedsNoLineFeed) {
  const Scratch scratch;
  EXPECT_THAT(ReadAll(scratch.File("a", "one\n\ntwo")).lines, ElementsAre("one", "", "two"));
  EXPECT_THAT(ReadAll(scratch.File("b", "one\ntwo\n")).lines, ElementsAre("one", "two"));
  EXPECT_THAT(ReadAll(scratch.File("c", Gzip("one\ntwo"))).lines, ElementsAre("one", "two"));
  EXPECT_THAT(ReadAll(scratch.File("d", "x")).lines, ElementsAre("x"));
  EXPECT_THAT(ReadAll(scratch.File("e", "")).lines, ElementsAre());
  EXPECT_THAT(ReadAll(scratch.File("f", Gzip(""))).lines, ElementsAre());
}

TEST(LineReader, LinesAreCountedFromOne) {
  const Scratch scratch;
  EXPECT_EQ(ReadAll(scratch.File("a", "one\ntwo\nthree")).number, 3u);
}

TEST(LineReader, ALineThatIsTooLongIsPassedOver) {
  const Scratch scratch;
  for (const size_t excess : {size_t{1}, 3 * LineReader::kLineBytesMax}) {
    const std::string text =
        "one\n" + std::string(LineReader::kLineBytesMax + excess, 'x') + "\nthree\n";
    const auto reader = LineReader::Open(scratch.File("a", Gzip(text)));
    ASSERT_TRUE(reader.ok());
    EXPECT_EQ(**(*reader)->Next(), "one");
    const auto second = (*reader)->Next();
    EXPECT_EQ(second.status().code(), StatusCode::kInvalidArgument);
    EXPECT_EQ((*reader)->line_number(), 2u);
    EXPECT_EQ(**(*reader)->Next(), "three");
    EXPECT_EQ((*reader)->line_number(), 3u);
    EXPECT_EQ(*(*reader)->Next(), std::nullopt);
  }
  const std::string longest(LineReader::kLineBytesMax, 'x');
  EXPECT_THAT(ReadAll(scratch.File("b", longest)).lines, ElementsAre(longest));
  EXPECT_EQ(ReadAll(scratch.File("c", longest + "x")).status.code(), StatusCode::kInvalidArgument);
}

TEST(LineReader, GzipThatIsCutOffAnywhereIsCorruption) {
  const Scratch scratch;
  const std::string text = Joined({"one", "two", "three"});
  const std::string whole = Gzip(text);
  for (size_t length = 2; length < whole.size(); ++length) {
    const ReadLines read = ReadAll(scratch.File("a", whole.substr(0, length)));
    EXPECT_EQ(read.status.code(), StatusCode::kCorruption) << length;
    EXPECT_THAT(read.status.message(), HasSubstr("byte " + std::to_string(length)));
  }
}

TEST(LineReader, AFlippedBitThatChangesALineIsCorruptionAndNamesTheByte) {
  const Scratch scratch;
  const std::vector<std::string> lines = ManyLines();
  const std::string whole = Gzip(Joined(lines));
  std::mt19937 random(std::random_device{}());
  for (int round = 0; round < 50; ++round) {
    std::string damaged = whole;
    const size_t at = 12 + random() % (whole.size() - 12);
    damaged[at] = static_cast<char>(damaged[at] ^ 1 << random() % 8);
    const ReadLines read = ReadAll(scratch.File("a", damaged));
    // A run of one letter can be copied from several places: such a flip changes no line.
    if (read.status.ok() && read.lines == lines) continue;
    EXPECT_EQ(read.status.code(), StatusCode::kCorruption) << "bit flipped in byte " << at;
    EXPECT_THAT(read.status.message(), HasSubstr(": byte "));
  }
}

TEST(LineReader, WhatFollowsGzipAndIsNoneIsNotPassedOverInSilence) {
  const Scratch scratch;
  const ReadLines read = ReadAll(scratch.File("a", Gzip("one\n") + "two\n"));
  EXPECT_THAT(read.lines, ElementsAre("one"));
  EXPECT_EQ(read.status.code(), StatusCode::kCorruption);
}

TEST(LineReader, AFileThatIsNotThereIsNotFound) {
  const Scratch scratch;
  EXPECT_EQ(LineReader::Open(scratch / "none").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(ReadAll(scratch / "").status.code(), StatusCode::kIo) << "a folder";
}

TEST(LineReader, APipeHasNoSizeAndIsReadToItsEnd) {
  const Scratch scratch;
  const std::string path = scratch / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(path) << "one\ntwo\n"; });
  const auto reader = LineReader::Open(path);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->bytes_total(), std::nullopt);
  EXPECT_EQ(**(*reader)->Next(), "one");
  EXPECT_EQ(**(*reader)->Next(), "two");
  EXPECT_EQ(*(*reader)->Next(), std::nullopt);
  EXPECT_EQ((*reader)->bytes_read(), 8u);
  writer.join();
}

}  // namespace
}  // namespace conntrail
