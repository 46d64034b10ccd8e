#include "projections/evidence/signed_heads.h"

#include <cinttypes>
#include <cstdio>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>

#include "events/base/number.h"
#include "projections/merkle/checkpoint.h"

namespace conntrail {
namespace {

constexpr uint64_t kLongBytes = 1 << 20;

std::string LineOf(const keys::OrgAddress& org, const TreeHead& head) {
  return fmt::format("p{} o{} {} {}\n", org.partition.value, org.slot.value, head.size,
                     merkle::HashText(head.root));
}

// Takes what stands before `end` from the front of `line`.
std::string_view Take(std::string_view& line, char end) {
  const size_t at = line.find(end);
  const std::string_view taken = line.substr(0, at);
  line.remove_prefix(at == std::string_view::npos ? line.size() : at + 1);
  return taken;
}

std::optional<std::pair<keys::OrgAddress, TreeHead>> ParseLine(std::string_view line) {
  const std::string_view partition = Take(line, ' ');
  const std::string_view slot = Take(line, ' ');
  const std::string_view size = Take(line, ' ');
  if (!partition.starts_with('p') || !slot.starts_with('o')) return std::nullopt;
  const auto p = ParseNumber<uint16_t>(partition.substr(1));
  const auto o = ParseNumber<uint32_t>(slot.substr(1));
  const auto n = ParseNumber<uint64_t>(size);
  const auto root = merkle::ParseHashText(line);
  if (!p || !o || !n || !root) return std::nullopt;
  return std::pair(keys::OrgAddress{PartitionId(*p), OrgSlot(*o)}, TreeHead{*n, *root});
}

}  // namespace

Result<std::unique_ptr<SignedHeads>> SignedHeads::Open(const std::string& path) {
  std::unique_ptr<SignedHeads> heads(new SignedHeads(path));
  CONNTRAIL_ASSIGN_OR_RETURN(heads->file_, File::Open(path, O_RDWR | O_CREAT));
  CONNTRAIL_RETURN_IF_ERROR(heads->Load());
  return heads;
}

Status SignedHeads::Load() {
  CONNTRAIL_ASSIGN_OR_RETURN(const uint64_t size, file_.Size());
  std::string text(size, '\0');
  CONNTRAIL_RETURN_IF_ERROR(
      file_.ReadAt(0, std::as_writable_bytes(std::span(text.data(), text.size()))).status());
  bytes_ = text.rfind('\n') + 1;  // npos + 1 is 0
  if (bytes_ < size) CONNTRAIL_RETURN_IF_ERROR(file_.Truncate(bytes_));
  std::string_view rest = std::string_view(text).substr(0, bytes_);
  for (size_t number = 1; !rest.empty(); ++number) {
    const auto line = ParseLine(Take(rest, '\n'));
    if (!line) {
      return Status::Corruption(fmt::format(
          "{}: line {} is not what was written; restore the file from a backup. Without it nobody "
          "knows what was signed",
          path_, number));
    }
    last_[line->first] = line->second;
  }
  return Status::Ok();
}

std::optional<TreeHead> SignedHeads::Last(const keys::OrgAddress& org) const {
  const std::lock_guard lock(mutex_);
  const auto found = last_.find(org);
  return found == last_.end() ? std::nullopt : std::optional(found->second);
}

Status SignedHeads::Remember(const keys::OrgAddress& org, const TreeHead& head) {
  const std::lock_guard lock(mutex_);
  const auto found = last_.find(org);
  if (found != last_.end() && found->second == head) return Status::Ok();
  const std::string line = LineOf(org, head);
  CONNTRAIL_RETURN_IF_ERROR(file_.WriteAt(bytes_, AsBytes(line)));
  CONNTRAIL_RETURN_IF_ERROR(file_.Sync());
  bytes_ += line.size();
  last_[org] = head;
  return RewriteIfLong();
}

// Leaves the last line of each org.
Status SignedHeads::RewriteIfLong() {
  constexpr uint64_t kLineBytes = 80;
  if (bytes_ < kLongBytes || bytes_ < 4 * kLineBytes * last_.size()) return Status::Ok();
  std::string text;
  for (const auto& [org, head] : last_) text += LineOf(org, head);
  const std::filesystem::path path(path_);
  CONNTRAIL_ASSIGN_OR_RETURN(file_, PublishFile(path.parent_path().string(),
                                                path.filename().string(), AsBytes(text), nullptr));
  bytes_ = text.size();
  return Status::Ok();
}

}  // namespace conntrail
