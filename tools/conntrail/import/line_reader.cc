#include "tools/conntrail/import/line_reader.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "events/base/check.h"

namespace conntrail {
namespace {

constexpr size_t kReadBytes = 1 << 16;
constexpr int kWindowBitsGzip = 15 + 16;
constexpr std::string_view kGzipMagic = "\x1f\x8b";

}  // namespace

struct LineReader::Inflater {
  z_stream stream{};
  bool in_member = true;  // false: between two members, or behind the last

  Inflater() { CONNTRAIL_CHECK(inflateInit2(&stream, kWindowBitsGzip) == Z_OK); }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

LineReader::LineReader(const std::string& path) : path_(path) {}

LineReader::~LineReader() {
  if (file_ >= 0) close(file_);
}

Result<std::unique_ptr<LineReader>> LineReader::Open(const std::string& path) {
  std::unique_ptr<LineReader> reader(new LineReader(path));
  CONNTRAIL_RETURN_IF_ERROR(reader->OpenFile());
  return reader;
}

Status LineReader::OpenFile() {
  file_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0 && errno == ENOENT) return Status::NotFound(path_ + ": there is no such file");
  if (file_ < 0) return Status::Io(fmt::format("{}: {}", path_, std::strerror(errno)));
  struct stat about = {};
  if (fstat(file_, &about) == 0 && S_ISREG(about.st_mode)) {
    bytes_total_ = static_cast<uint64_t>(about.st_size);
  }
  while (input_.size() < kGzipMagic.size() && !file_ended_) CONNTRAIL_RETURN_IF_ERROR(FillFile());
  if (input_.starts_with(kGzipMagic)) inflater_ = std::make_unique<Inflater>();
  return Status::Ok();
}

Status LineReader::FillFile() {
  input_.erase(0, input_at_);
  input_at_ = 0;
  const size_t kept = input_.size();
  input_.resize(kept + kReadBytes);
  ssize_t got = 0;
  do {
    got = read(file_, input_.data() + kept, kReadBytes);
  } while (got < 0 && errno == EINTR);
  const int error = errno;
  input_.resize(kept + static_cast<size_t>(got < 0 ? 0 : got));
  if (got < 0) {
    at_end_ = true;
    return Status::Io(fmt::format("{}: {}", path_, std::strerror(error)));
  }
  file_ended_ = got == 0;
  bytes_read_ += static_cast<uint64_t>(got);
  return Status::Ok();
}

Status LineReader::Damaged(const char* what) const {
  return Status::Corruption(fmt::format("{}: byte {}, after line {}: {}", path_,
                                        bytes_read_ - (input_.size() - input_at_), line_number_,
                                        what));
}

Status LineReader::FillInflate() {
  if (input_at_ == input_.size() && !file_ended_) CONNTRAIL_RETURN_IF_ERROR(FillFile());
  if (input_at_ == input_.size()) {  // the file has ended
    at_end_ = true;
    return inflater_->in_member ? Damaged("the gzip data is cut off") : Status::Ok();
  }
  z_stream& stream = inflater_->stream;
  if (!inflater_->in_member) {  // another member follows, or something that is none
    CONNTRAIL_CHECK(inflateReset(&stream) == Z_OK);
    inflater_->in_member = true;
  }
  const size_t kept = text_.size();
  text_.resize(kept + 4 * kReadBytes);
  stream.next_in = reinterpret_cast<Bytef*>(input_.data() + input_at_);
  stream.avail_in = static_cast<uInt>(input_.size() - input_at_);
  stream.next_out = reinterpret_cast<Bytef*>(text_.data() + kept);
  stream.avail_out = static_cast<uInt>(text_.size() - kept);
  const int result = inflate(&stream, Z_NO_FLUSH);
  input_at_ = input_.size() - stream.avail_in;
  text_.resize(text_.size() - stream.avail_out);
  if (result == Z_STREAM_END) inflater_->in_member = false;
  // Z_BUF_ERROR only says that there was nothing to do this time.
  if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return Status::Ok();
  CONNTRAIL_CHECK(result != Z_MEM_ERROR);
  at_end_ = true;
  return Damaged(stream.msg != nullptr ? stream.msg : "the gzip data is damaged");
}

Status LineReader::Fill() {
  text_.erase(0, text_at_);
  text_at_ = 0;
  if (inflater_ != nullptr) return FillInflate();
  if (input_at_ == input_.size()) CONNTRAIL_RETURN_IF_ERROR(FillFile());
  at_end_ = file_ended_;
  text_.append(input_, input_at_);
  input_at_ = input_.size();
  return Status::Ok();
}

Result<std::optional<std::string_view>> LineReader::Next() {
  bool too_long = false;
  size_t searched = 0;  // of what follows text_at_: has no line feed
  while (true) {
    const size_t end = text_.find('\n', text_at_ + searched);
    const bool found = end != std::string::npos;
    const size_t length = (found ? end : text_.size()) - text_at_;
    too_long = too_long || length > kLineBytesMax;
    if (found || (at_end_ && (length > 0 || too_long))) {
      const std::string_view line(text_.data() + text_at_, length);
      text_at_ += length + (found ? 1 : 0);
      ++line_number_;
      if (too_long) {
        return Status::InvalidArgument(
            fmt::format("the line is longer than {} bytes", kLineBytesMax));
      }
      return std::optional(line);
    }
    if (at_end_) return std::optional<std::string_view>();
    if (too_long) text_at_ = text_.size();  // what is passed over need not be kept
    searched = text_.size() - text_at_;
    const Status filled = Fill();
    if (!filled.ok()) {
      text_.clear();  // the beginning of a line that was cut off is no line
      text_at_ = 0;
      return filled;
    }
  }
}

}  // namespace conntrail
