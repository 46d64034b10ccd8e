#include "tools/conntrail/verbs/projection_copies.h"

#include <fmt/format.h>

#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {

std::filesystem::path PlaceOfCopy(const std::string& copy, PartitionId partition) {
  return std::filesystem::path(copy) / fmt::format("partition-{}", partition.value);
}

void WriteCopied(Session& session, const std::string& copy,
                 const std::vector<CopiedPartition>& copied, double seconds) {
  uint64_t bytes = 0;
  std::vector<std::vector<Cell>> lines = {{"copy", copy}};
  JsonWriter out;
  out.BeginObject();
  out.Name("copy");
  out.Text(copy);
  out.Name("partitions");
  out.BeginArray();
  for (const auto& [partition, manifest] : copied) {
    bytes += manifest.bytes();
    out.BeginObject();
    out.Name("bytes");
    out.Uint(manifest.bytes());
    out.Name("files");
    out.Uint(manifest.files.size());
    out.Name("next_offset");
    out.Uint(manifest.next.value);
    out.Name("partition");
    out.Uint(partition.value);
    const bool has_seal = manifest.sealed && manifest.sealed->last;
    if (has_seal) {
      out.Name("seal");
      out.Uint(manifest.sealed->last->number);
      out.Name("heads_root");
      out.Text(manifest.sealed->last->heads_root);
    }
    out.EndObject();
    lines.push_back({fmt::format("partition {}", partition.value),
                     fmt::format("next offset {}, {} files, {} bytes", manifest.next.value,
                                 manifest.files.size(), manifest.bytes())});
    if (has_seal) {
      lines.push_back({"", fmt::format("seal {}, heads root {}", manifest.sealed->last->number,
                                       manifest.sealed->last->heads_root)});
    }
  }
  out.EndArray();
  out.EndObject();
  lines.push_back({"took", fmt::format("{:.2f} s, {} bytes", seconds, bytes)});
  WriteDocument(session.sink(), session.style(), lines, out.Take());
}

}  // namespace conntrail
