#include "tools/verify/export_check.h"

#include <filesystem>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/base/sha256.h"
#include "projections/merkle/tile.h"
#include "tests/support/evidence/memory_trail.h"
#include "tests/support/evidence/scratch_directory.h"
#include "tools/verify/archive.h"
#include "tools/verify/manifest.h"

namespace conntrail::verify {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

Report CheckWith(const std::string& path, const CheckOptions& options) {
  Report report;
  CheckExport(path, options, report);
  return report;
}

Report Check(const std::string& path, const MemoryTrail& trail) {
  return CheckWith(path, {.key = trail.VerifierKey()});
}

// Which files an export has.
std::vector<std::string> FilesOf(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<Archive> archive = *OpenArchive(path);
  for (const Archive::File& file : archive->files()) names.push_back(file.path);
  return names;
}

// What a forger does who cannot sign: the manifest says what is there.
void RepairManifest(
    const std::string& directory, const std::function<void(Manifest&)>& change = [](Manifest&) {}) {
  Manifest manifest = *ParseManifest(ReadAll(directory + "/manifest.json"));
  manifest.files.clear();
  for (const std::string& name : FilesOf(directory)) {
    if (name == "manifest.json") continue;
    const std::string bytes = ReadAll(directory + "/" + name);
    manifest.files.push_back({name, bytes.size(), Sha256(AsBytes(bytes))});
  }
  change(manifest);
  WriteAll(directory + "/manifest.json", FormatManifest(manifest));
}

void Replace(const std::string& path, const std::string& from, const std::string& to) {
  std::string bytes = ReadAll(path);
  const size_t at = bytes.find(from);
  ASSERT_NE(at, std::string::npos) << path << " has no " << from;
  WriteAll(path, bytes.replace(at, from.size(), to));
}

std::vector<std::string> EntriesOf(const std::string& path, uint32_t width) {
  const std::string bytes = ReadAll(path);
  const std::vector<std::string_view> entries = *merkle::DecodeBundle(bytes, width);
  return {entries.begin(), entries.end()};
}

void WriteEntries(const std::string& path, const std::vector<std::string>& entries) {
  std::string bundle;
  for (const std::string& entry : entries) merkle::AppendEntry(bundle, AsBytes(entry));
  WriteAll(path, bundle);
}

class ExportCheck : public testing::Test {
 protected:
  // Where the first `size` records of a trail were exported to.
  std::string Export(MemoryTrail& trail, uint64_t size, const std::string& name = "export") {
    const Status status = trail.Export(scratch_ / name, size);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return scratch_ / name;
  }

  ScratchDirectory scratch_;
};

TEST_F(ExportCheck, DirectoriesAndZipFilesOfAllSizesAreVerified) {
  MemoryTrail trail(4200);
  for (const uint64_t size : {1u, 2u, 255u, 256u, 257u, 511u, 512u, 2047u, 2048u, 2049u, 4200u}) {
    for (const std::string ending : {"", ".zip"}) {
      const std::string path = Export(trail, size, std::to_string(size) + ending);
      const Report report = Check(path, trail);
      EXPECT_TRUE(report.refused.ok()) << path << ": " << report.refused.ToString();
      EXPECT_EQ(report.steps.size(), 6u);
    }
    EXPECT_EQ(FilesOf(scratch_ / std::to_string(size)),
              FilesOf(scratch_ / (std::to_string(size) + ".zip")));
  }
}

TEST_F(ExportCheck, OfATrailWithoutRecordsIsVerified) {
  MemoryTrail trail(1);
  const Report report = Check(Export(trail, 0), trail);
  EXPECT_TRUE(report.refused.ok()) << report.refused.ToString();
}

TEST_F(ExportCheck, EqualTrailsGiveEqualBytes) {
  MemoryTrail trail(700);
  Export(trail, 700, "a.zip");
  Export(trail, 700, "b.zip");
  EXPECT_EQ(ReadAll(scratch_ / "a.zip"), ReadAll(scratch_ / "b.zip"));
}

TEST_F(ExportCheck, EveryChangedByteOfEveryFileIsRefused) {
  MemoryTrail trail(3);
  const std::string path = Export(trail, 3);
  for (const std::string& name : FilesOf(path)) {
    const std::string bytes = ReadAll(path + "/" + name);
    for (size_t at = 0; at < bytes.size(); ++at) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << at % 8);
      WriteAll(path + "/" + name, damaged);
      const Report report = Check(path, trail);
      ASSERT_EQ(report.refused.code(), StatusCode::kCorruption) << name << ", byte " << at;
      // The manifest's own bytes can make any other file look wrong.
      if (name != "manifest.json") {
        EXPECT_THAT(report.refused.message(), HasSubstr(name)) << "byte " << at;
      }
    }
    WriteAll(path + "/" + name, bytes);
  }
  EXPECT_TRUE(Check(path, trail).refused.ok()) << "as it was";
}

