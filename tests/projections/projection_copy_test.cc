#include "projections/projection_copy.h"

#include <fstream>
#include <functional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/event_codec.h"
#include "events/log/memory_log.h"
#include "projections/projection.h"
#include "projections/state_digest.h"
#include "tests/projections/store/scratch_dir.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/manual_clock.h"
#include "tests/support/varied_events.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr PartitionId kPartition{0};

std::string Slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
// The file may be linked to one of the store's: it is made anew, never written in place.
void Replace(const fs::path& path, std::string_view text) {
  fs::remove(path);
  std::ofstream(path, std::ios::binary) << text;
}

std::vector<std::string> NamesIn(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

class ProjectionCopyTest : public testing::Test {
 protected:
  std::unique_ptr<Projection> Open(const char* name, EventLog* log = nullptr) {
    Projection::Options options;
    options.store.write_buffer_bytes = 64 << 10;  // rows in many files
    auto projection = Projection::Open(log == nullptr ? log_ : *log, kPartition, scratch_ / name,
                                       std::move(options));
    EXPECT_TRUE(projection.ok()) << projection.status().ToString();
    return projection.ok() ? std::move(*projection) : nullptr;
  }

  // A projection "source" of so many records.
  std::unique_ptr<Projection> Source(size_t records) {
    AppendVariedEvents(events_, records, log_, clock_);
    auto projection = Open("source");
    EXPECT_EQ(projection->CatchUp().ToString(), "ok");
    return projection;
  }

  // Saves the projection to "copy".
  CopyManifest Save(const Projection& projection, bool with_digests = false) {
    SaveCopyOptions options;
    options.with_digests = with_digests;
    const auto saved = projection.Save(copy(), options);
    EXPECT_TRUE(saved.ok()) << saved.status().ToString();
    return saved.ok() ? *saved : CopyManifest{};
  }
  fs::path copy() const { return scratch_ / "copy"; }

  // Of an attempt to begin "target" with the copy. Nothing may be left of one that failed.
  Status TryRestore(EventLog* log = nullptr) {
    auto target = Open("target", log);
    const Status status = target->Restore(*CopyIn(copy())).status();
    if (!status.ok()) {
      EXPECT_EQ(target->projector().next(), Offset(0)) << status.ToString();
      EXPECT_FALSE(fs::exists(scratch_ / "target.building"));
    }
    target.reset();
    fs::remove_all(scratch_ / "target");
    return status;
  }

  static StateDigests DigestsOf(Projection& projection) {
    const auto digests = ComputeDigests(*projection.store().NewSnapshot(), kPartition);
    EXPECT_TRUE(digests.ok()) << digests.status().ToString();
    return digests.ok() ? *digests : StateDigests{};
  }

  ScratchDir scratch_;
  ManualClock clock_;
  MemoryLog log_{1, clock_, Uuid{1, 2}};
  VariedEvents events_{29};
};

TEST_F(ProjectionCopyTest, BeginsAnotherProjectionThatGoesOnWithTheLog) {
  const auto source = Source(1500);
  const CopyManifest manifest = Save(*source, true);
  EXPECT_EQ(manifest.next, Offset(1500));
  EXPECT_EQ(manifest.log_id, log_.log_id());
  EXPECT_EQ(manifest.digests, DigestsOf(*source));
  AppendVariedEvents(events_, 400, log_, clock_);

  const auto target = Open("target");
  const auto restored = target->Restore(*CopyIn(copy()));
  ASSERT_TRUE(restored.ok()) << restored.status().ToString();
  EXPECT_EQ(target->projector().next(), Offset(1500)) << "only the rest is to be folded";
  EXPECT_EQ(DigestsOf(*target), manifest.digests);
  EXPECT_EQ(target->CatchUp().ToString(), "ok");
  EXPECT_EQ(source->CatchUp().ToString(), "ok");
  EXPECT_EQ(DigestsOf(*target), DigestsOf(*source));
  EXPECT_EQ(target->Rebuild().ToString(), "ok");
  EXPECT_EQ(DigestsOf(*target), DigestsOf(*source)) << "another outcome than from the log alone";
}

TEST_F(ProjectionCopyTest, SaysTheLastSealAndIsRefusedIfTheRowsHaveAnother) {
  AppendVariedEvents(events_, 200, log_, clock_);
  clock_.Pass(kSealIntervalMs);
  const Event seal = OfTheLog(Seal{}).Org({}).Id("seal");
  ASSERT_TRUE(log_.Append(kPartition, {}, EncodeEvent(seal)).ok());
  CopyManifest manifest = Save(*Source(50));
  ASSERT_TRUE(manifest.sealed && manifest.sealed->last);
  EXPECT_EQ(manifest.sealed->last->heads_root.size(), 64u);
  EXPECT_EQ(TryRestore().ToString(), "ok");
  CopyManifest forged = manifest;
  forged.sealed->last->heads_root[0] ^= 1;
  Replace(copy() / kCopyManifestName, EncodeCopyManifest(forged));
  EXPECT_THAT(TryRestore().message(), HasSubstr("another last seal"));
  forged.sealed->last.reset();
  Replace(copy() / kCopyManifestName, EncodeCopyManifest(forged));
  EXPECT_THAT(TryRestore().message(), HasSubstr("another last seal"));
  manifest.sealed.reset();
  const std::string old = EncodeCopyManifest(manifest);
  EXPECT_THAT(old, testing::StartsWith("conntrail projection copy 1\n"));
  Replace(copy() / kCopyManifestName, old);
  EXPECT_EQ(TryRestore().ToString(), "ok") << "older manifests are read";
}

TEST_F(ProjectionCopyTest, IsThereAfterAnotherOpening) {
  Save(*Source(300));
  ASSERT_TRUE(Open("target")->Restore(*CopyIn(copy())).ok());
  EXPECT_EQ(Open("target")->projector().next(), Offset(300));
}

TEST_F(ProjectionCopyTest, OfAProjectionThatIsWrittenMeanwhileIsOfOneMoment) {
  const auto source = Source(200);
  AppendVariedEvents(events_, 6000, log_, clock_);
  std::jthread writer([&] {
    for (auto applied = source->projector().Step(); applied.ok() && *applied > 0;) {
      applied = source->projector().Step();
    }
  });
  const CopyManifest manifest = Save(*source);
  writer.join();
  const auto target = Open("target");
  const auto restored = target->Restore(*CopyIn(copy()));
  ASSERT_TRUE(restored.ok()) << restored.status().ToString();
  EXPECT_EQ(target->projector().next(), manifest.next);
  EXPECT_EQ(target->CatchUp().ToString(), "ok");
  EXPECT_EQ(DigestsOf(*target), DigestsOf(*source));
}

TEST_F(ProjectionCopyTest, WithOneBitOfAFileChangedIsRefusedAndTheFileNamed) {
  const CopyManifest manifest = Save(*Source(800));
  ASSERT_GT(manifest.files.size(), 4U);
  for (const CopyManifest::File& file : manifest.files) {
    const std::string good = Slurp(copy() / file.name);
    ASSERT_EQ(good.size(), file.size);
    for (const size_t at : {size_t{0}, good.size() / 2, good.size() - 1}) {
      if (good.empty()) continue;
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
      Replace(copy() / file.name, bad);
      const Status refused = TryRestore();
      EXPECT_EQ(refused.code(), StatusCode::kCorruption) << file.name << " at " << at;
      EXPECT_THAT(refused.message(), HasSubstr(file.name));
    }
    for (const std::string& bad : {good + "x", good.substr(0, good.size() / 2)}) {
      if (bad == good) continue;
      Replace(copy() / file.name, bad);
      EXPECT_THAT(TryRestore().message(), HasSubstr(file.name + " has "));
    }
    Replace(copy() / file.name, good);
  }
  EXPECT_EQ(TryRestore().ToString(), "ok");
}

TEST_F(ProjectionCopyTest, WithAnyBitOfItsManifestChangedIsRefused) {
  Save(*Source(300), true);
  const std::string good = Slurp(copy() / kCopyManifestName);
  ASSERT_TRUE(ParseCopyManifest(good).ok());
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const Status refused = ParseCopyManifest(bad).status();
    ASSERT_EQ(refused.code(), StatusCode::kCorruption) << "bit " << bit;
    ASSERT_THAT(refused.message(), HasSubstr(kCopyManifestName));
  }
  for (size_t size = 0; size < good.size(); ++size) {
    ASSERT_FALSE(ParseCopyManifest(good.substr(0, size)).ok()) << "cut off at " << size;
  }
  Replace(copy() / kCopyManifestName, good + good);
  EXPECT_EQ(TryRestore().code(), StatusCode::kCorruption);
}

