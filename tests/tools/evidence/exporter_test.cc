#include "tools/evidence/exporter.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/support/evidence/memory_trail.h"
#include "tests/support/evidence/scratch_directory.h"
#include "tools/evidence/piece.h"
#include "tools/evidence/tile_builder.h"

namespace conntrail::evidence {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

size_t FilesIn(const std::string& path) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
}

TEST(TileBuilder, MakesTheTilesThatATreeHas) {
  for (const uint64_t size : {0u, 1u, 255u, 256u, 257u, 65'535u, 65'536u, 65'537u}) {
    MemoryTrail trail(size);
    std::map<std::string, std::string> tiles;
    TileBuilder builder([&](const merkle::TileId& tile, std::string bytes) {
      EXPECT_EQ(bytes, *merkle::EncodeTile(trail, tile));
      tiles[merkle::TilePath(tile)] = std::move(bytes);
      return Status::Ok();
    });
    for (uint64_t index = 0; index < size; ++index) {
      ASSERT_TRUE(builder.Append(*trail.Node({0, index})).ok());
    }
    EXPECT_EQ(*builder.Finish(), *merkle::RootAt(trail, size));
    EXPECT_EQ(tiles.size(), merkle::TilesOf(size).size());
    for (const merkle::TileId& tile : merkle::TilesOf(size)) {
      EXPECT_TRUE(tiles.contains(merkle::TilePath(tile)));
    }
  }
}

TEST(Piece, DeflatedPiecesAreOneStream) {
  std::string text, stored;
  uint32_t crc = 0;
  for (const size_t size : {0u, 1u, 70'000u, 0u, 300'000u}) {
    std::string part(size, 'x');
    for (size_t i = 0; i < size; ++i) part[i] = static_cast<char>('a' + i * i % 23);
    const Piece piece = MakePiece(part, true);
    EXPECT_EQ(piece.bytes, size);
    crc = static_cast<uint32_t>(crc32_combine(crc, piece.crc32, static_cast<z_off_t>(size)));
    text += part;
    stored += piece.stored;
  }
  stored += kDeflateEnd;
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, -15), Z_OK);
  std::string out(text.size() + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(stored.data());
  stream.avail_in = static_cast<uInt>(stored.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  EXPECT_EQ(out, text);
  EXPECT_EQ(crc, ::crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

class Export : public testing::Test {
 protected:
  ScratchDirectory scratch_;
  MemoryTrail trail_{5000};
};

TEST_F(Export, OverwritesNothing) {
  WriteAll(scratch_ / "there.zip", "bytes");
  WriteAll(scratch_ / "there/file", "bytes");
  EXPECT_EQ(trail_.Export(scratch_ / "there.zip", 10).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(trail_.Export(scratch_ / "there", 10).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReadAll(scratch_ / "there.zip"), "bytes");
  EXPECT_EQ(FilesIn(scratch_.path()), 2u);
}

TEST_F(Export, WhatAppearsMeanwhileIsNotOverwritten) {
  for (const std::string name : {"late.zip", "late"}) {
    const std::unique_ptr<ExportSink> sink = *MakeExportSink(scratch_ / name);
    ASSERT_TRUE(sink->Put("file", MakePiece("bytes", false)).ok());
    WriteAll(scratch_ / name, "somebody's");
    EXPECT_EQ(sink->Finish().code(), StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReadAll(scratch_ / name), "somebody's");
  }
}

TEST_F(Export, IsNotThereBeforeItIsWholeAndLeavesNothingIfItIsStopped) {
  for (const std::string name : {"stopped.zip", "stopped"}) {
    ExportRequest request;
    request.vkey = trail_.vkey();
    request.checkpoint = trail_.CheckpointAt(5000);
    request.end = 5000;
    {
      const std::unique_ptr<ExportSink> sink = *MakeExportSink(scratch_ / name);
      const auto stop_late = [&](uint64_t next, uint64_t end) {
        EXPECT_FALSE(fs::exists(scratch_ / name));
        return next < end;
      };
      EXPECT_EQ(WriteExport(trail_, request, *sink, stop_late).status().code(),
                StatusCode::kUnavailable);
    }
    EXPECT_EQ(FilesIn(scratch_.path()), 0u);
  }
}

TEST_F(Export, OfRecordsThatWereChangedIsRefusedAndLeavesNothing) {
  MemoryTrail changed(5000, 1, 4321);
  ExportRequest request;
  request.vkey = trail_.vkey();
  request.checkpoint = trail_.CheckpointAt(5000);
  request.end = 5000;
  {
    const std::unique_ptr<ExportSink> sink = *MakeExportSink(scratch_ / "export.zip");
    const Status status = WriteExport(changed, request, *sink).status();
    EXPECT_EQ(status.code(), StatusCode::kCorruption);
    EXPECT_THAT(status.message(), HasSubstr("was signed for log.example/test/p0/o1"));
  }
  EXPECT_EQ(FilesIn(scratch_.path()), 0u);
}

TEST_F(Export, AFailureOfTheSourceEndsIt) {
  class Failing : public ExportSource {
   public:
    Result<std::unique_ptr<ExportReader>> NewReader() override { return Status::Io("no disk"); }
    std::string CsvHead() const override { return "a\r\n"; }
  };
  Failing failing;
  ExportRequest request;
  request.vkey = trail_.vkey();
  request.checkpoint = trail_.CheckpointAt(5000);
  request.end = 5000;
  const std::unique_ptr<ExportSink> sink = *MakeExportSink(scratch_ / "export");
  EXPECT_EQ(WriteExport(failing, request, *sink).status().code(), StatusCode::kIo);
}

TEST_F(Export, IsTheSameOnAnyNumberOfThreads) {
  for (const unsigned threads : {1u, 2u, 7u}) {
    ExportRequest request;
    request.vkey = trail_.vkey();
    request.checkpoint = trail_.CheckpointAt(5000);
    request.end = 5000;
    request.threads = threads;
    const std::string path = scratch_ / (std::to_string(threads) + ".zip");
    const std::unique_ptr<ExportSink> sink = *MakeExportSink(path);
    ASSERT_TRUE(WriteExport(trail_, request, *sink).ok());
    EXPECT_EQ(ReadAll(path), ReadAll(scratch_ / "1.zip"));
  }
}

}  // namespace
}  // namespace conntrail::evidence
