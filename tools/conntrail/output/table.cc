#include "tools/conntrail/output/table.h"

#include <algorithm>
#include <cctype>

#include "events/base/check.h"
#include "tools/conntrail/output/display_text.h"

namespace conntrail {
namespace {

constexpr size_t kGap = 2;          // columns between columns
constexpr size_t kElasticMin = 12;  // no column is cut below this
constexpr std::string_view kDetailIndent = "      ";

std::string Heading(const Column& column) {
  std::string heading = column.name;
  for (char& c : heading) {
    c = c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return heading;
}

void EscapeAll(std::vector<Cell>& cells) {
  for (Cell& cell : cells) cell.text = EscapeForTerminal(cell.text);
}

// Takes from the widest columns that may be cut until all fits.
void Shrink(std::vector<size_t>& widths, const std::vector<Column>& columns, size_t width_max) {
  size_t total = kGap * (widths.size() - 1);
  for (const size_t width : widths) total += width;
  while (total > width_max) {
    size_t widest = widths.size();
    for (size_t i = 0; i < widths.size(); ++i) {
      const bool wider = widest == widths.size() || widths[i] > widths[widest];
      if (columns[i].elastic && widths[i] > kElasticMin && wider) widest = i;
    }
    if (widest == widths.size()) return;  // the terminal will have to wrap
    --widths[widest];
    --total;
  }
}

}  // namespace

Table::Table(Sink& sink, const Style& style, std::vector<Column> columns, bool has_header)
    : sink_(sink), style_(style), columns_(std::move(columns)), has_header_(has_header) {}

void Table::Add(std::vector<Cell> cells, std::vector<Cell> details) {
  CONNTRAIL_CHECK(cells.size() == columns_.size());
  EscapeAll(cells);
  EscapeAll(details);
  Row row{std::move(cells), std::move(details)};
  if (!widths_.empty()) return WriteRow(row);
  held_.push_back(std::move(row));
  if (held_.size() == kRowsMeasuredMax) WriteHeld();
}

void Table::Finish() {
  if (!held_.empty()) WriteHeld();
}

void Table::Measure() {
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = has_header_ ? DisplayWidth(columns_[i].name) : 0;
    for (const Row& row : held_) width = std::max(width, DisplayWidth(row.cells[i].text));
    widths_.push_back(width);
  }
  if (style_.width_max > 0) Shrink(widths_, columns_, style_.width_max);
}

void Table::WriteHeld() {
  Measure();
  if (has_header_) {
    Row header;
    for (const Column& column : columns_) {
      header.cells.emplace_back(Heading(column), Shade::kHeading);
    }
    WriteRow(header);
  }
  for (const Row& row : held_) WriteRow(row);
  held_.clear();
}

void Table::WriteRow(const Row& row) {
  std::string line;
  size_t spaces = 0;  // owed before the next text, so that no line ends in spaces
  for (size_t i = 0; i < row.cells.size(); ++i) {
    const bool cuts = style_.width_max > 0 && columns_[i].elastic;
    const std::string text = cuts ? CutToWidth(row.cells[i].text, widths_[i]) : row.cells[i].text;
    const size_t width = DisplayWidth(text);
    const size_t fill = widths_[i] > width ? widths_[i] - width : 0;
    if (columns_[i].right) spaces += fill;
    if (!text.empty()) {
      line.append(spaces, ' ');
      line += Shaded(style_, row.cells[i].shade, text);
      spaces = 0;
    }
    spaces += kGap + (columns_[i].right ? 0 : fill);
  }
  sink_.Write(line + "\n");
  for (const Cell& detail : row.details) {
    const size_t room = style_.width_max > kDetailIndent.size() + kElasticMin
                            ? style_.width_max - kDetailIndent.size()
                            : std::string::npos;
    sink_.Write(kDetailIndent);
    sink_.Write(Shaded(style_, detail.shade, CutToWidth(detail.text, room)) + "\n");
  }
}

}  // namespace conntrail
