#include "services/peers/copy_offers.h"

#include <algorithm>
#include <system_error>

#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <fmt/format.h>

#include "events/base/sha256.h"
#include "events/log/file.h"

namespace conntrail {
namespace {

namespace asio = boost::asio;

constexpr size_t kChunkBytes = 256 << 10;

// Some bytes of an open file: the name may go meanwhile.
class FilePiece final : public http::BodySource {
 public:
  FilePiece(File file, uint64_t from, uint64_t end)
      : file_(std::move(file)), at_(from), end_(end) {}

  asio::awaitable<Result<bool>> Next(std::string& chunk) override {
    chunk.resize(std::min<uint64_t>(end_ - at_, kChunkBytes));
    if (chunk.empty()) co_return false;
    const auto read = file_.ReadAt(at_, std::as_writable_bytes(std::span(chunk)));
    if (!read.ok()) co_return read.status();
    if (*read != chunk.size()) co_return Status::Corruption(file_.path() + " is too short");
    at_ += chunk.size();
    co_return true;
  }

 private:
  const File file_;
  uint64_t at_;
  const uint64_t end_;
};

http::Response Gone() { return http::PlainFault(404, "there is no such copy any more", ""); }

}  // namespace

struct CopyOffers::Copy {
  Copy(asio::io_context& io, PartitionId of, std::filesystem::path path)
      : partition(of), directory(std::move(path)), timer(io) {}
  ~Copy() {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }

  const PartitionId partition;
  const std::filesystem::path directory;
  bool is_made = false;
  CopyManifest manifest;  // once it is made, with its text and the hash of that
  std::string text;
  std::string id;
  std::string failure;  // why it was not made
  asio::steady_timer timer;
};

CopyOffers::CopyOffers(asio::io_context& io, Options options)
    : io_(io), options_(std::move(options)) {
  std::error_code ignored;
  std::filesystem::remove_all(options_.directory, ignored);  // of a process that was killed
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

CopyOffers::~CopyOffers() {
  thread_ = std::jthread();  // stops and joins
  copies_.clear();
  std::error_code ignored;
  std::filesystem::remove_all(options_.directory, ignored);
}

http::Response CopyOffers::Offer(std::shared_ptr<Projection> projection) {
  const PartitionId partition = projection->partition();
  std::shared_ptr<Copy>& copy = copies_[partition];
  http::Response response;
  response.content_type = "text/plain";
  if (copy != nullptr && copy->is_made) {
    KeepFor(partition, *copy);
    response.body = copy->text;
    return response;
  }
  if (copy != nullptr && !copy->failure.empty()) {
    response.status = 500;
    response.body = copy->failure;
    copies_.erase(partition);  // whoever asks again has it tried again
    return response;
  }
  response.status = 202;
  response.body = "the copy is being made\n";
  if (copy != nullptr) return response;
  copy = std::make_shared<Copy>(
      io_, partition, options_.directory / fmt::format("{}-{}", partition.value, made_++));
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({std::move(projection), copy});
  }
  changed_.notify_all();
  return response;
}

void CopyOffers::Run(const std::stop_token& stop) {
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return !jobs_.empty(); })) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    std::error_code error;
    std::filesystem::create_directories(options_.directory, error);
    std::filesystem::permissions(options_.directory, std::filesystem::perms::owner_all, error);
    SaveCopyOptions options;
    options.stop = stop;
    Result<CopyManifest> made = job.projection->Save(job.copy->directory, options);
    job.projection.reset();
    asio::post(
        io_, [this, copy = std::move(job.copy), made = std::move(made)] { TakeMade(copy, made); });
  }
}

void CopyOffers::TakeMade(const std::shared_ptr<Copy>& copy, const Result<CopyManifest>& made) {
  if (!made.ok()) {
    copy->failure = "no copy could be made: " + made.status().message();
    options_.diagnostics(
        fmt::format("partition {}, for a peer: {}", copy->partition.value, copy->failure));
    return KeepFor(copy->partition, *copy);
  }
  copy->manifest = *made;
  copy->text = EncodeCopyManifest(*made);
  const auto hash = Sha256(AsBytes(copy->text));
  copy->id = ToHex(std::as_bytes(std::span(hash)));
  copy->is_made = true;
  KeepFor(copy->partition, *copy);
  options_.diagnostics(
      fmt::format("partition {}: a copy was made for a peer: {} bytes at offset {}",
                  copy->partition.value, copy->manifest.bytes(), copy->manifest.next.value));
}

void CopyOffers::KeepFor(PartitionId partition, Copy& copy) {
  copy.timer.expires_after(options_.kept);  // ends a wait that there is
  copy.timer.async_wait([this, partition](const boost::system::error_code& error) {
    if (!error) copies_.erase(partition);
  });
}

http::Response CopyOffers::Piece(PartitionId partition, std::string_view copy,
                                 std::string_view file, uint64_t from) {
  const auto found = copies_.find(partition);
  if (found == copies_.end() || !found->second->is_made || found->second->id != copy) {
    return Gone();
  }
  const CopyManifest::File* known = found->second->manifest.Find(file);
  if (known == nullptr) return Gone();
  if (from > known->size) return http::PlainFault(400, "the file has not so many bytes", "");
  KeepFor(partition, *found->second);
  auto opened = File::Open((found->second->directory / known->name).string(), O_RDONLY);
  if (!opened.ok()) return http::PlainFault(500, opened.status().message(), "");
  http::Response response;
  response.content_type = "application/octet-stream";
  response.source = std::make_unique<FilePiece>(
      std::move(*opened), from, std::min<uint64_t>(known->size, from + kCopyPieceBytes));
  return response;
}

}  // namespace conntrail
