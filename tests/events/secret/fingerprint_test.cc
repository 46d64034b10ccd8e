#include "events/secret/fingerprint.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events/base/bytes.h"

namespace conntrail {
namespace {

// The key that the tests write by hand, 0x0b twenty times and then zeros: HMAC fills a key up with
// zeros, so RFC 4231 test case 1 (20 bytes of 0x0b) has the same result.
constexpr char kRfc4231Key[] = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b000000000000000000000000";

class FingerprinterTest : public testing::Test {
 protected:
  FingerprinterTest() {
    std::string folder =
        (std::filesystem::temp_directory_path() / "conntrail-fingerprint-XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    path_ = (folder_ / "key").string();
  }
  ~FingerprinterTest() override { std::filesystem::remove_all(folder_); }

  void WriteKeyFile(std::string_view text, mode_t mode = 0600) {
    std::ofstream(path_) << text;
    ::chmod(path_.c_str(), mode);
  }
  std::string ReadKeyFile() {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  ptrdiff_t FileCount() { return std::distance(std::filesystem::directory_iterator(folder_), {}); }

  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(FingerprinterTest, MakesAKeyThatOnlyItsOwnerMayRead) {
  ASSERT_TRUE(Fingerprinter::OpenOrCreate(path_).ok());
  struct stat facts = {};
  ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777u, 0600u);
  EXPECT_THAT(ReadKeyFile(), testing::MatchesRegex("[0-9a-f]{64}\n"));
  EXPECT_EQ(FileCount(), 1) << "a draft was left behind";
}

TEST_F(FingerprinterTest, MakesAnotherKeyForEveryDeployment) {
  ASSERT_TRUE(Fingerprinter::OpenOrCreate(path_).ok());
  const std::string first = ReadKeyFile();
  std::filesystem::remove(path_);
  ASSERT_TRUE(Fingerprinter::OpenOrCreate(path_).ok());
  EXPECT_NE(ReadKeyFile(), first);
}

TEST_F(FingerprinterTest, GivesTheSameFingerprintAfterARestart) {
  const Result<Fingerprinter> before = Fingerprinter::OpenOrCreate(path_);
  const Result<Fingerprinter> after = Fingerprinter::OpenOrCreate(path_);
  ASSERT_TRUE(before.ok() && after.ok());
  EXPECT_EQ(before->Fingerprint("api_key", "made up"), after->Fingerprint("api_key", "made up"));
}

TEST_F(FingerprinterTest, IsHmacSha256AsInRfc4231) {
  WriteKeyFile(kRfc4231Key);
  const Result<Fingerprinter> fingerprinter = Fingerprinter::OpenOrCreate(path_);
  ASSERT_TRUE(fingerprinter.ok()) << fingerprinter.status().ToString();
  const SecretFingerprint fingerprint = fingerprinter->Fingerprint("field", "Hi There");
  EXPECT_EQ(ToHex(std::as_bytes(std::span(fingerprint.digest))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

TEST_F(FingerprinterTest, ShowsReuseOfASecretUnderAnotherField) {
  const Result<Fingerprinter> fingerprinter = Fingerprinter::OpenOrCreate(path_);
  ASSERT_TRUE(fingerprinter.ok());
  const SecretFingerprint one = fingerprinter->Fingerprint("api_key", "same");
  const SecretFingerprint other = fingerprinter->Fingerprint("password", "same");
  EXPECT_EQ(one.field, "api_key");
  EXPECT_EQ(other.field, "password");
  EXPECT_EQ(one.digest, other.digest);
  EXPECT_NE(one.digest, fingerprinter->Fingerprint("api_key", "other").digest);
}

TEST_F(FingerprinterTest, RefusesAKeyThatOthersMayRead) {
  for (const mode_t mode : {0640u, 0604u, 0620u, 0601u}) {
    WriteKeyFile(kRfc4231Key, mode);
    EXPECT_EQ(Fingerprinter::OpenOrCreate(path_).status().code(), StatusCode::kFailedPrecondition)
        << std::oct << mode;
  }
}

TEST_F(FingerprinterTest, RefusesAFileThatHoldsNoKey) {
  const std::string key = kRfc4231Key;
  std::string upper = key;
  upper[1] = 'B';
  for (const std::string& text :
       {std::string(), key.substr(1), key + "0", key + "\n\n", " " + key, upper, key + " more"}) {
    WriteKeyFile(text);
    EXPECT_EQ(Fingerprinter::OpenOrCreate(path_).status().code(), StatusCode::kCorruption) << text;
    EXPECT_EQ(ReadKeyFile(), text) << "the file must stay for somebody to look at";
  }
}

TEST_F(FingerprinterTest, NamesTheFileWhoseFolderIsMissing) {
  const Status status = Fingerprinter::OpenOrCreate((folder_ / "none" / "key").string()).status();
  EXPECT_EQ(status.code(), StatusCode::kIo);
  EXPECT_THAT(status.message(), testing::HasSubstr("none/key"));
}

TEST_F(FingerprinterTest, ManyThatStartAtOnceShareOneKey) {
  std::vector<Digest> digests(8);
  std::vector<std::thread> threads;
  for (Digest& digest : digests) {
    threads.emplace_back([&digest, this] {
      const Result<Fingerprinter> fingerprinter = Fingerprinter::OpenOrCreate(path_);
      if (fingerprinter.ok()) digest = fingerprinter->Fingerprint("f", "secret").digest;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(digests.begin(), digests.end(), digests.front()), 8);
  EXPECT_NE(digests.front(), Digest());
  EXPECT_EQ(FileCount(), 1);
}

}  // namespace
}  // namespace conntrail
