#include "services/peers/copy_offers.h"

#include <chrono>
#include <fstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/base/sha256.h"
#include "events/log/memory_log.h"
#include "tests/projections/store/scratch_dir.h"
#include "tests/support/manual_clock.h"
#include "tests/support/varied_events.h"

namespace conntrail {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr PartitionId kPartition{0};

class CopyOffersTest : public testing::Test {
 protected:
  CopyOffersTest() {
    AppendVariedEvents(events_, 300, log_, clock_);
    auto opened = Projection::Open(log_, kPartition, scratch_ / "projection", {});
    EXPECT_TRUE(opened.ok()) << opened.status().ToString();
    projection_ = std::move(*opened);
    EXPECT_EQ(projection_->CatchUp().ToString(), "ok");
  }

  std::unique_ptr<CopyOffers> Offers(std::chrono::milliseconds kept = std::chrono::minutes(1)) {
    CopyOffers::Options options;
    options.directory = directory();
    options.kept = kept;
    options.diagnostics = [this](const std::string& text) { told_.push_back(text); };
    return std::make_unique<CopyOffers>(io_, options);
  }
  fs::path directory() const { return scratch_ / "copies"; }

  // The first answer but 202.
  http::Response Await(CopyOffers& offers) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (true) {
      http::Response response = offers.Offer(projection_);
      if (response.status != 202 || std::chrono::steady_clock::now() > give_up) return response;
      Run(std::chrono::milliseconds(5));
    }
  }
  void Run(std::chrono::milliseconds time) {
    io_.restart();
    io_.run_for(time);
  }

  static std::string HashOf(std::string_view text) {
    const auto hash = Sha256(AsBytes(text));
    return ToHex(std::as_bytes(std::span(hash)));
  }

  std::string BodyOf(http::Response response) {
    std::string body;
    asio::co_spawn(
        io_, [&]() -> asio::awaitable<void> { return ReadAll(*response.source, body); },
        asio::detached);
    Run(std::chrono::milliseconds(100));
    return body;
  }
  static asio::awaitable<void> ReadAll(http::BodySource& source, std::string& body) {
    std::string chunk;
    while (true) {
      const Result<bool> more = co_await source.Next(chunk);
      if (!more.ok() || !*more) co_return;
      body += chunk;
    }
  }

  ScratchDir scratch_;
  ManualClock clock_;
  MemoryLog log_{1, clock_, Uuid{1, 2}};
  VariedEvents events_{31};
  asio::io_context io_;
  std::shared_ptr<Projection> projection_;
  std::vector<std::string> told_;
};

TEST_F(CopyOffersTest, OneCopyIsMadeForAllWhoAsk) {
  const auto offers = Offers();
  EXPECT_EQ(offers->Offer(projection_).status, 202);
  EXPECT_EQ(offers->Offer(projection_).status, 202);
  const http::Response first = Await(*offers);
  EXPECT_EQ(first.status, 200);
  AppendVariedEvents(events_, 10, log_, clock_);
  EXPECT_EQ(projection_->CatchUp().ToString(), "ok");
  EXPECT_EQ(Await(*offers).body, first.body);
  EXPECT_EQ(told_.size(), 1U) << testing::PrintToString(told_);
}

TEST_F(CopyOffersTest, ItsFilesAreAsItsManifestSaysFromWhereverTheyAreRead) {
  const auto offers = Offers();
  const std::string text = Await(*offers).body;
  const auto manifest = ParseCopyManifest(text);
  ASSERT_TRUE(manifest.ok()) << manifest.status().ToString();
  for (const CopyManifest::File& file : manifest->files) {
    const std::string whole = BodyOf(offers->Piece(kPartition, HashOf(text), file.name, 0));
    EXPECT_EQ(HashOf(whole), file.sha256) << file.name;
    const uint64_t from = file.size / 2;
    EXPECT_EQ(BodyOf(offers->Piece(kPartition, HashOf(text), file.name, from)), whole.substr(from));
    EXPECT_EQ(offers->Piece(kPartition, HashOf(text), file.name, file.size + 1).status, 400);
  }
}

TEST_F(CopyOffersTest, NothingElseIsHandedOut) {
  const auto offers = Offers();
  const std::string copy = HashOf(Await(*offers).body);
  for (const char* name : {"", ".", "..", "../projection/CURRENT", "LOCK", "copy.manifest"}) {
    EXPECT_EQ(offers->Piece(kPartition, copy, name, 0).status, 404) << name;
  }
  EXPECT_EQ(offers->Piece(kPartition, std::string(64, '0'), "CURRENT", 0).status, 404);
  EXPECT_EQ(offers->Piece(PartitionId(1), copy, "CURRENT", 0).status, 404);
}

TEST_F(CopyOffersTest, ACopyThatNobodyAsksForIsRemovedAndWhatIsBeingReadIsReadToItsEnd) {
  const auto offers = Offers(std::chrono::milliseconds(150));
  const std::string text = Await(*offers).body;
  const CopyManifest::File file = ParseCopyManifest(text)->files.back();
  http::Response begun = offers->Piece(kPartition, HashOf(text), file.name, 0);
  Run(std::chrono::milliseconds(600));
  EXPECT_EQ(offers->Piece(kPartition, HashOf(text), file.name, 0).status, 404);
  EXPECT_TRUE(fs::is_empty(directory()));
  EXPECT_EQ(HashOf(BodyOf(std::move(begun))), file.sha256);
  EXPECT_EQ(Await(*offers).status, 200) << "whoever asks later gets another one";
}

TEST_F(CopyOffersTest, OneThatCannotBeMadeIsToldToTheAskerOnceAndThenTriedAgain) {
  const auto offers = Offers();
  fs::remove_all(directory());
  std::ofstream(directory()) << "in the way";
  const http::Response failed = Await(*offers);
  EXPECT_EQ(failed.status, 500);
  EXPECT_THAT(failed.body, HasSubstr("no copy could be made"));
  fs::remove_all(directory());
  EXPECT_EQ(Await(*offers).status, 200);
}

TEST_F(CopyOffersTest, NothingIsLeftAtTheEndAndWhatACrashHasLeftIsRemoved) {
  fs::create_directories(directory() / "0-7");
  auto offers = Offers();
  EXPECT_FALSE(fs::exists(directory() / "0-7"));
  EXPECT_EQ(Await(*offers).status, 200);
  EXPECT_FALSE(fs::is_empty(directory()));
  EXPECT_EQ(offers->Offer(projection_).status, 200);
  offers.reset();
  EXPECT_FALSE(fs::exists(directory()));
  offers = Offers();
  EXPECT_EQ(offers->Offer(projection_).status, 202);
  offers.reset();  // while it is made
  EXPECT_FALSE(fs::exists(directory()));
}

}  // namespace
}  // namespace conntrail
