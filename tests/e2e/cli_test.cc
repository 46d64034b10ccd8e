#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <signal.h>

#include "projections/store/rocksdb_store.h"
#include "tests/e2e/program.h"

namespace conntrail {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr char kReadyServer[] = "\"message\":\"serving\"";

size_t LinesIn(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

TEST(Cli, HelpListsEveryVerbAndEveryVerbHasHelpWithExamples) {
  const ProcessEnd help = Conntrail({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("Exit codes:"));
  for (const char* verb : {"connections list", "connections show", "connections history",
                           "trail search",     "trail tail",       "access who",
                           "access what",      "state export",     "counts",
                           "orgs list",        "import",           "demo",
                           "log stat",         "log dump",         "log copy",
                           "kafka init",       "kafka check",      "verify",
                           "rebuild",          "projection save",  "projection restore",
                           "replay diff",      "replay what-if",   "replay verify",
                           "replay rebuild",   "replay return",    "replay bisect",
                           "replay export",    "replay snapshot",  "replay restore",
                           "rules show",       "rules activate",   "evidence export",
                           "evidence vkey",    "evidence init",    "completion",
                           "version"}) {
    EXPECT_THAT(help.out, HasSubstr("\n  " + std::string(verb) + " "));
    std::vector<std::string> arguments;
    std::istringstream words{verb};
    for (std::string word; words >> word;) arguments.push_back(word);
    arguments.push_back("--help");
    const ProcessEnd verb_help = Conntrail(arguments);
    EXPECT_EQ(verb_help.exit_code, 0);
    EXPECT_THAT(verb_help.out, HasSubstr("Usage: conntrail " + std::string(verb)));
    EXPECT_THAT(verb_help.out, HasSubstr("Examples:\n  "));
  }
}

TEST(Cli, AWrongCommandLineIsOneLineAndSaysWhereToLook) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"connections"},
      {"conections", "list"},
      {"connections", "list", "--no-such-option"},
      {"connections", "list", "--output", "xml"},
      {"connections", "list", "--limit", "0"},
      {"connections", "show"},
      {"connections", "list", "--suspended", "--active"},
      {"orgs", "list"},  // without --data
      {"completion", "tcsh"},
  };
  for (const auto& arguments : wrong) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const ProcessEnd end = Conntrail(arguments, {.environment = {{"CONNTRAIL_DATA", ""}}});
    EXPECT_EQ(end.exit_code, 2);
    EXPECT_EQ(end.out, "");
    EXPECT_EQ(LinesIn(end.err), 1u) << end.err;
    EXPECT_THAT(end.err, testing::StartsWith("conntrail: "));
    EXPECT_THAT(end.err, HasSubstr("--"));
  }
}

TEST(Cli, ADirectoryThatIsNoneIsNotFoundAndNotMade) {
  ScratchDir dir;
  const std::string path = dir / "nothing";
  EXPECT_EQ(Conntrail({"orgs", "list", "--data", path}).exit_code, 5);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Cli, AForeignDirectoryGetsNoDemo) {
  ScratchDir dir;
  std::ofstream(dir / "precious.txt") << "mine";
  const ProcessEnd end = Conntrail({"demo", "--data", (dir / "").string()});
  EXPECT_EQ(end.exit_code, 4) << end.err;
  EXPECT_FALSE(std::filesystem::exists(dir / "log"));
}

