#include "services/api/scim/filter_parser.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace conntrail::api::scim {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsWordCharacter(char c) {
  return IsLetter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '$' || c == ':' ||
         c == '.';
}

bool IsName(std::string_view name) {
  if (name.empty() || (!IsLetter(name.front()) && name.front() != '$')) return false;
  return name.find_first_of(":.") == name.npos;
}

bool IsCoreSchema(std::string_view schema) {
  return SameName(schema, kUserSchema) || SameName(schema, kGroupSchema);
}

}  // namespace

Parsed<Filter> Filter::Parse(std::string_view text) { return FilterParser(text).ReadFilter(); }
Parsed<PatchPath> PatchPath::Parse(std::string_view text) { return FilterParser(text).ReadPath(); }

Parsed<Filter> FilterParser::ReadFilter() {
  if (text_.size() > Filter::kTextBytesMax) Fail("the filter is too long");
  if (!failed()) Or(0);
  SkipSpaces();
  if (!failed() && at_ < text_.size()) Fail("the filter should have ended");
  if (failed()) return FaultOf("invalidFilter");
  return std::move(filter_);
}

Parsed<PatchPath> FilterParser::ReadPath() {
  PatchPath path;
  if (text_.size() > Filter::kTextBytesMax) Fail("the path is too long");
  if (!failed()) path.attribute = Attribute();
  if (!failed() && Take('[')) {
    if (!path.attribute.sub.empty()) Fail("a filter stands after an attribute, not a part of one");
    Grouped(0, ']');
    if (Take('.')) path.sub = Sub();
    if (!failed()) path.filter = std::move(filter_);
  }
  if (!failed() && at_ < text_.size()) Fail("the path should have ended");
  if (failed()) return FaultOf("invalidPath");
  return path;
}

// Each returns the number of its term, which is the last one.

size_t FilterParser::Or(int depth) {
  size_t left = And(depth);
  while (!failed() && TakeKeyword("or")) {
    const size_t right = And(depth);
    left = Push({.op = Op::kOr, .left = left, .right = right});
  }
  return left;
}

size_t FilterParser::And(int depth) {
  size_t left = One(depth);
  while (!failed() && TakeKeyword("and")) {
    const size_t right = One(depth);
    left = Push({.op = Op::kAnd, .left = left, .right = right});
  }
  return left;
}

size_t FilterParser::One(int depth) {
  if (failed()) return 0;
  SkipSpaces();
  if (Take('(')) return Grouped(depth, ')');
  const size_t before = at_;
  if (SameName(Word(), "not")) {
    SkipSpaces();
    if (Take('(')) {
      const size_t negated = Grouped(depth, ')');
      return Push({.op = Op::kNot, .left = negated});
    }
  }
  at_ = before;
  AttributePath path = Attribute();
  if (failed()) return 0;
  if (Take('[')) return Elements(std::move(path), depth);
  return Comparison(std::move(path));
}

size_t FilterParser::Grouped(int depth, char end) {
  if (depth == Filter::kDepthMax) Fail("the filter is nested too deeply");
  if (failed()) return 0;
  const size_t inside = Or(depth + 1);
  SkipSpaces();
  if (!failed() && !Take(end)) Fail(end == ')' ? "\")\" is missing" : "\"]\" is missing");
  return inside;
}

// `emails[type eq "work"]`, and `emails[type eq "work"].value eq "a"`, which some clients send.
size_t FilterParser::Elements(AttributePath path, int depth) {
  if (!path.sub.empty()) Fail("a filter stands after an attribute, not a part of one");
  size_t inside = Grouped(depth, ']');
  if (!failed() && Take('.')) {
    const size_t also = Comparison({.name = Sub()});
    inside = Push({.op = Op::kAnd, .left = inside, .right = also});
  }
  return Push({.op = Op::kAny, .path = std::move(path), .left = inside});
}

