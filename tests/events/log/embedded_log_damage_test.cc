// Torn writes, flipped bytes, and files that are missing or in the wrong place.
#include <algorithm>

#include <gmock/gmock.h>

#include "events/log/segment_scan.h"
#include "tests/events/log/log_directory_for_test.h"

namespace conntrail {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A closed log of one segment, each record a group of its own.
class DamagedLog : public testing::Test {
 protected:
  DamagedLog() {
    auto log = directory_.MustOpen();
    for (const std::string& text : texts_) EXPECT_TRUE(AppendText(*log, text).ok());
    log.reset();
    whole_ = SlurpFile(directory_.segment(0));
    starts_.push_back(kSegmentHeaderBytes);
    for (const std::string& t : texts_) {
      starts_.push_back(starts_.back() + kFrameHeaderBytes + t.size());
    }
    EXPECT_EQ(whole_.size(), starts_.back());
  }

  std::vector<std::string> FirstTexts(size_t n) const {
    return {texts_.begin(), texts_.begin() + static_cast<std::ptrdiff_t>(n)};
  }

  const std::vector<std::string> texts_ = {"alice creates pager", "", "bob views pager",
                                           "the last record"};
  EmbeddedLogDirectory directory_;
  std::string whole_;
  std::vector<size_t> starts_;  // of each record's frame, and the end
};

TEST_F(DamagedLog, ALastRecordTornAtAnyByteIsCutAndReported) {
  const size_t last = starts_[3];
  for (size_t size = last; size < whole_.size(); ++size) {
    for (const size_t zeros : {0, 1, 4000}) {
      SCOPED_TRACE(std::to_string(size) + " bytes are left, then " + std::to_string(zeros) +
                   " zeros");
      const std::string torn = whole_.substr(0, size) + std::string(zeros, '\0');
      PutFile(directory_.segment(0), torn);
      auto log = directory_.MustOpen();
      ASSERT_NE(log, nullptr);
      EXPECT_EQ(*ReadTexts(*log), FirstTexts(3));
      if (size == last) {
        EXPECT_THAT(directory_.messages, IsEmpty());
      } else {
        EXPECT_THAT(
            directory_.messages,
            ElementsAre(AllOf(HasSubstr(directory_.segment(0)), HasSubstr("record 3 "),
                              HasSubstr("cut " + std::to_string(torn.size() - last) + " bytes"),
                              HasSubstr("at byte " + std::to_string(last)))));
      }
      EXPECT_EQ(*AppendText(*log, "goes on"), Offset(3));
      log.reset();
      log = directory_.MustOpen();
      EXPECT_EQ(ReadTexts(*log)->back(), "goes on");
      EXPECT_THAT(directory_.messages, IsEmpty());
    }
  }
}

// Every bit pattern of one byte would take long and say little more than these three.
TEST_F(DamagedLog, AFlippedByteIsNamedOrCutAsTheLastRecordAndNeverRead) {
  for (size_t at = 0; at < whole_.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      SCOPED_TRACE("byte " + std::to_string(at) + " ^ " + std::to_string(flip));
      std::string damaged = whole_;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      PutFile(directory_.segment(0), damaged);
      const auto log = directory_.Open();
      if (at < kSegmentHeaderBytes) {
        ASSERT_FALSE(log.ok());
        EXPECT_EQ(log.status().code(), StatusCode::kCorruption);
        EXPECT_THAT(log.status().message(), HasSubstr(directory_.segment(0)));
      } else if (at >= starts_[3]) {
        ASSERT_TRUE(log.ok()) << log.status().ToString();
        EXPECT_EQ(directory_.messages.size(), 1u);
        EXPECT_EQ(*ReadTexts(**log), FirstTexts(3));
      } else {
        const auto record = static_cast<size_t>(
            std::upper_bound(starts_.begin(), starts_.end(), at) - starts_.begin() - 1);
        ASSERT_FALSE(log.ok());
        EXPECT_EQ(log.status().code(), StatusCode::kCorruption);
        EXPECT_THAT(
            log.status().message(),
            AllOf(HasSubstr("record " + std::to_string(record) + " in " + directory_.segment(0) +
                            " at byte " + std::to_string(starts_[record]) + " "),
                  HasSubstr("record " + std::to_string(record + 1) + " follows")));
        EXPECT_EQ(SlurpFile(directory_.segment(0)), damaged) << "a damaged log was changed";
      }
    }
  }
}

TEST_F(DamagedLog, RecordsInTheWrongOrderAreDamage) {
  PutFile(directory_.segment(0), whole_.substr(0, starts_[1]) +
                                     whole_.substr(starts_[2], starts_[3] - starts_[2]) +
                                     whole_.substr(starts_[1], starts_[2] - starts_[1]));
  EXPECT_THAT(directory_.Open().status().message(),
              AllOf(HasSubstr("record 1 in"), HasSubstr("record 2 follows")));
}

