#include "services/api/audit/query_language.h"

#include <fmt/format.h>

#include "events/base/bytes.h"
#include "events/base/number.h"
#include "services/api/audit/query_reader.h"

namespace conntrail::api {
namespace {

using Op = QueryNode::Op;
using Where = QueryTest::Where;

// What the values in a group are compared with.
struct Target {
  Where where = Where::kMessage;
  std::string key;

  bool is_full_text() const { return where == Where::kMessage || where == Where::kEverywhere; }
};

class Parser {
 public:
  explicit Parser(std::string_view text) : in_(text) {}

  Result<QueryNode> Run() {
    QueryNode all;
    in_.SkipSpaces();
    if (!in_.is_end()) all = Any(Target{}, 0);
    in_.SkipSpaces();
    if (in_.ok() && !in_.is_end()) Fail("this parenthesis closes nothing");
    if (!in_.ok()) return in_.status();
    return all;
  }

 private:
  void Fail(std::string_view what) { in_.Fail(in_.at(), what); }

  static QueryNode Joined(Op op, std::vector<QueryNode> parts) {
    if (parts.size() == 1) return std::move(parts.front());
    QueryNode node;
    node.op = op;
    node.parts = std::move(parts);
    return node;
  }

  QueryNode Any(const Target& target, int depth) {
    std::vector<QueryNode> parts;
    do {
      parts.push_back(All(target, depth));
      in_.SkipSpaces();
    } while (in_.ok() && in_.TakeWord("OR"));
    return Joined(Op::kOr, std::move(parts));
  }

  QueryNode All(const Target& target, int depth) {
    std::vector<QueryNode> parts;
    for (;;) {
      parts.push_back(Not(target, depth));
      in_.SkipSpaces();
      if (!in_.ok() || in_.is_end() || in_.front() == ')' || in_.IsWord("OR")) break;
      in_.TakeWord("AND");
    }
    return Joined(Op::kAnd, std::move(parts));
  }

  bool IsTooDeep(int depth) {
    if (depth <= kQueryDepthMax) return false;
    Fail(fmt::format("more than {} parentheses and negations inside each other", kQueryDepthMax));
    return true;
  }

  QueryNode Not(const Target& target, int depth) {
    in_.SkipSpaces();
    if (IsTooDeep(depth)) return {};
    if (in_.front() == '!') {
      Fail("write \"-\" or NOT, or \"\\!\" for the character");
      return {};
    }
    const bool is_minus = in_.front() == '-' && in_.second() != ' ' && in_.second() != '\0';
    if (is_minus ? in_.Take('-') : in_.TakeWord("NOT")) {
      QueryNode node;
      node.op = Op::kNot;
      node.parts.push_back(Not(target, depth + 1));
      return node;
    }
    return Term(target, depth);
  }

  QueryNode Group(const Target& target, int depth) {
    const size_t begin = in_.at();
    in_.Take('(');
    QueryNode node = Any(target, depth + 1);
    in_.SkipSpaces();
    if (in_.ok() && !in_.Take(')')) in_.Fail(begin, "this parenthesis is not closed");
    return node;
  }

  QueryNode Term(const Target& target, int depth) {
    if (in_.is_end() || in_.front() == ')' || in_.IsWord("AND") || in_.IsWord("OR")) {
      Fail("expected a term");
      return {};
    }
    if (target.where != Where::kMessage) return Value(target, depth);
    if (in_.front() == '(') return Group(target, depth);
    if (in_.front() == '"') return Value(target, depth);
    if (in_.StartsWith("CIDR(")) return Network();
    if (in_.Take('@')) return Keyed({Where::kAttribute, in_.ReadPath()}, depth);
    const size_t begin = in_.at();
    Wildcard word = in_.ReadWord(true);
    if (in_.front() != ':') return FullText(target, std::move(word), begin);
    if (word.is_all()) return Keyed({Where::kEverywhere, ""}, depth);
    if (!word.is_literal()) in_.Fail(begin, "the name of a tag has no wildcards");
    if (word.literal().empty()) in_.Fail(begin, "expected a name before \":\"");
    return Keyed(Named(word.literal()), depth);
  }

  static Target Named(const std::string& key) {
    if (key == "message") return {Where::kMessage, ""};
    const bool is_reserved = key == "id" || key == "service" || key == "status";
    return {is_reserved ? Where::kReserved : Where::kTag, key};
  }

  QueryNode Keyed(const Target& target, int depth) {
    if (!in_.ok()) return {};
    if (!in_.Take(':')) {
      Fail(fmt::format("expected \":\" and a value behind \"@{}\"", target.key));
      return {};
    }
    const char c = in_.front();
    if (in_.is_end() || c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ')') {
      Fail("expected a value right behind \":\"");
      return {};
    }
    return Value(target, depth);
  }

