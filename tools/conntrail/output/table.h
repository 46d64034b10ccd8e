#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tools/conntrail/output/sink.h"
#include "tools/conntrail/output/style.h"

namespace conntrail {

struct Column {
  std::string name;      // snake_case: the header of a csv file, and in capitals that of a table
  bool right = false;    // numbers
  bool elastic = false;  // may be cut where a terminal is too narrow
};

struct Cell {
  Cell(std::string cell_text, Shade cell_shade = Shade::kPlain)  // NOLINT: implicit by intent
      : text(std::move(cell_text)), shade(cell_shade) {}
  Cell(const char* cell_text) : text(cell_text) {}  // NOLINT: implicit by intent

  std::string text;
  Shade shade;
};

// A table for people: aligned columns under a header, two spaces between them.
//
// The widths are those of the first kRowsMeasuredMax rows; longer cells after them push the rest of
// their row to the right. So a table of any length needs the memory of these rows only.
class Table {
 public:
  static constexpr size_t kRowsMeasuredMax = 500;

  Table(Sink& sink, const Style& style, std::vector<Column> columns, bool has_header);

  // `details` are lines of their own below the row. REQUIRES: as many cells as columns.
  void Add(std::vector<Cell> cells, std::vector<Cell> details);

  // Writes what is still held. An empty table is nothing at all.
  void Finish();

 private:
  struct Row {
    std::vector<Cell> cells;
    std::vector<Cell> details;
  };
  void Measure();
  void WriteHeld();
  void WriteRow(const Row& row);

  Sink& sink_;
  const Style style_;
  const std::vector<Column> columns_;
  const bool has_header_;
  std::vector<Row> held_;
  std::vector<size_t> widths_;  // empty until they are measured
};

}  // namespace conntrail