TEST_F(DamagedLog, APayloadThatLooksLikeARecordIsNone) {
  {
    auto log = directory_.MustOpen();
    // A whole frame of a later record, as it would stand in a log with another salt.
    Bytes frame;
    const std::string text = "forged";
    EncodeFrame({.record = {Offset(9), 0, OrgId{}, AsBytes(text)}}, 1, frame);
    ASSERT_TRUE(AppendText(*log, AsText(frame)).ok());
  }
  const std::string bytes = SlurpFile(directory_.segment(0));
  PutFile(directory_.segment(0), bytes.substr(0, bytes.size() - 1));
  const auto log = directory_.MustOpen();
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(*ReadTexts(*log), texts_);
}

// One durable record, then a group of ten of 1,000 bytes whose sync never came back.
class PowerFailure : public testing::Test {
 protected:
  PowerFailure() {
    auto log = directory_.MustOpen();
    EXPECT_TRUE(AppendText(*log, "durable").ok());
    group_start_ = SlurpSegment().find('\0', kSegmentHeaderBytes + kFrameHeaderBytes);
    const std::string text(1000, 'x');
    EXPECT_TRUE(
        log->AppendAll(PartitionId(0), OrgId{}, std::vector<ByteSpan>(10, AsBytes(text))).ok());
    log.reset();
    whole_ = SlurpSegment();
  }
  std::string SlurpSegment() const { return SlurpFile(directory_.segment(0)); }

  EmbeddedLogDirectory directory_;
  size_t group_start_ = kSegmentHeaderBytes + kFrameHeaderBytes + 7;
  std::string whole_;
};

TEST_F(PowerFailure, APageThatWasNotWrittenCutsTheGroupFromThere) {
  for (const size_t page : {0, 4096, 8192}) {
    std::string torn = whole_;
    const size_t begin = std::max(page, group_start_);
    const size_t end = std::min<size_t>(page + 4096, torn.size());
    std::fill(torn.begin() + static_cast<std::ptrdiff_t>(begin),
              torn.begin() + static_cast<std::ptrdiff_t>(end), '\0');
    PutFile(directory_.segment(0), torn);
    const auto log = directory_.MustOpen();
    ASSERT_NE(log, nullptr) << page;
    const size_t records_before = (begin - group_start_) / (kFrameHeaderBytes + 1000);
    EXPECT_EQ(ReadTexts(*log)->size(), 1 + records_before);
    EXPECT_EQ(directory_.messages.size(), 1u);
  }
}

TEST_F(PowerFailure, AFlippedByteInsideTheLastGroupIsDamage) {
  whole_[group_start_ + 1500] ^= 1;
  PutFile(directory_.segment(0), whole_);
  EXPECT_THAT(directory_.Open().status().message(),
              AllOf(HasSubstr("record 2 in"), HasSubstr("record 3 follows")));
}

TEST_F(PowerFailure, AZeroedPageBeforeALaterGroupIsDamage) {
  {
    auto log = directory_.MustOpen();
    ASSERT_TRUE(AppendText(*log, "proves that the group was durable").ok());
  }
  std::string bytes = SlurpSegment();
  std::fill(bytes.begin() + 4096, bytes.begin() + 8192, '\0');
  PutFile(directory_.segment(0), bytes);
  const auto log = directory_.Open();
  ASSERT_FALSE(log.ok());
  EXPECT_THAT(log.status().message(), HasSubstr("record 11 follows whole"));
}

// A closed log of several segments, three records each.
class SegmentedLog : public testing::Test {
 protected:
  SegmentedLog() {
    auto log = MustOpen();
    for (int i = 0; i < 14; ++i) EXPECT_TRUE(AppendText(*log, Text(i)).ok());
  }
  std::unique_ptr<EmbeddedLog> MustOpen() { return directory_.MustOpen(Options()); }
  static EmbeddedLogOptions Options() {
    EmbeddedLogOptions options;
    options.segment_bytes_max = kSegmentHeaderBytes + 3 * (kFrameHeaderBytes + 100);
    return options;
  }
  static std::string Text(int i) { return std::string(100, static_cast<char>('a' + i)); }
  void ExpectRefused(const std::string& words) {
    const auto log = directory_.Open(Options());
    ASSERT_FALSE(log.ok());
    EXPECT_EQ(log.status().code(), StatusCode::kCorruption);
    EXPECT_THAT(log.status().message(), HasSubstr(words));
  }

  EmbeddedLogDirectory directory_;
};

TEST_F(SegmentedLog, ReadsAcrossSegmentsAndVerifies) {
  for (const uint64_t first : {0, 3, 6, 9, 12}) {
    EXPECT_TRUE(std::filesystem::exists(directory_.segment(first))) << first;
  }
  auto log = MustOpen();
  const auto texts = ReadTexts(*log);
  ASSERT_TRUE(texts.ok()) << texts.status().ToString();
  ASSERT_EQ(texts->size(), 14u);
  for (int i = 0; i < 14; ++i) EXPECT_EQ((*texts)[static_cast<size_t>(i)], Text(i));
  EXPECT_TRUE(log->Verify().ok());
}

