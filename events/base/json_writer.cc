#include "events/base/json_writer.h"

#include <array>
#include <charconv>
#include <utility>

#include "events/base/bytes.h"

namespace conntrail {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// What follows the backslash: 0 for bytes that stand for themselves, 'u' for \u00XX.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> escapes{};
  for (size_t i = 0; i < 0x20; ++i) escapes[i] = 'u';
  escapes[0x7F] = 'u';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}();

template <typename Number>
void AppendNumber(std::string& out, Number value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value);
  out.append(digits, end.ptr);
}

}  // namespace

void JsonWriter::Separate() {
  if (comma_) out_.push_back(',');
  comma_ = true;
}

void JsonWriter::Open(char bracket) {
  Separate();
  out_.push_back(bracket);
  comma_ = false;
}

void JsonWriter::Close(char bracket) {
  out_.push_back(bracket);
  comma_ = true;
}

void JsonWriter::Name(std::string_view name) {
  Separate();
  Quoted(name);
  out_.push_back(':');
  comma_ = false;
}

void JsonWriter::Bare(std::string_view literal) {
  Separate();
  out_.append(literal);
}

void JsonWriter::Int(int64_t value) {
  Separate();
  AppendNumber(out_, value);
}

void JsonWriter::Uint(uint64_t value) {
  Separate();
  AppendNumber(out_, value);
}

void JsonWriter::Text(std::string_view value) {
  Separate();
  Quoted(value);
}

void JsonWriter::EndLine() {
  out_.push_back('\n');
  comma_ = false;
}

std::string JsonWriter::Take() {
  comma_ = false;
  return std::exchange(out_, {});
}

void JsonWriter::Quoted(std::string_view text) {
  out_.push_back('"');
  for (size_t valid = Utf8PrefixBytes(text); valid != text.size(); valid = Utf8PrefixBytes(text)) {
    Escaped(text.substr(0, valid));
    out_.append(kReplacement);
    text.remove_prefix(valid + 1);
  }
  Escaped(text);
  out_.push_back('"');
}

void JsonWriter::Escaped(std::string_view text) {
  size_t plain_begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char escape = kEscapes[static_cast<unsigned char>(text[i])];
    if (escape == 0) continue;
    out_.append(text.substr(plain_begin, i - plain_begin));
    plain_begin = i + 1;
    out_.push_back('\\');
    out_.push_back(escape);
    if (escape == 'u') {
      out_.append("00");
      out_.append(ToHex(AsBytes(text.substr(i, 1))));
    }
  }
  out_.append(text.substr(plain_begin));
}

}  // namespace conntrail
