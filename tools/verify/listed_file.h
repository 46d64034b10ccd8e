#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "events/base/sha256.h"
#include "tools/verify/archive.h"
#include "tools/verify/manifest.h"

namespace conntrail::verify {

// The entry of the manifest for `path`. kCorruption: it lists no such file.
Result<const ManifestFile*> Listed(const Manifest& manifest, std::string_view path);

// kCorruption if these are not the bytes of that file.
Status CompareBytes(const ManifestFile& file, std::string_view bytes);

// A file that is read in pieces, and compared with what the manifest says of it at its end.
class ListedFile {
 public:
  static Result<std::unique_ptr<ListedFile>> Open(Archive& archive, const Manifest& manifest,
                                                  const std::string& path);

  // The next piece, which lives until the next call; empty: that was all, and it is as listed.
  Result<std::string_view> Next();

  // The next line, without its newline, which lives until the next call. False: that was all.
  // kCorruption: the last line does not end, or is longer than any of an export.
  Result<bool> NextLine(std::string_view& line);

  const std::string& path() const { return file_.path; }
  uint64_t lines() const { return lines_; }  // read so far

 private:
  ListedFile(const ManifestFile& file, std::unique_ptr<Archive::Reader> reader);

  const ManifestFile& file_;
  const std::unique_ptr<Archive::Reader> reader_;
  std::string piece_;
  Sha256Stream sha256_;
  uint64_t bytes_ = 0;
  bool has_ended_ = false;
  std::string open_line_;  // the beginning of a line that goes on in the next piece
  std::string_view rest_;  // of the piece
  uint64_t lines_ = 0;
};

}  // namespace conntrail::verify
