#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/json_writer.h"
#include "tools/conntrail/output/sink.h"
#include "tools/conntrail/output/style.h"
#include "tools/conntrail/output/table.h"

namespace conntrail {

// One row in all forms; only what the format needs is asked for.
struct Row {
  std::function<std::vector<Cell>()> cells;              // table and csv
  std::function<void(JsonWriter&)> json;                 // json and ndjson: one object
  std::function<std::vector<Cell>()> details = nullptr;  // lines below, in a table only
};

// The answer of a verb, in the format that was asked for:
//
//   table   aligned columns for people
//   json    one document: {"<list>":[…],…members}
//   ndjson  the objects of that list, one a line
//   csv     RFC 4180 with a header, and safe for spreadsheets (csv.h)
//
// Rows are written as they come; an answer of any length needs little memory.
class Rows {
 public:
  Rows(Sink& sink, const Style& style, std::string_view list, std::vector<Column> columns,
       bool has_header = true);

  // Returns false once nobody reads any more.
  bool Add(const Row& row);

  // A member of the json document beside the list; `json` is its value. Other formats leave it out.
  void AddMember(std::string_view name, std::string_view json);

  // Must be called once, at the end.
  void Finish();

  Format format() const { return style_.format; }

 private:
  Sink& sink_;
  const Style style_;
  const std::string list_;
  std::vector<Column> columns_;
  Table table_;
  JsonWriter json_;
  std::string members_;
  size_t count_ = 0;
};

// An answer that is one thing: `json` is the whole document, `lines` are its name and value pairs.
void WriteDocument(Sink& sink, const Style& style, const std::vector<std::vector<Cell>>& lines,
                   std::string_view json);

// A text as a json value.
std::string JsonText(std::string_view text);

}  // namespace conntrail