// A file of two observations, of which the second is as `second` says.
std::string WriteObservations(const ScratchDir& dir, const std::string& second) {
  const std::string path = dir / "changes.jsonl";
  std::ofstream(path)
      << R"({"op":"connection.created","seq":1,"recorded_at":"2024-03-01T09:00:00Z",)"
      << R"("actor":"user:11111111-1111-4111-8111-111111111111","connection":)"
      << R"({"id":"22222222-2222-5222-8222-222222222222","name":"pager"},)"
      << R"("after":{"name":"pager","scopes":["alerts/*"]}})"
      << "\n"
      << second << "\n";
  return path;
}
constexpr char kSuspended[] =
    R"({"op":"connection.suspended","seq":2,"recorded_at":"2024-03-02T09:00:00Z",)"
    R"("connection":{"id":"22222222-2222-5222-8222-222222222222","name":"pager"}})";

TEST(CliImport, BringsInEachLineOnceAndAnswersAsOfItsNumbers) {
  ScratchDir dir;
  const std::string file = WriteObservations(dir, kSuspended);
  const std::string data = dir / "data";
  const std::vector<std::string> import = {"import", file, "--data", data, "--org", "acme"};
  const ProcessEnd first = Conntrail(import);
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, testing::ContainsRegex("appended +2"));
  const ProcessEnd again = Conntrail(import);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, testing::ContainsRegex("appended +0"));
  const auto state = [&](const char* moment) {
    return Conntrail({"state", "export", "--data", data, "--as-of", moment, "--output", "ndjson"})
        .out;
  };
  EXPECT_THAT(state("seq:1"), HasSubstr("\"suspended\":false"));
  EXPECT_THAT(state("seq:2"), HasSubstr("\"suspended\":true"));
}

TEST(CliImport, ADryRunWritesNothing) {
  ScratchDir dir;
  const std::string file = WriteObservations(dir, kSuspended);
  const ProcessEnd end = Conntrail(
      {"import", file, "--data", dir / "data", "--org", "acme", "--dry-run", "--output", "json"});
  EXPECT_EQ(end.exit_code, 0) << end.err;
  EXPECT_THAT(end.out, HasSubstr("\"appended\":2"));
  EXPECT_FALSE(std::filesystem::exists(dir / "data"));
}

TEST(CliImport, ARefusedLineIsToldWithItsPlaceAndMember) {
  ScratchDir dir;
  const std::string file = WriteObservations(dir, R"({"op":"connection.suspended","seq":2})");
  const ProcessEnd end = Conntrail({"import", file, "--data", dir / "data", "--org", "acme"});
  EXPECT_EQ(end.exit_code, 6);
  EXPECT_THAT(end.err, HasSubstr("changes.jsonl:2: "));
  EXPECT_THAT(end.err, HasSubstr("--keep-going"));
}

TEST(CliImport, AFileThatIsNotThereMakesNoDirectory) {
  ScratchDir dir;
  const ProcessEnd end =
      Conntrail({"import", dir / "none.jsonl", "--data", dir / "data", "--org", "acme"});
  EXPECT_EQ(end.exit_code, 5);
  EXPECT_FALSE(std::filesystem::exists(dir / "data"));
}

class CliOnDemo : public DemoDirectory {};

TEST_F(CliOnDemo, ASecondDemoChangesNothing) {
  const ProcessEnd before = Ask({"log", "dump", "--output", "ndjson"});
  const ProcessEnd again = Ask({"demo"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("added=0\n"));
  EXPECT_EQ(Ask({"log", "dump", "--output", "ndjson"}).out, before.out);
}

TEST_F(CliOnDemo, SharedOptionsStandBeforeOrAfterTheVerbOrInTheEnvironment) {
  const std::string after = Ask({"orgs", "list"}).out;
  EXPECT_EQ(Conntrail({"--data", data(), "orgs", "list"}).out, after);
  EXPECT_EQ(Conntrail({"orgs", "--data", data(), "list"}).out, after);
  EXPECT_EQ(Conntrail({"orgs", "list"}, {.environment = {{"CONNTRAIL_DATA", data()}}}).out, after);
}

TEST_F(CliOnDemo, WhatIsNotThereIsToldWithWhatIs) {
  const ProcessEnd org = Ask({"counts", "--org", "acme"});
  EXPECT_EQ(org.exit_code, 5);
  EXPECT_THAT(org.err, HasSubstr("demo"));
  const ProcessEnd name = Ask({"connections", "show", "jira"});
  EXPECT_EQ(name.exit_code, 5);
  EXPECT_THAT(name.err, HasSubstr("connections list --name"));
  EXPECT_EQ(Ask({"access", "who", "00000000-0000-4000-8000-000000000009"}).exit_code, 5);
  EXPECT_EQ(Ask({"connections", "history", "00000000-0000-4000-8000-000000000009"}).exit_code, 5);
  EXPECT_EQ(Ask({"state", "export", "--as-of", "index:99999"}).exit_code, 5);
  EXPECT_EQ(Ask({"log", "dump", "--from", "99999"}).exit_code, 5);
}

TEST_F(CliOnDemo, WordsThatMeanNothingAreUsageErrors) {
  const std::vector<std::vector<std::string>> wrong = {
      {"trail", "search", "--outcome", "forbidden"},
      {"trail", "search", "--type", "conection.*"},
      {"trail", "search", "--mark", "odd"},
      {"trail", "search", "--from", "yesterday"},
      {"trail", "search", "--actor", "alice"},
      {"trail", "search", "--subject", "pager"},
      {"trail", "search", "--cursor", "abc"},
      {"counts", "--as-of", "2026-06-01"},
      {"access", "what", "alice"}};
  for (const auto& arguments : wrong) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const ProcessEnd end = Ask(arguments);
    EXPECT_EQ(end.exit_code, 2);
    EXPECT_EQ(LinesIn(end.err), 1u) << end.err;
  }
}

TEST_F(CliOnDemo, ADeletedConnectionStillHasItsHistoryByName) {
  const ProcessEnd end = Ask({"connections", "history", "legacy-webhook"});
  EXPECT_EQ(end.exit_code, 0) << end.err;
  EXPECT_THAT(end.out, HasSubstr("connection.deleted"));
  EXPECT_THAT(end.out, HasSubstr("connection_not_found"));  // the edit that came too late
}

TEST_F(CliOnDemo, DamageInTheLogIsToldWithItsPlace) {
  for (const auto& file : std::filesystem::directory_iterator(data() + "/log")) {
    if (file.path().extension() != ".segment") continue;
    std::fstream segment(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    segment.seekp(20'000);
    segment << "damage";
  }
  const ProcessEnd end = Ask({"verify"});
  EXPECT_EQ(end.exit_code, 3) << end.err;
  EXPECT_THAT(end.err, HasSubstr(".segment"));
}

TEST_F(CliOnDemo, VerifyFindsAnAnswerThatDoesNotFollowFromTheLogAndRebuildMendsIt) {
  {
    auto store = RocksDbStore::Open(data() + "/projection");
    ASSERT_TRUE(store.ok()) << store.status().message();
    const Offset applied = *(*store)->Applied(PartitionId(0));
    WriteBatch batch;
    {
      const auto snapshot = (*store)->NewSnapshot();
      const auto rows = snapshot->NewIterator(Family::kTrail);
      rows->Seek("");
      ASSERT_TRUE(rows->Valid());
      std::string value(rows->value());
      value[1] ^= 1;  // the verdict
      batch.Put(Family::kTrail, rows->key(), value);
    }
    ASSERT_TRUE((*store)->Write(batch, PartitionId(0), applied).ok());
    ASSERT_TRUE((*store)->Close().ok());
  }
  const ProcessEnd altered = Ask({"verify"});
  EXPECT_EQ(altered.exit_code, 1) << altered.err;
  EXPECT_THAT(altered.out, HasSubstr("trail row"));
  EXPECT_EQ(Ask({"rebuild"}).exit_code, 0);
  EXPECT_EQ(Ask({"verify"}).exit_code, 0);
}

TEST_F(CliOnDemo, RebuildChangesNoDigest) {
  const ProcessEnd end = Ask({"rebuild"});
  EXPECT_EQ(end.exit_code, 0) << end.err;
  EXPECT_THAT(end.out, testing::ContainsRegex("equal +yes"));
}

TEST_F(CliOnDemo, ALostProjectionComesBackFromItsCopyAndADamagedCopyIsRefused) {
  namespace fs = std::filesystem;
  ScratchDir scratch;
  const std::string copy = scratch / "copy";
  const ProcessEnd saved = Ask({"projection", "save", "--to", copy, "--digests"});
  EXPECT_EQ(saved.exit_code, 0) << saved.err;
  EXPECT_EQ(Ask({"projection", "save", "--to", copy}).exit_code, 4) << "it is not empty";
  const ProcessEnd needless = Ask({"projection", "restore", "--from", copy});
  EXPECT_EQ(needless.exit_code, 4);
  EXPECT_THAT(needless.err, HasSubstr("has a projection of partition 0 already"));

  fs::remove_all(fs::path(data()) / "projection");
  for (const auto& entry : fs::directory_iterator(fs::path(copy) / "partition-0")) {
    if (entry.path().extension() != ".sst") continue;
    fs::rename(entry.path(), scratch / "aside");
    fs::copy_file(scratch / "aside", entry.path());
    std::fstream(entry.path()).seekp(100).put('\x55');
    const ProcessEnd refused = Ask({"projection", "restore", "--from", copy});
    EXPECT_EQ(refused.exit_code, 3) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr(entry.path().filename().string() + " is not as it was"));
    fs::rename(scratch / "aside", entry.path());
    break;
  }
  const ProcessEnd restored = Ask({"projection", "restore", "--from", copy, "--output", "json"});
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_EQ(Ask({"verify"}).exit_code, 0);
  EXPECT_EQ(Ask({"projection", "restore", "--from", scratch / "none"}).exit_code, 5);
}

TEST_F(CliOnDemo, ADirectoryInUseIsWaitedForAndThenGivenUp) {
  Process server({kConntraild, "--data", data(), "--listen", "127.0.0.1:0"}, {});
  ASSERT_TRUE(server.WaitForError(kReadyServer, seconds(20)));
  const ProcessEnd end = Ask({"orgs", "list"});
  EXPECT_EQ(end.exit_code, 4);
  EXPECT_THAT(end.err, HasSubstr("waiting for"));
  EXPECT_THAT(end.err, HasSubstr("in use by process"));
  server.Send(SIGTERM);
  EXPECT_EQ(server.Wait().exit_code, 0);
}

TEST_F(CliOnDemo, ADirectoryThatBecomesFreeIsTaken) {
  Process server({kConntraild, "--data", data(), "--listen", "127.0.0.1:0"}, {});
  ASSERT_TRUE(server.WaitForError(kReadyServer, seconds(20)));
  Process asking({kConntrail, "orgs", "list", "--data", data()}, {});
  ASSERT_TRUE(asking.WaitForError("waiting for", seconds(20)));
  server.Send(SIGTERM);
  EXPECT_EQ(server.Wait().exit_code, 0);
  const ProcessEnd end = asking.Wait();
  EXPECT_EQ(end.exit_code, 0) << end.err;
  EXPECT_THAT(end.out, HasSubstr("demo"));
}

TEST_F(CliOnDemo, AnInterruptEndsTheWaitWithItsSignalNumber) {
  Process server({kConntraild, "--data", data(), "--listen", "127.0.0.1:0"}, {});
  ASSERT_TRUE(server.WaitForError(kReadyServer, seconds(20)));
  for (const int signal : {SIGINT, SIGTERM}) {
    Process asking({kConntrail, "orgs", "list", "--data", data()}, {});
    ASSERT_TRUE(asking.WaitForError("waiting for", seconds(20)));
    asking.Send(signal);
    EXPECT_EQ(asking.Wait().exit_code, 128 + signal);
  }
}

TEST_F(CliOnDemo, AStoreIsRebuiltBesideSwitchedAndTakenBack) {
  EXPECT_EQ(Ask({"replay", "return"}).exit_code, 5) << "none is kept yet";
  const ProcessEnd dry = Ask({"replay", "rebuild", "--json"});
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_THAT(dry.out, HasSubstr("\"changed\":false,\"equal\":true"));
  EXPECT_FALSE(std::filesystem::exists(data() + "/projection.kept"));
  EXPECT_EQ(Ask({"replay", "rebuild", "--yes"}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(data() + "/projection.kept"));
  EXPECT_EQ(Ask({"replay", "return", "--yes"}).exit_code, 0);
  EXPECT_EQ(Ask({"replay", "verify"}).exit_code, 0);
  EXPECT_EQ(Ask({"replay", "bisect"}).exit_code, 0);
}

TEST_F(CliOnDemo, WhileAServerHasTheDirectoryItIsSaidWhatToDo) {
  Process server({kConntraild, "--data", data(), "--listen", "127.0.0.1:0"}, {});
  ASSERT_TRUE(server.WaitForError(kReadyServer, seconds(20)));
  const ProcessEnd refused = Ask({"replay", "rebuild", "--yes"});
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_THAT(refused.err, HasSubstr("If it is conntraild: end it"));
}

TEST_F(CliOnDemo, AVerificationsPlaceIsForOneLog) {
  const std::string work = dir_ / "work";
  EXPECT_EQ(Ask({"replay", "verify", "--work", work}).exit_code, 0);
  EXPECT_EQ(Ask({"replay", "verify", "--work", work}).exit_code, 0);
  const std::string other = dir_ / "other";
  ASSERT_EQ(Conntrail({"demo", "--data", other}).exit_code, 0);
  const ProcessEnd refused = Conntrail({"replay", "verify", "--work", work, "--data", other});
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_THAT(refused.err, HasSubstr("was begun otherwise: line 2"));
}

TEST_F(CliOnDemo, AnExportGoesOnFromAnOffset) {
  const std::string all = Ask({"replay", "export", "-q"}).out;
  const std::string first = Ask({"replay", "export", "-q", "--limit", "40"}).out;
  const std::string rest = Ask({"replay", "export", "-q", "--from", "40"}).out;
  EXPECT_EQ(LinesIn(first), 40u);
  EXPECT_EQ(first + rest, all);
  EXPECT_THAT(all, HasSubstr("\"verdict\":\"denied\""));
}

TEST_F(CliOnDemo, ASnapshotBeginsAnotherDirectory) {
  ASSERT_EQ(Ask({"replay", "snapshot", "--to", dir_ / "copy"}).exit_code, 0);
  const std::filesystem::path other = dir_ / "other";
  std::filesystem::copy(data(), other, std::filesystem::copy_options::recursive);
  std::filesystem::remove_all(other / "projection");
  const ProcessEnd restored =
      Conntrail({"replay", "restore", "--from", dir_ / "copy", "--data", other});
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_EQ(Ask({"replay", "bisect", "--with", other}).exit_code, 0);
}

TEST_F(CliOnDemo, AReaderThatHasGoneIsNoError) {
  const ProcessEnd end = Ask({"log", "dump", "--output", "ndjson"}, {.closes_output = true});
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_EQ(end.signal, 0);
  EXPECT_EQ(end.err, "");
}

TEST_F(CliOnDemo, AnAnswerThatCannotBeWrittenIsAnError) {
  const ProcessEnd end = Ask({"log", "dump", "--output", "ndjson"}, {.output_file = "/dev/full"});
  EXPECT_EQ(end.exit_code, 7);
  EXPECT_THAT(end.err, HasSubstr("standard output"));
}

TEST_F(CliOnDemo, QuietSaysNothingBesideTheAnswer) {
  EXPECT_THAT(Ask({"trail", "search", "--limit", "2"}).err, HasSubstr("--cursor"));
  EXPECT_EQ(Ask({"trail", "search", "--limit", "2", "--quiet"}).err, "");
}

TEST(Conntraild, SaysWhatItIsAndIsNot) {
  const ProcessEnd help = RunProcess({kConntraild, "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("Serves the HTTP API"));
  EXPECT_EQ(RunProcess({kConntraild, "--version"}).exit_code, 0);
  EXPECT_EQ(RunProcess({kConntraild, "--nonsense"}).exit_code, 2);
}

}  // namespace
}  // namespace conntrail