TEST_F(ExportCheck, EveryTruncationOfEveryFileIsRefused) {
  MemoryTrail trail(3);
  const std::string path = Export(trail, 3);
  for (const std::string& name : FilesOf(path)) {
    const std::string bytes = ReadAll(path + "/" + name);
    for (size_t size = 0; size < bytes.size(); ++size) {
      WriteAll(path + "/" + name, bytes.substr(0, size));
      ASSERT_EQ(Check(path, trail).refused.code(), StatusCode::kCorruption) << name << " " << size;
    }
    WriteAll(path + "/" + name, bytes + "\n");
    EXPECT_FALSE(Check(path, trail).refused.ok()) << name << " is longer";
    fs::remove(path + "/" + name);
    EXPECT_THAT(Check(path, trail).refused.message(), HasSubstr(name)) << name << " is missing";
    WriteAll(path + "/" + name, bytes);
  }
}

// The bytes of a zip file that say nothing about its contents, such as dates, may change: then all
// files are what they were.
TEST_F(ExportCheck, EveryChangedByteOfAZipFileIsRefusedOrChangesNoFile) {
  MemoryTrail trail(3);
  const std::string path = Export(trail, 3, "export.zip");
  const std::string bytes = ReadAll(path);
  const auto contents = [&] {
    std::string all;
    const Result<std::unique_ptr<Archive>> archive = OpenArchive(path);
    if (!archive.ok()) return all;
    for (const Archive::File& file : (*archive)->files()) {
      const Result<std::string> content = (*archive)->ReadAll(file.path, 1 << 20);
      all += file.path + "\n" + (content.ok() ? *content : "?");
    }
    return all;
  };
  const std::string whole = contents();
  size_t refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1 << at % 8);
    WriteAll(path, damaged);
    const Report report = Check(path, trail);
    if (report.refused.ok()) {
      ASSERT_EQ(contents(), whole) << "byte " << at;
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, bytes.size() * 9 / 10);
  for (size_t size = 0; size < bytes.size(); ++size) {
    WriteAll(path, bytes.substr(0, size));
    ASSERT_FALSE(Check(path, trail).refused.ok()) << size;
  }
}

TEST_F(ExportCheck, AFileThatIsNotListedIsRefused) {
  MemoryTrail trail(300);
  const std::string path = Export(trail, 300);
  for (const std::string name : {"more", "tile/0/002", "tile/entries/000.p/1", "tile/1/000",
                                 "decoded/more.csv", "tile/0/001.p/43"}) {
    WriteAll(path + "/" + name, "bytes");
    EXPECT_THAT(Check(path, trail).refused.message(), HasSubstr(name));
    RepairManifest(path);
    EXPECT_EQ(Check(path, trail).refused.code(), StatusCode::kCorruption) << name << ", listed";
    fs::remove(path + "/" + name);
    RepairManifest(path);
  }
  EXPECT_TRUE(Check(path, trail).refused.ok());
  fs::create_symlink("README.md", path + "/README2.md");
  EXPECT_THAT(Check(path, trail).refused.message(), HasSubstr("README2.md"));
}

