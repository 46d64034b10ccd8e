#include "events/base/json_syntax.h"

#include <algorithm>

#include "events/base/bytes.h"

namespace conntrail {
namespace {

constexpr size_t kLevelsMax = 1024;  // as many as simdjson takes

// A recursive descent over the grammar that stops at the first fault.
class Syntax {
 public:
  explicit Syntax(std::string_view text) : text_(text) {}

  const char* fault() const { return fault_; }
  size_t at() const { return at_; }

  void Text() {
    if (!Value(0)) return;
    SkipSpace();
    if (at_ < text_.size()) Fail("text after the value");
  }

 private:
  bool Fail(const char* what) {
    if (fault_ == nullptr) fault_ = what;
    return false;
  }
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    if (Peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  void SkipSpace() {
    while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != text_.npos) ++at_;
  }
  bool Digits() {
    if (Peek() < '0' || Peek() > '9') return Fail("a digit is missing");
    while (Peek() >= '0' && Peek() <= '9') ++at_;
    return true;
  }

  bool Value(size_t level) {
    if (level > kLevelsMax) return Fail("nested too deeply");
    SkipSpace();
    if (at_ == text_.size()) return Fail("the text ends where a value is expected");
    switch (Peek()) {
      case '{':
        return Object(level);
      case '[':
        return Array(level);
      case '"':
        return String();
      case 't':
        return Literal("true");
      case 'f':
        return Literal("false");
      case 'n':
        return Literal("null");
      default:
        return Number();
    }
  }

  bool Literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return Fail("a value is expected");
    at_ += word.size();
    return true;
  }

  bool Number() {
    if (Peek() != '-' && (Peek() < '0' || Peek() > '9')) return Fail("a value is expected");
    const size_t begin = at_;
    Take('-');
    const bool zero = Peek() == '0';
    const size_t digits_begin = at_;
    if (!Digits()) return false;
    if (zero && at_ - digits_begin > 1) {
      at_ = digits_begin;
      return Fail("a number must not begin with 0");
    }
    const bool integer = Peek() != '.' && Peek() != 'e' && Peek() != 'E';
    if (integer && !IntegerFits(text_.substr(begin, at_ - begin))) {
      at_ = begin;
      return Fail("the number is out of range");
    }
    if (Take('.') && !Digits()) return false;
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      return Digits();
    }
    return true;
  }

  // Between the least int64_t and the greatest uint64_t, compared as digits of equal number.
  static bool IntegerFits(std::string_view number) {
    const bool negative = number.front() == '-';
    if (negative) number.remove_prefix(1);
    const std::string_view limit = negative ? "9223372036854775808" : "18446744073709551615";
    return number.size() < limit.size() || (number.size() == limit.size() && number <= limit);
  }

  bool String() {
    const size_t begin = at_;
    Take('"');
    while (at_ < text_.size() && text_[at_] != '"') {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte < 0x20) return Fail("a control character must be escaped");
      if (byte == '\\') {
        if (!Escape()) return false;
      } else if (byte < 0x80) {
        ++at_;
      } else if (!Character()) {
        return false;
      }
    }
    if (Take('"')) return true;
    at_ = begin;
    return Fail("this text has no end");
  }

  // One character above U+007F.
  bool Character() {
    for (size_t bytes = 2; bytes <= 4; ++bytes) {
      const std::string_view character = text_.substr(at_, bytes);
      if (character.size() == bytes && IsUtf8(character)) {
        at_ += bytes;
        return true;
      }
    }
    return Fail("these bytes are not UTF-8");
  }

  bool Escape() {
    const size_t begin = at_;
    Take('\\');
    if (!Take('u')) {
      if (at_ == text_.size() || std::string_view("\"\\/bfnrt").find(Peek()) == text_.npos) {
        at_ = begin;
        return Fail("there is no such escape");
      }
      ++at_;
      return true;
    }
    const int unit = HexUnit();
    const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    bool whole = unit >= 0 && !low;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
      const int second = Take('\\') && Take('u') ? HexUnit() : -1;
      whole = second >= 0xDC00 && second <= 0xDFFF;
    }
    if (whole) return true;
    at_ = begin;
    return Fail("this escape is no character");
  }

  // Four hexadecimal digits, or -1.
  int HexUnit() {
    int unit = 0;
    for (int i = 0; i < 4; ++i) {
      const size_t digit = std::string_view("0123456789abcdefABCDEF").find(Peek());
      if (at_ == text_.size() || digit == text_.npos) return -1;
      unit = unit * 16 + static_cast<int>(digit < 16 ? digit : digit - 6);
      ++at_;
    }
    return unit;
  }

  bool Array(size_t level) {
    Take('[');
    SkipSpace();
    if (Take(']')) return true;
    while (true) {
      if (!Value(level + 1)) return false;
      SkipSpace();
      if (Take(']')) return true;
      if (!Take(',')) return Fail("a comma or ] is expected");
    }
  }

  bool Object(size_t level) {
    Take('{');
    SkipSpace();
    if (Take('}')) return true;
    while (true) {
      SkipSpace();
      if (Peek() != '"') return Fail("the name of a member is expected");
      if (!String()) return false;
      SkipSpace();
      if (!Take(':')) return Fail("a colon is expected");
      if (!Value(level + 1)) return false;
      SkipSpace();
      if (Take('}')) return true;
      if (!Take(',')) return Fail("a comma or } is expected");
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  const char* fault_ = nullptr;
};

}  // namespace

std::optional<JsonSyntaxFault> FindJsonSyntaxFault(std::string_view text) {
  Syntax syntax(text);
  syntax.Text();
  if (syntax.fault() == nullptr) return std::nullopt;
  const std::string_view before = text.substr(0, syntax.at());
  const size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto lines = std::count(before.begin(), before.end(), '\n');
  return JsonSyntaxFault{.line = static_cast<size_t>(lines) + 1,
                         .column = before.size() - line_begin + 1,
                         .what = syntax.fault()};
}

}  // namespace conntrail