  QueryNode Value(const Target& target, int depth) {
    const size_t begin = in_.at();
    switch (in_.front()) {
      case '(':
        if (IsTooDeep(depth)) return {};
        return Group(target, depth);
      case '"':
        return FullText(target, in_.ReadQuoted(), begin);
      case '[':
        return Test(target, Range(target));
      case '>':
      case '<':
        return Test(target, Comparison(target));
      default:
        return FullText(target, in_.ReadWord(false), begin);
    }
  }

  QueryNode FullText(const Target& target, Wildcard pattern, size_t begin) {
    if (pattern.is_literal() && pattern.literal().empty() && target.is_full_text()) {
      in_.Fail(begin, "expected a word");
      return {};
    }
    if (pattern.is_all()) {
      if (target.is_full_text()) return {};
      return Test(target, QueryTest::Exists{});
    }
    if (target.is_full_text()) pattern.FoldCase();
    return Test(target, std::move(pattern));
  }

  template <typename What>
  QueryNode Test(const Target& target, What what) {
    if (++tests_ > kQueryTestsMax) {
      Fail(fmt::format("more than {} conditions", kQueryTestsMax));
    }
    QueryNode node;
    node.op = Op::kTest;
    node.test.where = target.where;
    node.test.key = target.key;
    node.test.what = std::move(what);
    return node;
  }

  bool HasNumbers(const Target& target) {
    if (!target.is_full_text()) return true;
    Fail("only attributes and tags are compared with numbers: @path:>5");
    return false;
  }

  std::optional<double> Number(std::string_view ends) {
    const size_t begin = in_.at();
    const std::string_view digits = in_.ReadPlain(ends);
    const auto number = ParseNumber<double>(digits);
    if (!number) in_.Fail(begin, "expected a number");
    return number;
  }

  NumberRange Comparison(const Target& target) {
    NumberRange range;
    if (!HasNumbers(target)) return range;
    const bool is_low = in_.Take('>');
    if (!is_low) in_.Take('<');
    const bool is_open = !in_.Take('=');
    (is_low ? range.low : range.high) = Number("()\"");
    (is_low ? range.low_open : range.high_open) = is_open;
    return range;
  }

  std::optional<double> End() {
    in_.SkipSpaces();
    if (in_.front() == '*') {
      in_.Take('*');
      return std::nullopt;
    }
    return Number("]()\"");
  }

  NumberRange Range(const Target& target) {
    NumberRange range;
    if (!HasNumbers(target)) return range;
    in_.Take('[');
    range.low = End();
    in_.SkipSpaces();
    if (in_.ok() && in_.ReadPlain("]") != "TO") Fail("expected TO between the ends of the range");
    range.high = End();
    in_.SkipSpaces();
    if (in_.ok() && !in_.Take(']')) Fail("expected \"]\" behind the range");
    return range;
  }

  QueryNode Network() {
    in_.TakeWord("CIDR");
    const size_t begin = in_.at();
    in_.Take('(');
    in_.SkipSpaces();
    if (!in_.Take('@')) {
      Fail("expected an attribute, as in CIDR(@network.client.ip, 10.0.0.0/8)");
      return {};
    }
    const Target target{Where::kAttribute, std::string(in_.ReadPlain(",()\""))};
    std::vector<IpRange> ranges;
    in_.SkipSpaces();
    while (in_.Take(',')) {
      in_.SkipSpaces();
      const size_t at = in_.at();
      const std::optional<IpRange> range = IpRange::Parse(in_.ReadPlain(",()\""));
      if (!range) {
        in_.Fail(at, "expected a network, as in 10.0.0.0/8 or 2001:db8::/32");
        return {};
      }
      ranges.push_back(*range);
      in_.SkipSpaces();
    }
    if (in_.ok() && ranges.empty()) Fail("expected \",\" and a network");
    if (in_.ok() && !in_.Take(')')) in_.Fail(begin, "this parenthesis is not closed");
    return Test(target, std::move(ranges));
  }

  QueryReader in_;
  size_t tests_ = 0;
};

}  // namespace

Result<QueryNode> ParseQuery(std::string_view text) {
  if (text.size() > kQueryBytesMax) {
    return Status::InvalidArgument(fmt::format("column 1: the query has {} bytes; {} are the limit",
                                               text.size(), kQueryBytesMax));
  }
  if (!IsText(text)) return Status::InvalidArgument("column 1: the query is not UTF-8 text");
  return Parser(text).Run();
}

}  // namespace conntrail::api