TEST_F(SegmentedLog, AFlippedByteInAnEarlierSegmentIsNamedByReadAndVerify) {
  const std::string whole = SlurpFile(directory_.segment(3));
  for (size_t at = kSegmentHeaderBytes; at < whole.size(); ++at) {
    SCOPED_TRACE(at);
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    PutFile(directory_.segment(3), damaged);
    const size_t index = (at - kSegmentHeaderBytes) / (kFrameHeaderBytes + 100);
    const std::string words =
        "record " + std::to_string(3 + index) + " in " + directory_.segment(3) + " at byte " +
        std::to_string(kSegmentHeaderBytes + index * (kFrameHeaderBytes + 100));
    auto log = MustOpen();
    ASSERT_NE(log, nullptr);
    for (const Status& status : {log->Verify(), ReadTexts(*log).status(),
                                 log->Read(PartitionId(0), Offset(3 + index), 1 << 20).status()}) {
      EXPECT_EQ(status.code(), StatusCode::kCorruption);
      EXPECT_THAT(status.message(), HasSubstr(words));
    }
    EXPECT_TRUE(log->Read(PartitionId(0), Offset(0), 1 << 20).ok());
    EXPECT_TRUE(log->Read(PartitionId(0), Offset(7), 1 << 20).ok());
  }
}

TEST_F(SegmentedLog, AMissingSegmentIsNamed) {
  for (const uint64_t missing : {0, 3, 9}) {
    const std::string path = directory_.segment(missing);
    std::filesystem::rename(path, directory_.root() + "/aside");
    ExpectRefused(SegmentName(Offset(missing)) + " is missing");
    std::filesystem::rename(directory_.root() + "/aside", path);
  }
  EXPECT_NE(MustOpen(), nullptr);
}

TEST_F(SegmentedLog, AShortenedOrLengthenedEarlierSegmentIsRefused) {
  const std::string whole = SlurpFile(directory_.segment(3));
  PutFile(directory_.segment(3), whole.substr(0, whole.size() - 1));
  ExpectRefused(directory_.segment(3) + ": ");
  PutFile(directory_.segment(3), whole + whole.substr(whole.size() - kFrameHeaderBytes - 100));
  ExpectRefused(directory_.segment(3) + ": ");
}

TEST_F(SegmentedLog, SwappedSegmentsAreRefused) {
  std::filesystem::rename(directory_.segment(3), directory_.root() + "/aside");
  std::filesystem::rename(directory_.segment(6), directory_.segment(3));
  std::filesystem::rename(directory_.root() + "/aside", directory_.segment(6));
  ExpectRefused("begins at offset 6");
}

TEST_F(SegmentedLog, ASegmentSwappedWhileTheLogIsOpenIsNotRead) {
  auto log = MustOpen();
  std::filesystem::copy_file(directory_.segment(6), directory_.segment(3),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(log->Read(PartitionId(0), Offset(3), 1 << 20).status().code(), StatusCode::kCorruption);
}

TEST_F(SegmentedLog, ASegmentOfAnotherLogIsRefused) {
  EmbeddedLogDirectory other;
  {
    auto log = other.MustOpen(Options());
    for (int i = 0; i < 14; ++i) ASSERT_TRUE(AppendText(*log, Text(i)).ok());
  }
  for (const uint64_t first : {3, 12}) {
    const std::string own = SlurpFile(directory_.segment(first));
    PutFile(directory_.segment(first), SlurpFile(other.segment(first)));
    ExpectRefused("belongs to the log");
    PutFile(directory_.segment(first), own);
  }
}

TEST_F(SegmentedLog, RecordsWithoutALogIdAndALogIdWithoutRecordsAreRefused) {
  const std::string id_path = directory_.path() + "/log.id";
  const std::string id = SlurpFile(id_path);
  std::filesystem::remove(id_path);
  ExpectRefused("log.id is missing");
  PutFile(id_path, "no id");
  ExpectRefused("no log id");
  PutFile(id_path, id);
  for (const uint64_t first : {0, 3, 6, 9, 12}) std::filesystem::remove(directory_.segment(first));
  ExpectRefused("all segments are missing");
}

TEST_F(SegmentedLog, ACrashWhileASegmentIsMadeLeavesNothingBehind) {
  const std::string unpublished = directory_.segment(14) + ".unpublished";
  PutFile(unpublished, "half a header");
  auto log = MustOpen();
  EXPECT_EQ(ReadTexts(*log)->size(), 14u);
  EXPECT_FALSE(std::filesystem::exists(unpublished));
}

TEST(EmbeddedLogBirth, ACrashBetweenTheFirstSegmentAndTheLogIdIsMended) {
  EmbeddedLogDirectory directory;
  const Uuid id = directory.MustOpen()->log_id();
  std::filesystem::remove(directory.path() + "/log.id");
  auto log = directory.MustOpen();
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->log_id(), id);
  EXPECT_EQ(*AppendText(*log, "first"), Offset(0));
}

}  // namespace
}  // namespace conntrail
