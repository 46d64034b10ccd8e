#include "tools/conntrail/import/import_file.h"

#include <fmt/format.h>

namespace conntrail {

std::string RefusedLine::ToString() const { return fmt::format("{}:{}: {}", file, line, what); }

ImportFile::ImportFile(Kind kind, std::string path, ImportSource source, Producer known)
    : kind_(kind), path_(std::move(path)), source_(std::move(source)), known_(std::move(known)) {}

Result<std::unique_ptr<ImportFile>> ImportFile::Open(Kind kind, const std::string& path,
                                                     ImportSource source, Producer known,
                                                     CheckKnown check_known) {
  std::unique_ptr<ImportFile> file(new ImportFile(kind, path, std::move(source), std::move(known)));
  file->check_known_ = std::move(check_known);
  CONNTRAIL_ASSIGN_OR_RETURN(file->lines_, LineReader::Open(path));
  return file;
}

RefusedLine ImportFile::Refuse(std::string what) const {
  return {path_, lines_->line_number(), std::move(what)};
}

Result<std::optional<ImportFile::Item>> ImportFile::Next() {
  while (true) {
    const Result<std::optional<std::string_view>> line = lines_->Next();
    if (line.status().code() == StatusCode::kInvalidArgument) {
      return std::optional<Item>(Refuse(line.status().message()));
    }
    if (!line.ok()) return line.status();
    if (!*line) return std::optional<Item>();
    Result<Event> event = kind_ == Kind::kObservations
                              ? ReadObservationLine(**line, source_)
                              : ReadUseLine(**line, lines_->line_number(), source_);
    if (!event.ok()) return std::optional<Item>(Refuse(event.status().message()));

    const uint64_t sequence = *event->producer_sequence;
    if (sequence == last_sequence_ && **line == last_line_) {
      ++already_there_;
      continue;
    }
    if (sequence <= last_sequence_) {
      return std::optional<Item>(Refuse(fmt::format(
          "seq: {} does not come after {}, which an earlier line has", sequence, last_sequence_)));
    }
    last_sequence_ = sequence;
    last_line_ = **line;
    if (!known_.HasSeen(sequence)) return std::optional<Item>(std::move(*event));
    CONNTRAIL_RETURN_IF_ERROR(PassOver(*event));
  }
}

// The first line and the last one that is known tell whether this is the file that was imported.
Status ImportFile::PassOver(const Event& event) {
  const bool first = already_there_ == 0;
  ++already_there_;
  if (!first && *event.producer_sequence != known_.high) return Status::Ok();
  const Status status = check_known_(event);
  if (status.ok()) return status;
  return Status::FailedPrecondition(
      fmt::format("{}:{}: {}", path_, lines_->line_number(), status.message()));
}

}  // namespace conntrail