TEST_F(ExportCheck, AChangedRemovedInsertedOrMovedEntryIsNamed) {
  MemoryTrail trail(600);
  const std::string path = Export(trail, 600);
  const std::string bundle = path + "/tile/entries/001";
  const std::vector<std::string> entries = EntriesOf(bundle, 256);
  const auto refusal_of = [&](const std::vector<std::string>& forged) {
    WriteEntries(bundle, forged);
    RepairManifest(path);
    return Check(path, trail).refused.message();
  };
  std::vector<std::string> forged = entries;
  forged[17].back() = static_cast<char>(forged[17].back() ^ 1);
  EXPECT_THAT(refusal_of(forged), AllOf(HasSubstr("tile/entries/001, entry 17 (index 273)"),
                                        HasSubstr("expected leaf hash"), HasSubstr("found")));
  forged = entries;
  std::swap(forged[100], forged[101]);
  EXPECT_THAT(refusal_of(forged), HasSubstr("tile/entries/001, entry 100 (index 356)"));
  forged = entries;
  forged.erase(forged.begin() + 30);
  EXPECT_THAT(refusal_of(forged), HasSubstr("tile/entries/001: bundle, entry 255"));
  forged.push_back(entries[30]);
  EXPECT_THAT(refusal_of(forged), HasSubstr("tile/entries/001, entry 30 (index 286)"));
  forged = entries;
  forged.insert(forged.begin() + 7, entries[7]);
  EXPECT_THAT(refusal_of(forged), HasSubstr("expected the end after 256 entries"));
  EXPECT_EQ(refusal_of(entries), "");
}

