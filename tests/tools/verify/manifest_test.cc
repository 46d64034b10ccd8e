#include "tools/verify/manifest.h"

#include <gtest/gtest.h>

namespace conntrail::verify {
namespace {

Manifest Example() {
  Manifest manifest;
  manifest.vkey = "log.example/p0/o1+00000000+AQ==";
  manifest.org_id = "1";
  manifest.org_name = "acme \"and\" sons";
  manifest.checkpoint = {"log.example/p0/o1", 700, merkle::EmptyRoot()};
  manifest.begin = 10;
  manifest.end = 600;
  manifest.ocsf_rows = 601;
  manifest.by_outcome = {{"applied", 500}, {"denied", 90}};
  manifest.by_type = {{"", 1}, {"connection.used", 589}};
  manifest.files = {{"README.md", 7, {1, 2, 3}}, {"tile/0/000", 8192, {4}}};
  return manifest;
}

TEST(Manifest, IsReadAsItWasWritten) {
  const Result<Manifest> read = ParseManifest(FormatManifest(Example()));
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(*read, Example());
}

TEST(Manifest, EveryChangedByteAndEveryTruncationIsRefused) {
  const std::string text = FormatManifest(Example());
  for (size_t at = 0; at < text.size(); ++at) {
    for (const int bit : {0, 3, 5}) {
      std::string other = text;
      other[at] = static_cast<char>(other[at] ^ 1 << bit);
      EXPECT_FALSE(ParseManifest(other).ok()) << at;
    }
    EXPECT_FALSE(ParseManifest(text.substr(0, at)).ok()) << at;
  }
}

TEST(Manifest, PathsStayInside) {
  for (const std::string path : {"a", "tile/0/x001/000.p/7", "decoded/trail.csv", "..."}) {
    EXPECT_TRUE(IsExportPath(path)) << path;
  }
  for (const std::string path :
       {"", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "../a", "a\\b", "a b", "C:a", "a\n"}) {
    EXPECT_FALSE(IsExportPath(path)) << path;
  }
}

TEST(Manifest, OfAnotherVersionOrWithPathsThatDoNotRiseIsRefused) {
  Manifest manifest = Example();
  std::swap(manifest.files[0], manifest.files[1]);
  EXPECT_FALSE(ParseManifest(FormatManifest(manifest)).ok());
  manifest = Example();
  manifest.files[1] = manifest.files[0];
  EXPECT_FALSE(ParseManifest(FormatManifest(manifest)).ok()) << "twice";
  manifest = Example();
  manifest.end = 701;
  EXPECT_FALSE(ParseManifest(FormatManifest(manifest)).ok());
  std::string text = FormatManifest(Example());
  text.replace(text.find("\"version\":1"), 11, "\"version\":2");
  EXPECT_FALSE(ParseManifest(text).ok());
}

}  // namespace
}  // namespace conntrail::verify
