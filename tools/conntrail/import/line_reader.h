#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "events/base/result.h"

namespace conntrail {

// Reads a text file, plain or gzip (RFC 1952, also of several members), line by line.
//
// A line ends with a line feed or with the file. What is plain and what gzip is told by the first
// two bytes. Not thread-safe.
class LineReader {
 public:
  static constexpr size_t kLineBytesMax = 1 << 20;

  // kNotFound: there is no such file; kIo: it cannot be read.
  static Result<std::unique_ptr<LineReader>> Open(const std::string& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // The next line without its line feed, or nullopt at the end; valid until the next call.
  //
  // kInvalidArgument: the line is longer than kLineBytesMax; the next call goes on with the line
  // after it. kCorruption: the gzip data is damaged or cut off; the message names the byte. kIo:
  // the file cannot be read. After these two there are no more lines.
  Result<std::optional<std::string_view>> Next();

  uint64_t line_number() const { return line_number_; }  // of the line last read, from 1
  uint64_t bytes_read() const { return bytes_read_; }    // of the file as it is stored
  std::optional<uint64_t> bytes_total() const { return bytes_total_; }  // unknown for a pipe

 private:
  struct Inflater;

  explicit LineReader(const std::string& path);
  Status OpenFile();
  Status Fill();         // more of the text, or at_end_
  Status FillFile();     // more of the file's own bytes
  Status FillInflate();  // more of the text out of these
  Status Damaged(const char* what) const;

  const std::string path_;
  int file_ = -1;
  std::optional<uint64_t> bytes_total_;
  uint64_t bytes_read_ = 0;
  uint64_t line_number_ = 0;
  bool file_ended_ = false;
  bool at_end_ = false;
  std::string input_;  // the file's bytes, from input_at_ on not yet inflated
  size_t input_at_ = 0;
  std::string text_;  // inflated, from text_at_ on not yet returned
  size_t text_at_ = 0;
  std::unique_ptr<Inflater> inflater_;  // null: the file is plain
};

}  // namespace conntrail