TEST_F(ExportCheck, AForgedTileIsNamedThoughTheManifestListsIt) {
  MemoryTrail trail(70'000);
  const std::string path = Export(trail, 70'000);
  for (const std::string name : {"tile/0/000", "tile/0/255", "tile/0/272", "tile/1/000"}) {
    const std::string bytes = ReadAll(path + "/" + name);
    std::string forged = bytes;
    forged[777] = static_cast<char>(forged[777] ^ 4);
    WriteAll(path + "/" + name, forged);
    EXPECT_THAT(Check(path, trail).refused.message(), HasSubstr(name + ": expected SHA-256"));
    RepairManifest(path);
    EXPECT_THAT(Check(path, trail).refused.message(), HasSubstr("tile/")) << name;
    WriteAll(path + "/" + name, bytes);
    RepairManifest(path);
  }
  for (const std::string name : {"tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"}) {
    const std::string bytes = ReadAll(path + "/" + name);
    std::string forged = bytes;
    forged[5] = static_cast<char>(forged[5] ^ 4);
    WriteAll(path + "/" + name, forged);
    RepairManifest(path);
    EXPECT_THAT(Check(path, trail).refused.message(), HasSubstr("tile/")) << name;
    WriteAll(path + "/" + name, bytes);
  }
  RepairManifest(path);
  EXPECT_TRUE(Check(path, trail).refused.ok());
}

TEST_F(ExportCheck, AnotherHistoryUnderTheSignedHeadIsRefused) {
  MemoryTrail trail(300), forged(300, 1, 150);
  const std::string path = Export(forged, 300);
  WriteAll(path + "/checkpoint", trail.CheckpointAt(300));
  RepairManifest(
      path, [&](Manifest& manifest) { manifest.checkpoint.root = *merkle::RootAt(trail, 300); });
  EXPECT_THAT(Check(path, trail).refused.message(), HasSubstr("tile/"));
}

TEST_F(ExportCheck, OfAnotherOrgOrKeyIsRefused) {
  MemoryTrail trail(10), other(10);
  other.origin = "log.example/test/p0/o2";
  const std::string path = Export(other, 10);
  EXPECT_THAT(Check(path, trail).refused.message(),
              AllOf(HasSubstr("checkpoint: "), HasSubstr("p0/o1"), HasSubstr("p0/o2")));
  EXPECT_TRUE(Check(path, other).refused.ok());

  const merkle::SigningKey stranger(merkle::Ed25519Seed{9});
  const Report report =
      CheckWith(Export(trail, 10, "ours"), {.key = {trail.origin, stranger.public_key()}});
  EXPECT_THAT(report.refused.message(), HasSubstr("expected a signature by"));
}

TEST_F(ExportCheck, ARollbackIsCalledSo) {
  MemoryTrail trail(500);
  const std::string path = Export(trail, 300);
  const auto since = [&](const std::string& checkpoint) {
    return CheckWith(path, {.key = trail.VerifierKey(), .since = checkpoint});
  };
  EXPECT_THAT(since(trail.CheckpointAt(301)).refused.message(), HasSubstr("ROLLBACK"));
  for (const uint64_t size : {0u, 1u, 255u, 256u, 257u, 299u, 300u}) {
    const Report report = since(trail.CheckpointAt(size));
    EXPECT_TRUE(report.refused.ok()) << report.refused.ToString();
    EXPECT_EQ(report.steps.size(), 7u);
  }
}

TEST_F(ExportCheck, AForkIsCalledSo) {
  MemoryTrail trail(500), forked(500, 1, 200);
  const std::string path = Export(trail, 300);
  const auto since = [&](const std::string& checkpoint) {
    return CheckWith(path, {.key = trail.VerifierKey(), .since = checkpoint}).refused.message();
  };
  EXPECT_THAT(since(forked.CheckpointAt(300)), HasSubstr("FORK")) << "one size, two roots";
  EXPECT_THAT(since(forked.CheckpointAt(201)), HasSubstr("FORK")) << "no beginning of it";
  EXPECT_EQ(since(forked.CheckpointAt(200)), "") << "before the fork";
}

TEST_F(ExportCheck, AKeptCheckpointOfAnotherOrgIsRefused) {
  MemoryTrail trail(20), other(20);
  other.origin = "log.example/test/p0/o2";
  const Report report =
      CheckWith(Export(trail, 20), {.key = trail.VerifierKey(), .since = other.CheckpointAt(10)});
  EXPECT_THAT(report.refused.message(), HasSubstr("the checkpoint that was kept: "));
}

TEST_F(ExportCheck, APartHasItsBundlesAndTheWholeTree) {
  MemoryTrail trail(2000);
  const std::pair<uint64_t, uint64_t> parts[] = {
      {0, 1}, {0, 256}, {255, 257}, {256, 512}, {300, 300}, {511, 1025}, {1999, 2000}, {700, 2000}};
  for (const auto& [begin, end] : parts) {
    const std::string path = scratch_ / (std::to_string(begin) + "-" + std::to_string(end));
    ASSERT_TRUE(trail.Export(path, 2000, begin, end, begin / 2).ok());
    const Report report = Check(path, trail);
    EXPECT_TRUE(report.refused.ok()) << path << ": " << report.refused.ToString();
    uint64_t bundles = 0;
    for (const std::string& name : FilesOf(path)) bundles += name.starts_with("tile/entries/");
    EXPECT_EQ(bundles, begin == end ? 0 : (end - 1) / 256 - begin / 256 + 1);
    EXPECT_EQ(fs::exists(path + "/checkpoint.from"), begin / 2 > 0);
  }
}

TEST_F(ExportCheck, APartMayNotSayThatItIsMoreOrLess) {
  MemoryTrail trail(2000);
  const std::string path = scratch_ / "part";
  ASSERT_TRUE(trail.Export(path, 2000, 300, 700, 200).ok());
  const auto refused = [&](const std::function<void(Manifest&)>& change) {
    const std::string manifest = ReadAll(path + "/manifest.json");
    RepairManifest(path, change);
    const bool is_refused = !Check(path, trail).refused.ok();
    WriteAll(path + "/manifest.json", manifest);
    return is_refused;
  };
  EXPECT_TRUE(refused([](Manifest& m) { m.begin = 0; }));
  EXPECT_TRUE(refused([](Manifest& m) { m.begin = 299; }));
  EXPECT_TRUE(refused([](Manifest& m) { m.end = 701; }));
  EXPECT_TRUE(refused([](Manifest& m) { m.end = 699; }));
  EXPECT_TRUE(refused([](Manifest& m) { m.begin = m.end; }));
  EXPECT_TRUE(refused([](Manifest& m) { m.checkpoint.size = 1999; }));
  EXPECT_TRUE(refused([](Manifest& m) { m.ocsf_rows += 1; }));
  EXPECT_TRUE(refused([](Manifest& m) { m.by_outcome["denied"] -= 1; }));
  EXPECT_TRUE(refused([](Manifest& m) { m.by_outcome["none"] = 0; }));
  EXPECT_TRUE(refused([](Manifest& m) { m.by_type["connection.used"] += 1; }));
  EXPECT_TRUE(refused([](Manifest& m) { m.by_type.clear(); }));
  EXPECT_TRUE(refused([](Manifest& m) { m.files.pop_back(); }));
  EXPECT_FALSE(refused([](Manifest&) {}));
}

TEST_F(ExportCheck, ADecodedRowThatIsNotItsEntryIsNamed) {
  MemoryTrail trail(300);
  const std::string path = Export(trail, 300);
  const std::string rows_file = path + "/decoded/trail.ndjson";
  const std::string rows = ReadAll(rows_file);
  const auto refusal = [&] {
    RepairManifest(path);
    const std::string message = Check(path, trail).refused.message();
    WriteAll(rows_file, rows);
    return message;
  };
  const std::pair<std::string, std::string> forgeries[] = {
      {"{\"index\":9,", "{\"index\":8,"},
      {"\"outcome\":\"denied\"", "\"outcome\":\"applied\""},
      {"\"reason\":\"right_required\"", "\"reason\":\"\""},
      {"\"revision\":7", "\"revision\":8"},
      {"\"rules\":1", "\"rules\":2"},
      {"\"slot\":null", "\"slot\":3"},
      {"\"time_ms\":1700000000250", "\"time_ms\":1700000000251"},
      {"\"leaf_hash\":\"", "\"leaf_hash\":\"A"},
      {",\"type\":", ",\"typo\":"},
      {"\n", "}\n{\"index\":0}\n"},
      {"\n", ""},
  };
  for (const auto& [from, to] : forgeries) {
    Replace(rows_file, from, to);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("decoded/trail.ndjson, line "), HasSubstr("expected "),
                                 HasSubstr("found ")))
        << from << " is " << to;
  }
  WriteAll(rows_file, rows + rows.substr(0, rows.find('\n') + 1));
  EXPECT_THAT(refusal(), HasSubstr("line 301: expected the end after 300 rows"));
  WriteAll(rows_file, rows.substr(rows.find('\n') + 1));
  EXPECT_THAT(refusal(), HasSubstr("line 1: expected {\"index\":0,"));
  WriteAll(rows_file, rows.substr(0, rows.rfind("{\"index\"")));
  EXPECT_THAT(refusal(), HasSubstr("expected one more row"));
  WriteAll(rows_file, rows.substr(0, rows.size() - 1));
  EXPECT_THAT(refusal(), HasSubstr("expected a newline"));
}

