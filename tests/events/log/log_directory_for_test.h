#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "events/log/embedded_log.h"

namespace conntrail {

inline std::string SlurpFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}
inline void PutFile(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// A directory of its own for each test; gone afterwards.
class EmbeddedLogDirectory {
 public:
  EmbeddedLogDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "conntrail-log-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~EmbeddedLogDirectory() { std::filesystem::remove_all(root_); }
  EmbeddedLogDirectory(const EmbeddedLogDirectory&) = delete;
  EmbeddedLogDirectory& operator=(const EmbeddedLogDirectory&) = delete;

  std::string root() const { return root_; }
  std::string path() const { return root_ + "/log"; }
  std::string segment(uint64_t first_offset) const {
    return path() + "/" + SegmentName(Offset(first_offset));
  }

  // Opens the log; what it says goes to `messages`.
  Result<std::unique_ptr<EmbeddedLog>> Open(EmbeddedLogOptions options = {}) {
    messages.clear();
    options.diagnostics = [this](const std::string& m) { messages.push_back(m); };
    return EmbeddedLog::Open(path(), std::move(options));
  }
  std::unique_ptr<EmbeddedLog> MustOpen(EmbeddedLogOptions options = {}) {
    auto log = Open(std::move(options));
    EXPECT_TRUE(log.ok()) << log.status().ToString();
    return log.ok() ? std::move(log).value() : nullptr;
  }

  std::vector<std::string> messages;

 private:
  std::string root_;
};

inline Result<Offset> AppendText(EventLog& log, std::string_view payload) {
  return log.Append(PartitionId(0), OrgId{}, AsBytes(payload));
}

// All payloads, or the first failure.
inline Result<std::vector<std::string>> ReadTexts(EventLog& log) {
  std::vector<std::string> texts;
  for (;;) {
    CONNTRAIL_ASSIGN_OR_RETURN(const ReadBatch batch,
                               log.Read(PartitionId(0), Offset(texts.size()), 1 << 20));
    if (batch.records.empty()) return texts;
    for (const LogRecord& record : batch.records) texts.emplace_back(AsText(record.payload));
  }
}

}  // namespace conntrail
