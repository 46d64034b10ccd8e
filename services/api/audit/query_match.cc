#include "services/api/audit/query_match.h"

#include <algorithm>

#include "events/base/number.h"

namespace conntrail::api {
namespace {

using Op = QueryNode::Op;
using Where = QueryTest::Where;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Letters, digits, "_" and all that is not ASCII.
bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (c & 0x80) != 0;
}

// True if no word of `text` goes on over `at`.
bool IsBoundary(std::string_view text, size_t at) {
  return at == 0 || at >= text.size() || !IsWordByte(text[at - 1]) || !IsWordByte(text[at]);
}

bool HasSequence(std::string_view text, std::string_view sequence) {
  for (size_t at = text.find(sequence); at != std::string_view::npos;
       at = text.find(sequence, at + 1)) {
    if (IsBoundary(text, at) && IsBoundary(text, at + sequence.size())) return true;
  }
  return false;
}

// `chunk` without the punctuation around it.
std::string_view Trimmed(std::string_view chunk) {
  while (!chunk.empty() && !IsWordByte(chunk.front())) chunk.remove_prefix(1);
  while (!chunk.empty() && !IsWordByte(chunk.back())) chunk.remove_suffix(1);
  return chunk;
}

bool HasWordLike(std::string_view chunk, const Wildcard& pattern) {
  if (pattern.Matches(chunk) || pattern.Matches(Trimmed(chunk))) return true;
  size_t begin = 0;
  for (size_t end = 0; end <= chunk.size(); ++end) {
    if (end < chunk.size() && IsWordByte(chunk[end])) continue;
    if (end > begin && pattern.Matches(chunk.substr(begin, end - begin))) return true;
    begin = end + 1;
  }
  return false;
}

// Full text; both in small letters.
bool HasText(std::string_view text, const Wildcard& pattern) {
  if (pattern.is_literal()) return HasSequence(text, pattern.literal());
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    while (at < text.size() && !IsSpace(text[at])) ++at;
    if (at > begin && HasWordLike(text.substr(begin, at - begin), pattern)) return true;
    ++at;
  }
  return false;
}

// What a value that is neither array nor object reads as.
std::string TextOf(const Tree& value) {
  if (value.text() != nullptr) return *value.text();
  if (value.flag() != nullptr) return *value.flag() ? "true" : "false";
  if (value.integer() != nullptr) return std::to_string(*value.integer());
  if (value.natural() != nullptr) return std::to_string(*value.natural());
  return "";
}

bool HoldsNumber(const NumberRange& range, std::string_view text) {
  const auto number = ParseNumber<double>(text);
  return number && range.Holds(*number);
}

bool HoldsAddress(const std::vector<IpRange>& ranges, std::string_view text) {
  const std::optional<IpAddress> address = IpAddress::Parse(text);
  return address && std::any_of(ranges.begin(), ranges.end(),
                                [&](const IpRange& range) { return range.Holds(*address); });
}

bool TakesText(const QueryTest& test, std::string_view text) {
  if (const auto* pattern = std::get_if<Wildcard>(&test.what)) return pattern->Matches(text);
  if (const auto* range = std::get_if<NumberRange>(&test.what)) return HoldsNumber(*range, text);
  if (const auto* ranges = std::get_if<std::vector<IpRange>>(&test.what)) {
    return HoldsAddress(*ranges, text);
  }
  return true;
}

bool TakesValue(const QueryTest& test, const Tree& value) {
  if (value.is_null()) return false;
  if (std::holds_alternative<QueryTest::Exists>(test.what)) return true;
  if (value.members() != nullptr) return false;
  return value.text() != nullptr ? TakesText(test, *value.text()) : TakesText(test, TextOf(value));
}

bool TakesTag(const QueryTest& test, std::string_view tag) {
  return tag.size() > test.key.size() && tag.starts_with(test.key) && tag[test.key.size()] == ':' &&
         TakesText(test, tag.substr(test.key.size() + 1));
}

bool HasEverywhere(const Wildcard& pattern, const AuditDocument& document) {
  const auto has = [&](std::string_view text) { return HasText(FoldedCase(text), pattern); };
  return has(document.message) || has(document.id) || has(document.service) ||
         std::any_of(document.tags.begin(), document.tags.end(), has) ||
         document.attributes.AnyLeaf([&](const Tree& leaf) { return has(TextOf(leaf)); });
}

std::string_view Reserved(const std::string& key, const AuditDocument& document) {
  if (key == "id") return document.id;
  return key == "service" ? std::string_view(document.service) : document.status;
}

bool Takes(const QueryTest& test, const AuditDocument& document) {
  switch (test.where) {
    case Where::kMessage:
      return HasText(FoldedCase(document.message), std::get<Wildcard>(test.what));
    case Where::kEverywhere:
      return HasEverywhere(std::get<Wildcard>(test.what), document);
    case Where::kReserved:
      return TakesText(test, Reserved(test.key, document));
    case Where::kAttribute:
      return document.attributes.AnyAt(test.key,
                                       [&](const Tree& value) { return TakesValue(test, value); });
    case Where::kTag:
      return std::any_of(document.tags.begin(), document.tags.end(),
                         [&](const std::string& tag) { return TakesTag(test, tag); });
  }
  return false;
}

// True if `path` is at, above or below `part` of a document.
bool Touches(std::string_view path, std::string_view part) {
  const std::string_view shorter = path.size() < part.size() ? path : part;
  const std::string_view longer = path.size() < part.size() ? part : path;
  return longer.starts_with(shorter) &&
         (longer.size() == shorter.size() || longer[shorter.size()] == '.');
}

unsigned PartsOf(const QueryTest& test) {
  if (test.where == Where::kMessage) return audit_part::kNames;
  if (test.where == Where::kEverywhere) return audit_part::kAll;
  if (test.where != Where::kAttribute) return 0;
  unsigned parts = 0;
  if (Touches(test.key, "asset.name")) parts |= audit_part::kNames;
  if (Touches(test.key, "asset.prev_value") || Touches(test.key, "asset.new_value")) {
    parts |= audit_part::kStates;
  }
  if (Touches(test.key, "conntrail.details")) parts |= audit_part::kAction;
  return parts;
}

}  // namespace

bool Matches(const QueryNode& query, const AuditDocument& document) {
  const auto matches = [&](const QueryNode& part) { return Matches(part, document); };
  switch (query.op) {
    case Op::kAll:
      return true;
    case Op::kAnd:
      return std::all_of(query.parts.begin(), query.parts.end(), matches);
    case Op::kOr:
      return std::any_of(query.parts.begin(), query.parts.end(), matches);
    case Op::kNot:
      return !Matches(query.parts.front(), document);
    case Op::kTest:
      return Takes(query.test, document);
  }
  return false;
}

unsigned PartsNeeded(const QueryNode& query) {
  if (query.op == Op::kTest) return PartsOf(query.test);
  unsigned parts = 0;
  for (const QueryNode& part : query.parts) parts |= PartsNeeded(part);
  return parts;
}

}  // namespace conntrail::api