size_t FilterParser::Comparison(AttributePath path) {
  if (failed()) return 0;
  SkipSpaces();
  const std::optional<Op> op = Operator(Word());
  if (!op) {
    Fail("here should stand eq, ne, co, sw, ew, pr, gt, ge, lt or le");
    return 0;
  }
  Filter::Term term{.op = *op, .path = std::move(path)};
  if (*op != Op::kPresent) term.literal = Literal();
  const JsonKind kind = term.literal.kind;
  const bool is_order = *op >= Op::kContains;
  if (!failed() && is_order && (kind == JsonKind::kBool || kind == JsonKind::kNull)) {
    Fail("true, false and null have no order and no parts");
  }
  return Push(std::move(term));
}

size_t FilterParser::Push(Filter::Term term) {
  if (failed()) return 0;
  if (filter_.terms_.size() == Filter::kTermsMax) {
    Fail("the filter has too many terms");
    return 0;
  }
  filter_.terms_.push_back(std::move(term));
  return filter_.terms_.size() - 1;
}

AttributePath FilterParser::Attribute() {
  SkipSpaces();
  const size_t before = at_;
  std::string_view word = Word();
  AttributePath path;
  if (SameName(word, kEnterpriseSchema)) {  // the extension as a whole
    path.name = kEnterpriseSchema;
    return path;
  }
  const bool has_schema = word.size() > 4 && SameName(word.substr(0, 4), "urn:");
  if (has_schema) {
    const size_t end = word.rfind(':');
    path.schema = IsCoreSchema(word.substr(0, end)) ? "" : word.substr(0, end);
    word.remove_prefix(end + 1);
  }
  const size_t dot = word.find('.');
  path.name = word.substr(0, dot);
  if (dot != word.npos) path.sub = word.substr(dot + 1);
  if (!IsName(path.name) || (dot != word.npos && !IsName(path.sub))) {
    at_ = before;
    Fail("here should stand the name of an attribute");
  }
  return path;
}

std::string FilterParser::Sub() {
  const std::string_view word = Word();
  if (!IsName(word)) Fail("here should stand the name of a part of the attribute");
  return std::string(word);
}

std::optional<Filter::Op> FilterParser::Operator(std::string_view word) const {
  static constexpr std::pair<std::string_view, Op> kOperators[] = {
      {"eq", Op::kEqual},      {"ne", Op::kNotEqual},       {"co", Op::kContains},
      {"sw", Op::kStartsWith}, {"ew", Op::kEndsWith},       {"pr", Op::kPresent},
      {"gt", Op::kGreater},    {"ge", Op::kGreaterOrEqual}, {"lt", Op::kLess},
      {"le", Op::kLessOrEqual}};
  for (const auto& [name, op] : kOperators) {
    if (SameName(name, word)) return op;
  }
  return std::nullopt;
}

// One JSON value that is no object and no array.
JsonValue FilterParser::Literal() {
  SkipSpaces();
  size_t end = at_;
  if (end < text_.size() && text_[end] == '"') {
    for (++end; end < text_.size() && text_[end] != '"'; ++end) {
      if (text_[end] == '\\') ++end;
    }
    end = std::min(end + 1, text_.size());
  } else {
    while (end < text_.size() && (IsWordCharacter(text_[end]) || text_[end] == '+')) ++end;
  }
  Result<JsonValue> value = ParseJson(text_.substr(at_, end - at_));
  if (!value.ok() || value->kind == JsonKind::kNumber) {
    Fail("here should stand a text in quotes, an integer, true, false or null");
    return {};
  }
  at_ = end;
  return std::move(*value);
}

std::string_view FilterParser::Word() {
  const size_t from = at_;
  while (at_ < text_.size() && IsWordCharacter(text_[at_])) ++at_;
  return text_.substr(from, at_ - from);
}

void FilterParser::SkipSpaces() {
  while (at_ < text_.size() && text_[at_] == ' ') ++at_;
}

bool FilterParser::Take(char c) {
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool FilterParser::TakeKeyword(std::string_view keyword) {
  const size_t before = at_;
  SkipSpaces();
  if (SameName(Word(), keyword)) return true;
  at_ = before;
  return false;
}

void FilterParser::Fail(std::string_view what) {
  if (failed_) return;
  failed_ = true;
  detail_ = "at character " + std::to_string(at_ + 1) + ": " + std::string(what);
}

Fault FilterParser::FaultOf(std::string_view type) const {
  return {.status = 400, .title = std::string(type), .detail = detail_};
}

}  // namespace conntrail::api::scim
