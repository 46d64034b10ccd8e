#include "tools/verify/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "projections/merkle/tlog_proof.h"
#include "tests/support/evidence/memory_trail.h"
#include "tests/support/evidence/scratch_directory.h"

namespace conntrail::verify {
namespace {

using testing::HasSubstr;

struct Ran {
  int code = 0;
  std::string out;
  std::string error;
};

Ran RunWith(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "conntrail-verify");
  std::vector<const char*> argv;
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran;
  ran.code = RunProgram(static_cast<int>(argv.size()), argv.data());
  ran.out = testing::internal::GetCapturedStdout();
  ran.error = testing::internal::GetCapturedStderr();
  return ran;
}

class VerifyProgram : public testing::Test {
 protected:
  VerifyProgram() {
    WriteAll(key_, trail_.vkey() + "\n");
    EXPECT_TRUE(trail_.Export(export_, 300).ok());
  }

  std::string Proof(uint64_t index, const std::string& extra) {
    const merkle::TlogProof proof = {extra, index, *merkle::InclusionProof(trail_, index, 300),
                                     trail_.CheckpointAt(300)};
    WriteAll(scratch_ / "record.tlog-proof", merkle::FormatTlogProof(proof));
    return scratch_ / "record.tlog-proof";
  }

  ScratchDirectory scratch_;
  MemoryTrail trail_{400};
  const std::string key_ = scratch_ / "vkey";
  const std::string export_ = scratch_ / "export.zip";
};

TEST_F(VerifyProgram, EndsWithZeroForAnExportThatIsWhole) {
  const Ran ran = RunWith({export_, "--vkey", key_});
  EXPECT_EQ(ran.code, 0) << ran.error;
  EXPECT_THAT(ran.out, HasSubstr("verified " + export_));
  EXPECT_EQ(RunWith({export_, "--vkey", trail_.vkey()}).code, 0) << "the key itself";
}

TEST_F(VerifyProgram, EndsWithOneAndSaysWhatIsRefused) {
  WriteAll(scratch_ / "kept", trail_.CheckpointAt(301));
  const Ran ran = RunWith({export_, "--vkey", key_, "--since", scratch_ / "kept"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.error, HasSubstr("ROLLBACK"));
}

TEST_F(VerifyProgram, EndsWithTwoIfItIsAskedWrongly) {
  EXPECT_EQ(RunWith({}).code, 2);
  EXPECT_EQ(RunWith({export_}).code, 2) << "no key";
  EXPECT_EQ(RunWith({export_, "--vkey", "no key"}).code, 2);
  EXPECT_EQ(RunWith({scratch_ / "nothing", "--vkey", key_}).code, 2);
  EXPECT_EQ(RunWith({export_, "--vkey", key_, "--since", scratch_ / "nothing"}).code, 2);
  EXPECT_EQ(RunWith({export_, "--vkey", key_, "--entry", key_}).code, 2);
}

TEST_F(VerifyProgram, TellsPrograms) {
  const Ran good = RunWith({export_, "--vkey", key_, "--json"});
  EXPECT_EQ(good.code, 0);
  EXPECT_THAT(good.out, HasSubstr("\"verified\":true"));
  EXPECT_THAT(good.out, HasSubstr("\"entries\":300"));
  WriteAll(scratch_ / "kept", trail_.CheckpointAt(301));
  const Ran bad = RunWith({export_, "--vkey", key_, "--json", "--since", scratch_ / "kept"});
  EXPECT_EQ(bad.code, 1);
  EXPECT_THAT(bad.out, HasSubstr("\"verified\":false"));
  EXPECT_THAT(bad.out, HasSubstr("ROLLBACK"));
}

TEST_F(VerifyProgram, ChecksAProofWhoseRecordIsInItOrBesideIt) {
  EXPECT_EQ(RunWith({Proof(17, trail_.Leaf(17)), "--vkey", key_}).code, 0);
  WriteAll(scratch_ / "leaf", trail_.Leaf(17));
  EXPECT_EQ(RunWith({Proof(17, ""), "--vkey", key_, "--entry", scratch_ / "leaf"}).code, 0);
  EXPECT_EQ(RunWith({Proof(17, ""), "--vkey", key_}).code, 2) << "of which record?";
  EXPECT_EQ(RunWith({Proof(17, trail_.Leaf(18)), "--vkey", key_}).code, 1);
  EXPECT_EQ(RunWith({Proof(18, ""), "--vkey", key_, "--entry", scratch_ / "leaf"}).code, 1);
}

TEST_F(VerifyProgram, EveryChangedByteOfAProofIsRefused) {
  const std::string path = Proof(17, trail_.Leaf(17));
  const std::string text = ReadAll(path);
  for (size_t at = 0; at < text.size(); ++at) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 1 << at % 8);
    WriteAll(path, damaged);
    EXPECT_EQ(RunWith({path, "--vkey", key_}).code, 1) << at;
  }
}

}  // namespace
}  // namespace conntrail::verify