TEST_F(ProjectionCopyTest, WithANameThatLeadsElsewhereIsRefused) {
  CopyManifest manifest = Save(*Source(50));
  for (const char* name : {"../x", "/etc/x", "a/b", "..", ".x", "", "a b", kCopyManifestName}) {
    CopyManifest wrong = manifest;
    wrong.files = {{name, 1, std::string(64, 'a')}};
    EXPECT_FALSE(ParseCopyManifest(EncodeCopyManifest(wrong)).ok()) << name;
  }
}

TEST_F(ProjectionCopyTest, WithAFileMoreOrLessIsRefused) {
  const CopyManifest manifest = Save(*Source(300));
  Replace(copy() / "000999.sst", "more");
  EXPECT_THAT(TryRestore().message(), HasSubstr("000999.sst is no file of the copy"));
  fs::remove(copy() / "000999.sst");
  for (const CopyManifest::File& file : manifest.files) {
    fs::rename(copy() / file.name, scratch_ / "aside");
    EXPECT_THAT(TryRestore().message(), HasSubstr(file.name + " is missing"));
    fs::rename(scratch_ / "aside", copy() / file.name);
  }
  EXPECT_EQ(TryRestore().ToString(), "ok");
  fs::remove(copy() / kCopyManifestName);
  EXPECT_EQ(TryRestore().code(), StatusCode::kNotFound) << "a copy that was not finished";
}

