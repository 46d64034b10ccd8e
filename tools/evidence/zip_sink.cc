#include <algorithm>
#include <map>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>

#include "tools/evidence/export_sink.h"
#include "tools/evidence/output_file.h"

namespace conntrail::evidence {
namespace {

constexpr time_t kZipTime = 315532800 + 86400;  // equal exports have equal bytes

// A file of the export that stands, stored or deflated, somewhere in a file of our own.
struct Member {
  std::string path;
  std::string from;
  uint64_t begin = 0;
  uint64_t stored = 0;
  uint64_t bytes = 0;
  uint32_t crc32 = 0;
  bool deflated = false;

  // While the zip file is written.
  int fd = -1;
  uint64_t read = 0;
  zip_error_t error{};
};

void Stat(const Member& member, zip_stat_t* stat) {
  zip_stat_init(stat);
  stat->valid = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD |
                ZIP_STAT_ENCRYPTION_METHOD | ZIP_STAT_MTIME;
  stat->size = member.bytes;
  stat->comp_size = member.stored;
  stat->crc = member.crc32;
  stat->comp_method = member.deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE;
  stat->encryption_method = ZIP_EM_NONE;
  stat->mtime = kZipTime;
}

// What libzip asks of a member. It says that it is deflated already, so libzip copies it.
zip_int64_t Answer(void* state, void* into, zip_uint64_t size, zip_source_cmd_t what) {
  Member& member = *static_cast<Member*>(state);
  switch (what) {
    case ZIP_SOURCE_SUPPORTS:
      return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                            ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
    case ZIP_SOURCE_OPEN:
      member.read = 0;
      member.fd = ::open(member.from.c_str(), O_RDONLY | O_CLOEXEC);
      if (member.fd >= 0) return 0;
      zip_error_set(&member.error, ZIP_ER_OPEN, errno);
      return -1;
    case ZIP_SOURCE_READ: {
      const size_t wanted = std::min<uint64_t>(size, member.stored - member.read);
      const ssize_t got =
          ::pread(member.fd, into, wanted, static_cast<off_t>(member.begin + member.read));
      if (got < 0) {
        zip_error_set(&member.error, ZIP_ER_READ, errno);
        return -1;
      }
      member.read += static_cast<uint64_t>(got);
      return got;
    }
    case ZIP_SOURCE_CLOSE:
      if (member.fd >= 0) ::close(member.fd);
      member.fd = -1;
      return 0;
    case ZIP_SOURCE_STAT:
      Stat(member, static_cast<zip_stat_t*>(into));
      return sizeof(zip_stat_t);
    case ZIP_SOURCE_ERROR:
      return zip_error_to_data(&member.error, into, size);
    case ZIP_SOURCE_FREE:
      return 0;
    default:
      zip_error_set(&member.error, ZIP_ER_INVAL, 0);
      return -1;
  }
}

class ZipSink final : public ExportSink {
 public:
  ZipSink(std::string work, std::string path)
      : work_(std::move(work)), path_(std::move(path)), spool_(work_ + "/files") {}

  bool deflates() const override { return true; }

  Status Put(const std::string& path, const Piece& piece) override {
    Member member{.path = path, .from = spool_.path(), .begin = spool_.bytes()};
    CONNTRAIL_RETURN_IF_ERROR(spool_.Write(piece.stored));
    Add(member, piece);
    if (piece.deflated) {
      CONNTRAIL_RETURN_IF_ERROR(spool_.Write(kDeflateEnd));
      member.stored += kDeflateEnd.size();
    }
    members_.push_back(std::move(member));
    return Status::Ok();
  }

  Status Append(const std::string& path, const Piece& piece) override {
    auto found = streams_.find(path);
    if (found == streams_.end()) {
      const std::string from = fmt::format("{}/stream-{}", work_, streams_.size());
      Stream stream{OutputFile(from), Member{.path = path, .from = from}};
      found = streams_.emplace(path, std::move(stream)).first;
    }
    Add(found->second.member, piece);
    return found->second.file.Write(piece.stored);
  }

  Status Finish() override {
    for (auto& [path, stream] : streams_) {
      if (stream.member.deflated) {
        CONNTRAIL_RETURN_IF_ERROR(stream.file.Write(kDeflateEnd));
        stream.member.stored += kDeflateEnd.size();
      }
      members_.push_back(stream.member);
    }
    std::sort(members_.begin(), members_.end(),
              [](const Member& a, const Member& b) { return a.path < b.path; });
    const std::string temporary = work_ + "/export.zip";
    CONNTRAIL_RETURN_IF_ERROR(WriteZip(temporary));
    const int fd = ::open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
    const bool is_durable = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!is_durable) return WriteFault(temporary);
    return RenameToNew(temporary, path_);
  }

 private:
  struct Stream {
    OutputFile file;
    Member member;
  };

  static void Add(Member& member, const Piece& piece) {
    member.crc32 = static_cast<uint32_t>(
        ::crc32_combine(member.crc32, piece.crc32, static_cast<z_off_t>(piece.bytes)));
    member.bytes += piece.bytes;
    member.stored += piece.stored.size();
    member.deflated = piece.deflated;
  }

  Status WriteZip(const std::string& path) {
    int code = 0;
    zip_t* const zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_EXCL, &code);
    if (zip == nullptr) return Status::Io(fmt::format("cannot write {}: zip error {}", path, code));
    const auto fault = [&] {
      Status status = Status::Io(fmt::format("cannot write {}: {}", path, zip_strerror(zip)));
      zip_discard(zip);
      return status;
    };
    for (Member& member : members_) {
      zip_source_t* const source = zip_source_function(zip, &Answer, &member);
      if (source == nullptr) return fault();
      const zip_int64_t at = zip_file_add(zip, member.path.c_str(), source, ZIP_FL_ENC_UTF_8);
      if (at < 0) {
        zip_source_free(source);
        return fault();
      }
      const auto index = static_cast<zip_uint64_t>(at);
      const zip_int32_t method = member.deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE;
      if (zip_set_file_compression(zip, index, method, 0) != 0) return fault();
    }
    if (zip_close(zip) != 0) return fault();
    return Status::Ok();
  }

  const std::string work_;
  const std::string path_;
  OutputFile spool_;
  std::vector<Member> members_;
  std::map<std::string, Stream> streams_;
};

}  // namespace

std::unique_ptr<ExportSink> MakeZipSink(std::string work, std::string path) {
  return std::make_unique<ZipSink>(std::move(work), std::move(path));
}

}  // namespace conntrail::evidence
