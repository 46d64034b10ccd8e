#include "services/api/scim/filter.h"

#include <algorithm>

#include "events/base/time.h"

namespace conntrail::api::scim {
namespace {

bool IsCaseExact(std::string_view name) {
  return SameName(name, "id") || SameName(name, "externalId");
}

bool IsTime(const AttributePath& path) {
  return SameName(path.name, "meta") &&
         (SameName(path.sub, "created") || SameName(path.sub, "lastModified"));
}

// Calls `each` with every value that `path` names in `resource`, until it returns true.
bool AnyValue(const AttributePath& path, const JsonValue& resource, auto each) {
  const JsonValue* from = path.schema.empty() ? &resource : FindMember(resource, path.schema);
  const JsonValue* attribute = from == nullptr ? nullptr : FindMember(*from, path.name);
  if (attribute == nullptr) return false;
  const auto visit = [&](const JsonValue& value) {
    if (value.kind != JsonKind::kObject) return path.sub.empty() && each(value);
    const JsonValue* part = FindMember(value, path.sub.empty() ? "value" : path.sub);
    return part != nullptr && each(*part);
  };
  if (attribute->kind != JsonKind::kArray) return visit(*attribute);
  return std::any_of(attribute->items.begin(), attribute->items.end(), visit);
}

bool IsPresent(const JsonValue& value) {
  switch (value.kind) {
    case JsonKind::kNull:
      return false;
    case JsonKind::kText:
      return !value.text.empty();
    case JsonKind::kArray:
    case JsonKind::kObject:
      return !value.items.empty();
    default:
      return true;
  }
}

// Less than 0, 0 or more than 0; nullopt if they have no order between them.
std::optional<int> Order(const AttributePath& path, const JsonValue& value,
                         const JsonValue& literal) {
  const auto sign = [](auto a, auto b) { return a < b ? -1 : (b < a ? 1 : 0); };
  if (value.kind == JsonKind::kInt && literal.kind == JsonKind::kInt) {
    return sign(static_cast<int64_t>(value.bits), static_cast<int64_t>(literal.bits));
  }
  if (value.kind != JsonKind::kText || literal.kind != JsonKind::kText) return std::nullopt;
  if (IsTime(path)) {
    const std::optional<UnixMs> a = ParseTime(value.text);
    const std::optional<UnixMs> b = ParseTime(literal.text);
    return a && b ? std::optional(sign(*a, *b)) : std::nullopt;
  }
  if (IsCaseExact(path.name)) return sign(value.text, literal.text);
  return sign(LowerCase(value.text), LowerCase(literal.text));
}

}  // namespace

bool Filter::Compares(const Term& term, const JsonValue& value) const {
  const JsonValue& literal = term.literal;
  const bool are_texts = value.kind == JsonKind::kText && literal.kind == JsonKind::kText;
  if (term.op == Op::kEqual && are_texts && !IsTime(term.path)) {
    return IsCaseExact(term.path.name) ? value.text == literal.text
                                       : SameName(value.text, literal.text);
  }
  const std::optional<int> order = Order(term.path, value, literal);
  switch (term.op) {
    case Op::kEqual:
      return order ? *order == 0 : SameValue(value, literal);
    case Op::kGreater:
      return order && *order > 0;
    case Op::kGreaterOrEqual:
      return order && *order >= 0;
    case Op::kLess:
      return order && *order < 0;
    case Op::kLessOrEqual:
      return order && *order <= 0;
    default:
      break;
  }
  if (!are_texts) return false;
  const bool exact = IsCaseExact(term.path.name);
  const std::string text = exact ? value.text : LowerCase(value.text);
  const std::string part = exact ? literal.text : LowerCase(literal.text);
  if (term.op == Op::kContains) return text.find(part) != text.npos;
  return term.op == Op::kStartsWith ? text.starts_with(part) : text.ends_with(part);
}

bool Filter::Meets(const Term& term, const JsonValue& resource) const {
  switch (term.op) {
    case Op::kAnd:
      return Meets(terms_[term.left], resource) && Meets(terms_[term.right], resource);
    case Op::kOr:
      return Meets(terms_[term.left], resource) || Meets(terms_[term.right], resource);
    case Op::kNot:
      return !Meets(terms_[term.left], resource);
    case Op::kAny: {
      const JsonValue* from =
          term.path.schema.empty() ? &resource : FindMember(resource, term.path.schema);
      const JsonValue* attribute = from == nullptr ? nullptr : FindMember(*from, term.path.name);
      if (attribute == nullptr) return false;
      const Term& inside = terms_[term.left];
      if (attribute->kind != JsonKind::kArray) return Meets(inside, *attribute);
      return std::any_of(attribute->items.begin(), attribute->items.end(),
                         [&](const JsonValue& item) { return Meets(inside, item); });
    }
    case Op::kPresent:
      return AnyValue(term.path, resource, IsPresent);
    case Op::kNotEqual: {
      Term equal = term;
      equal.op = Op::kEqual;
      return !Meets(equal, resource);
    }
    default:
      break;
  }
  const bool wants_nothing = term.op == Op::kEqual && term.literal.kind == JsonKind::kNull;
  if (wants_nothing) return !AnyValue(term.path, resource, IsPresent);
  return AnyValue(term.path, resource,
                  [&](const JsonValue& value) { return Compares(term, value); });
}

bool Filter::Matches(const JsonValue& resource) const { return Meets(terms_.back(), resource); }

bool Filter::AddEqualities(const Term& term,
                           std::vector<std::pair<std::string, JsonValue>>& equalities) const {
  if (term.op == Op::kAnd) {
    return AddEqualities(terms_[term.left], equalities) &&
           AddEqualities(terms_[term.right], equalities);
  }
  const bool is_equality =
      term.op == Op::kEqual && term.path.schema.empty() && term.path.sub.empty();
  if (is_equality) equalities.emplace_back(term.path.name, term.literal);
  return is_equality;
}

std::optional<std::vector<std::pair<std::string, JsonValue>>> Filter::Equalities() const {
  std::vector<std::pair<std::string, JsonValue>> equalities;
  if (!AddEqualities(terms_.back(), equalities)) return std::nullopt;
  return equalities;
}

std::optional<std::pair<std::string, std::string>> Filter::OnlyEquality() const {
  const auto equalities = Equalities();
  if (!equalities || equalities->size() != 1) return std::nullopt;
  const auto& [name, literal] = equalities->front();
  if (literal.kind != JsonKind::kText) return std::nullopt;
  return std::pair(LowerCase(name), literal.text);
}

}  // namespace conntrail::api::scim
