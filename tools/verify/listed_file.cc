#include "tools/verify/listed_file.h"

#include <algorithm>

#include <fmt/format.h>

namespace conntrail::verify {
namespace {

constexpr size_t kPieceBytes = 256 << 10;
constexpr size_t kLineBytesMax = 16 << 20;

Status CompareDigest(const ManifestFile& file, uint64_t bytes,
                     const std::array<uint8_t, 32>& sha256) {
  if (bytes != file.bytes) {
    return Status::Corruption(fmt::format("{}: expected {} bytes (manifest.json), found {}",
                                          file.path, file.bytes, bytes));
  }
  if (sha256 != file.sha256) {
    return Status::Corruption(fmt::format("{}: expected SHA-256 {} (manifest.json), found {}",
                                          file.path, ToHex(std::as_bytes(std::span(file.sha256))),
                                          ToHex(std::as_bytes(std::span(sha256)))));
  }
  return Status::Ok();
}

}  // namespace

Result<const ManifestFile*> Listed(const Manifest& manifest, std::string_view path) {
  const auto found = std::lower_bound(
      manifest.files.begin(), manifest.files.end(), path,
      [](const ManifestFile& file, std::string_view sought) { return file.path < sought; });
  if (found == manifest.files.end() || found->path != path) {
    return Status::Corruption(
        fmt::format("{}: expected among the files of manifest.json, found "
                    "no such line there",
                    path));
  }
  return &*found;
}

Status CompareBytes(const ManifestFile& file, std::string_view bytes) {
  return CompareDigest(file, bytes.size(), Sha256(AsBytes(bytes)));
}

ListedFile::ListedFile(const ManifestFile& file, std::unique_ptr<Archive::Reader> reader)
    : file_(file), reader_(std::move(reader)) {}

Result<std::unique_ptr<ListedFile>> ListedFile::Open(Archive& archive, const Manifest& manifest,
                                                     const std::string& path) {
  CONNTRAIL_ASSIGN_OR_RETURN(const ManifestFile* file, Listed(manifest, path));
  CONNTRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Archive::Reader> reader, archive.Open(path));
  return std::unique_ptr<ListedFile>(new ListedFile(*file, std::move(reader)));
}

Result<std::string_view> ListedFile::Next() {
  if (has_ended_) return std::string_view();
  piece_.resize(kPieceBytes);
  CONNTRAIL_ASSIGN_OR_RETURN(const size_t got, reader_->Read(piece_));
  bytes_ += got;
  if (got == 0 || bytes_ > file_.bytes) {
    has_ended_ = true;
    CONNTRAIL_RETURN_IF_ERROR(CompareDigest(file_, bytes_, sha256_.Finish()));
    return std::string_view();
  }
  const std::string_view piece(piece_.data(), got);
  sha256_.Update(AsBytes(piece));
  return piece;
}

Result<bool> ListedFile::NextLine(std::string_view& line) {
  open_line_.clear();
  while (true) {
    const size_t end = rest_.find('\n');
    if (end != std::string_view::npos) {
      line = rest_.substr(0, end);
      rest_.remove_prefix(end + 1);
      if (!open_line_.empty()) line = open_line_.append(line);
      ++lines_;
      return true;
    }
    open_line_.append(rest_);
    if (open_line_.size() > kLineBytesMax) {
      return Status::Corruption(fmt::format("{}, line {}: expected at most {} bytes, found more",
                                            path(), lines_ + 1, kLineBytesMax));
    }
    CONNTRAIL_ASSIGN_OR_RETURN(rest_, Next());
    if (!rest_.empty()) continue;
    if (open_line_.empty()) return false;
    return Status::Corruption(
        fmt::format("{}, line {}: expected a newline at its end, found none", path(), lines_ + 1));
  }
}

}  // namespace conntrail::verify
