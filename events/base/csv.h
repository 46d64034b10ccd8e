#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace conntrail {

// One cell of a CSV file (RFC 4180): quoted where it holds a comma, a quote or a line end.
//
// A spreadsheet takes a cell that begins with = + - @, a tab or a carriage return for a formula and
// runs it. Names come from whoever reported them, so such a cell gets a ' in front, which
// spreadsheets show as text. Who reads the file by program takes json or ndjson: they are exact.
std::string CsvCell(std::string_view text);

// Cells, commas, and CR LF.
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace conntrail
