#include <algorithm>

#include <fmt/format.h>
#include <zip.h>

#include "tools/verify/archive.h"

namespace conntrail::verify {
namespace {

struct DiscardZip {
  void operator()(zip_t* zip) const { zip_discard(zip); }
};
struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

class ZipReader final : public Archive::Reader {
 public:
  ZipReader(std::string path, zip_file_t* file) : path_(std::move(path)), file_(file) {}

  // The last Read, which gives 0, is the one that compares the checksum.
  Result<size_t> Read(std::span<char> into) override {
    const zip_int64_t got = zip_fread(file_.get(), into.data(), into.size());
    if (got >= 0) return static_cast<size_t>(got);
    return Status::Corruption(fmt::format("{}: expected what the zip file says of it, found: {}",
                                          path_, zip_file_strerror(file_.get())));
  }

 private:
  const std::string path_;
  const std::unique_ptr<zip_file_t, CloseFile> file_;
};

class ZipArchive final : public Archive {
 public:
  explicit ZipArchive(zip_t* zip) : zip_(zip) {}

  Status List() {
    const zip_int64_t count = zip_get_num_entries(zip_.get(), 0);
    std::vector<File> files;
    for (zip_int64_t i = 0; i < count; ++i) {
      zip_stat_t stat;
      zip_stat_init(&stat);
      if (zip_stat_index(zip_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW, &stat) != 0) {
        return Status::Corruption(
            fmt::format("entry {} of the zip file: {}", i, zip_strerror(zip_.get())));
      }
      const bool is_plain =
          (stat.valid & ZIP_STAT_NAME) != 0 && (stat.valid & ZIP_STAT_SIZE) != 0 &&
          (stat.valid & ZIP_STAT_COMP_METHOD) != 0 && stat.encryption_method == ZIP_EM_NONE &&
          (stat.comp_method == ZIP_CM_STORE || stat.comp_method == ZIP_CM_DEFLATE);
      if (!is_plain) {
        return Status::Corruption(fmt::format(
            "entry {} of the zip file: expected a stored or deflated file, found another", i));
      }
      files.push_back({stat.name, stat.size});
      index_.emplace_back(stat.name, static_cast<zip_uint64_t>(i));
    }
    std::sort(index_.begin(), index_.end());
    return Take(std::move(files));
  }

  Result<std::unique_ptr<Reader>> Open(const std::string& path) override {
    const auto found =
        std::lower_bound(index_.begin(), index_.end(), std::pair(path, zip_uint64_t{0}));
    if (found == index_.end() || found->first != path) {
      return Status::Corruption(path + ": expected this file, found none");
    }
    zip_file_t* const file = zip_fopen_index(zip_.get(), found->second, 0);
    if (file == nullptr) {
      return Status::Corruption(
          fmt::format("{}: expected a file of the zip, found: {}", path, zip_strerror(zip_.get())));
    }
    return std::unique_ptr<Reader>(std::make_unique<ZipReader>(path, file));
  }

 private:
  const std::unique_ptr<zip_t, DiscardZip> zip_;
  std::vector<std::pair<std::string, zip_uint64_t>> index_;
};

}  // namespace

Result<std::unique_ptr<Archive>> OpenZip(const std::string& path) {
  int error = 0;
  zip_t* const zip = zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (zip == nullptr) {
    zip_error_t text;
    zip_error_init_with_code(&text, error);
    Status status = Status::Corruption(fmt::format(
        "{}: expected a zip file that is whole, found: {}", path, zip_error_strerror(&text)));
    zip_error_fini(&text);
    return status;
  }
  auto archive = std::make_unique<ZipArchive>(zip);
  CONNTRAIL_RETURN_IF_ERROR(archive->List());
  return std::unique_ptr<Archive>(std::move(archive));
}

}  // namespace conntrail::verify