TEST_F(ProjectionCopyTest, OfAnotherLogOrAheadOfItIsRefused) {
  const CopyManifest manifest = Save(*Source(300));
  MemoryLog other(1, clock_, Uuid{3, 4});
  EXPECT_THAT(TryRestore(&other).message(), HasSubstr("it is of the log"));

  MemoryLog same(1, clock_, log_.log_id());
  VariedEvents same_events(29), other_events(30);
  AppendVariedEvents(same_events, 299, same, clock_);
  EXPECT_THAT(TryRestore(&same).message(), HasSubstr("the log ends at 299"));

  MemoryLog rewritten(1, clock_, log_.log_id());
  AppendVariedEvents(other_events, 400, rewritten, clock_);
  EXPECT_THAT(TryRestore(&rewritten).message(), HasSubstr("record 299"));

  CopyManifest moved = manifest;
  moved.partition = PartitionId(1);
  Replace(copy() / kCopyManifestName, EncodeCopyManifest(moved));
  EXPECT_THAT(TryRestore().message(), HasSubstr("it is of partition 1"));
}

TEST_F(ProjectionCopyTest, WhoseManifestSaysAnotherOffsetOrOtherDigestsThanTheRowsIsRefused) {
  const CopyManifest manifest = Save(*Source(300), true);
  CopyManifest wrong = manifest;
  wrong.next = Offset(200);
  Replace(copy() / kCopyManifestName, EncodeCopyManifest(wrong));
  EXPECT_THAT(TryRestore().message(), HasSubstr("the rows stand at 300"));
  wrong = manifest;
  wrong.digests->state[0] = wrong.digests->state[0] == 'a' ? 'b' : 'a';
  Replace(copy() / kCopyManifestName, EncodeCopyManifest(wrong));
  EXPECT_THAT(TryRestore().message(), HasSubstr("digests"));
}

TEST_F(ProjectionCopyTest, ThatCannotBeMadeLeavesNothing) {
  const auto source = Source(300);
  std::stop_source stop;
  stop.request_stop();
  SaveCopyOptions options;
  options.stop = stop.get_token();
  EXPECT_EQ(source->Save(copy(), options).status().code(), StatusCode::kUnavailable);
  EXPECT_FALSE(fs::exists(copy()));
  fs::create_directories(copy());
  EXPECT_EQ(source->Save(copy(), {}).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(NamesIn(copy()).size(), 0U) << "what was there is left alone";
}

TEST_F(ProjectionCopyTest, ThatWasCutOffBeforeItsStoreWasInPlaceIsNotThere) {
  Save(*Source(300));
  Open("target");
  fs::copy(copy(), scratch_ / "target.building");
  EXPECT_EQ(Open("target")->projector().next(), Offset(0));
  EXPECT_FALSE(fs::exists(scratch_ / "target.building"));
}

}  // namespace
}  // namespace conntrail