TEST_F(ExportCheck, RowsOfOtherDecodedFilesAreCounted) {
  MemoryTrail trail(300);
  const std::string path = Export(trail, 300);
  for (const std::string name : {"decoded/trail.csv", "decoded/ocsf.ndjson"}) {
    const std::string bytes = ReadAll(path + "/" + name);
    WriteAll(path + "/" + name, bytes + "one more\r\n");
    RepairManifest(path);
    EXPECT_THAT(Check(path, trail).refused.message(), HasSubstr(name + ": expected "));
    WriteAll(path + "/" + name, bytes);
  }
}

TEST_F(ExportCheck, WithoutDecodedFilesTheReportSaysSo) {
  MemoryTrail trail(300);
  const std::string path = Export(trail, 300);
  const CheckOptions options = {.key = trail.VerifierKey(), .with_decoded = false};
  const Report report = CheckWith(path, options);
  EXPECT_TRUE(report.refused.ok());
  EXPECT_THAT(ReportText(report), HasSubstr("NOT LOOKED AT"));
}

TEST_F(ExportCheck, WhatIsNoExportIsRefused) {
  MemoryTrail trail(1);
  EXPECT_EQ(Check(scratch_ / "nothing", trail).refused.code(), StatusCode::kNotFound);
  EXPECT_EQ(Check(scratch_.path(), trail).refused.code(), StatusCode::kCorruption);
  WriteAll(scratch_ / "some.zip", "no zip file");
  EXPECT_EQ(Check(scratch_ / "some.zip", trail).refused.code(), StatusCode::kCorruption);
}

}  // namespace
}  // namespace conntrail::verify
