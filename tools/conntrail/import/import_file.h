#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "projections/fold/entity.h"
#include "tools/conntrail/import/line_reader.h"
#include "tools/conntrail/import/observation_line.h"

namespace conntrail {

// A line that breaks a rule.
struct RefusedLine {
  std::string file;
  uint64_t line = 0;
  std::string what;  // the member at fault, and why

  std::string ToString() const;  // "uses.jsonl:17: mode: must be manual or automatic"
};

// One file on its way in: its events in order, less those that the trail has already.
class ImportFile {
 public:
  enum class Kind { kObservations, kUses };
  using Item = std::variant<Event, RefusedLine>;

  // Called for some of the lines that are passed over, with the event that the line would make: not
  // ok if the trail has another event of that number.
  using CheckKnown = std::function<Status(const Event&)>;

  // `known` is how far the trail has come with this producer.
  static Result<std::unique_ptr<ImportFile>> Open(Kind kind, const std::string& path,
                                                  ImportSource source, Producer known,
                                                  CheckKnown check_known);

  // The next event or refused line; nullopt at the end. Errors are those of LineReader and of
  // `check_known`; there is no more then.
  Result<std::optional<Item>> Next();

  const std::string& path() const { return path_; }
  const LineReader& lines() const { return *lines_; }
  uint64_t already_there() const { return already_there_; }

 private:
  ImportFile(Kind kind, std::string path, ImportSource source, Producer known);

  RefusedLine Refuse(std::string what) const;
  Status PassOver(const Event& event);

  const Kind kind_;
  const std::string path_;
  const ImportSource source_;
  const Producer known_;
  CheckKnown check_known_;
  std::unique_ptr<LineReader> lines_;
  uint64_t already_there_ = 0;
  uint64_t last_sequence_ = 0;
  std::string last_line_;  // the one with last_sequence_
};

}  // namespace conntrail
