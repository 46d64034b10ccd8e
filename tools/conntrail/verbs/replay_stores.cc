#include "tools/conntrail/verbs/replay_stores.h"

#include <fcntl.h>
#include <fmt/format.h>

#include "events/base/sha256.h"
#include "events/log/file.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

}  // namespace

Result<std::unique_ptr<DataDirectory>> OpenLogAlone(Session& session, const std::string& path,
                                                    bool create) {
  DataDirectory::Options options;
  options.create = create;
  options.log = session.settings().log;
  options.partitions.emplace();
  options.diagnostics = [&session](const std::string& text) { session.Note(text); };
  auto opened = DataDirectory::Open(path, options);
  const bool in_use = opened.status().code() == StatusCode::kFailedPrecondition &&
                      opened.status().message().find("is in use by process") != std::string::npos;
  if (!in_use) return opened;
  return Status::FailedPrecondition(
      opened.status().message() +
      ". If it is conntraild: end it (SIGTERM; other nodes of the topic go on answering), run this "
      "again, start it again. A server does not change its own projection while it runs");
}

Result<StoresAsTheyAre> OpenStores(DataDirectory& directory) {
  StoresAsTheyAre opened;
  std::error_code error;
  for (uint16_t p = 0; p < directory.log().partition_count(); ++p) {
    const PartitionId partition(p);
    const fs::path place = DataDirectory::PlaceOf(directory.path(), partition);
    if (!fs::exists(place, error)) continue;
    Status status = RocksDbStore::CheckFamilies(place);
    if (status.ok()) {
      auto store = RocksDbStore::Open(place);
      status = store.status();
      if (store.ok()) opened.stores[partition] = std::move(store).value();
    }
    if (status.ok()) continue;
    if (status.code() != StatusCode::kCorruption) return status;
    opened.unreadable.push_back({partition, std::nullopt, "", "the store",
                                 "one that this build can read", status.message()});
  }
  if (!opened.stores.empty() || !opened.unreadable.empty()) return opened;
  return Status::NotFound("there is no projection in " + directory.path() +
                          " yet: any other verb makes it");
}

Result<std::unique_ptr<SignedHeads>> OpenSignedHeads(const std::string& path) {
  const fs::path file = fs::path(path) / "evidence" / "signed-heads";
  std::error_code error;
  if (!fs::exists(file, error)) return std::unique_ptr<SignedHeads>();
  return SignedHeads::Open(file.string());
}

std::string BuildName() {
  Sha256Stream hash;
  const Result<File> program = File::Open("/proc/self/exe", O_RDONLY);
  if (!program.ok()) return CONNTRAIL_VERSION;
  Bytes piece(1 << 20);
  for (uint64_t at = 0;;) {
    const auto read = program->ReadAt(at, piece);
    if (!read.ok() || *read == 0) break;
    hash.Update(ByteSpan(piece).first(*read));
    at += *read;
  }
  const auto digest = hash.Finish();
  return fmt::format("{} {}", CONNTRAIL_VERSION, ToHex(std::as_bytes(std::span(digest))));
}

TemporaryPlace::TemporaryPlace(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  fs::remove_all(path_, error);
}

TemporaryPlace::~TemporaryPlace() {
  std::error_code error;  // what stays is removed by the next run
  fs::remove_all(path_, error);
}

void WriteDifference(JsonWriter& out, std::string_view name, const Difference& difference) {
  const auto text = [&](std::string_view member, const std::string& value) {
    if (value.empty()) return;
    out.Name(member);
    out.Text(value);
  };
  out.Name(name);
  out.BeginObject();
  text("expected", difference.expected);
  text("found", difference.found);
  text("org", difference.org);
  out.Name("partition");
  out.Uint(difference.partition.value);
  if (difference.seal) {
    out.Name("seal");
    out.Uint(*difference.seal);
  }
  text("what", difference.what);
  out.EndObject();
}

}  // namespace conntrail
