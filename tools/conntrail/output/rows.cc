#include "tools/conntrail/output/rows.h"

#include "events/base/csv.h"

namespace conntrail {
namespace {

std::vector<std::string> TextsOf(std::vector<Cell> cells) {
  std::vector<std::string> texts;
  for (Cell& cell : cells) texts.push_back(std::move(cell.text));
  return texts;
}

}  // namespace

Rows::Rows(Sink& sink, const Style& style, std::string_view list, std::vector<Column> columns,
           bool has_header)
    : sink_(sink),
      style_(style),
      list_(list),
      columns_(std::move(columns)),
      table_(sink, style, columns_, has_header) {
  if (style_.format == Format::kJson) sink_.Write("{" + JsonText(list_) + ":[");
  if (style_.format == Format::kCsv) {
    std::vector<std::string> names;
    for (const Column& column : columns_) names.push_back(column.name);
    sink_.Write(CsvLine(names));
  }
}

bool Rows::Add(const Row& row) {
  switch (style_.format) {
    case Format::kTable:
      table_.Add(row.cells(), row.details ? row.details() : std::vector<Cell>());
      break;
    case Format::kCsv:
      sink_.Write(CsvLine(TextsOf(row.cells())));
      break;
    case Format::kJson:
      sink_.Write(count_ == 0 ? "\n" : ",\n");
      row.json(json_);
      sink_.Write(json_.Take());
      break;
    case Format::kNdjson:
      row.json(json_);
      sink_.Write(json_.Take() + "\n");
      break;
  }
  ++count_;
  return sink_.open();
}

void Rows::AddMember(std::string_view name, std::string_view json) {
  members_ += "," + JsonText(name) + ":" + std::string(json);
}

void Rows::Finish() {
  if (style_.format == Format::kTable) table_.Finish();
  if (style_.format != Format::kJson) return;
  sink_.Write(count_ == 0 ? "]" : "\n]");
  sink_.Write(members_ + "}\n");
}

void WriteDocument(Sink& sink, const Style& style, const std::vector<std::vector<Cell>>& lines,
                   std::string_view json) {
  if (style.format == Format::kJson || style.format == Format::kNdjson) {
    sink.Write(std::string(json) + "\n");
    return;
  }
  Rows rows(sink, style, "", {{"name"}, {"value", false, true}}, false);
  for (const std::vector<Cell>& line : lines) {
    rows.Add({.cells = [&] { return line; }, .json = nullptr});
  }
  rows.Finish();
}

std::string JsonText(std::string_view text) {
  JsonWriter json;
  json.Text(text);
  return json.Take();
}

}  // namespace conntrail
