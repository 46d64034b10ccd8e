#include "tools/conntrail/verbs/change_text.h"

#include <algorithm>

#include "tools/conntrail/verbs/connection_text.h"

namespace conntrail {
namespace {

const TextList* ListOf(const FieldValue& value) { return std::get_if<TextList>(&value); }
bool IsAbsent(const FieldValue& value) { return value.index() == 0; }

// The items of `from` that are not in `other`; both are sorted.
TextList Without(const TextList& from, const TextList& other) {
  TextList rest;
  std::set_difference(from.begin(), from.end(), other.begin(), other.end(),
                      std::back_inserter(rest));
  return rest;
}

void DescribeList(const std::string& path, const TextList& before, const TextList& after,
                  std::vector<Cell>& lines) {
  for (const std::string& item : Without(before, after)) {
    lines.push_back({"- " + path + ": " + item, Shade::kBad});
  }
  for (const std::string& item : Without(after, before)) {
    lines.push_back({"+ " + path + ": " + item, Shade::kGood});
  }
}

void Describe(const FieldChange& change, std::vector<Cell>& lines) {
  const TextList* before = ListOf(change.before);
  const TextList* after = ListOf(change.after);
  const bool is_list = (before != nullptr || IsAbsent(change.before)) &&
                       (after != nullptr || IsAbsent(change.after));
  if (is_list) {
    static const TextList kNothing;
    return DescribeList(change.path, before == nullptr ? kNothing : *before,
                        after == nullptr ? kNothing : *after, lines);
  }
  if (IsAbsent(change.before)) {
    lines.push_back({"+ " + change.path + ": " + TextOf(change.after), Shade::kGood});
  } else if (IsAbsent(change.after)) {
    lines.push_back({"- " + change.path + ": " + TextOf(change.before), Shade::kBad});
  } else {
    lines.push_back(
        {"~ " + change.path + ": " + TextOf(change.before) + " → " + TextOf(change.after),
         Shade::kWarning});
  }
}

}  // namespace

std::vector<Cell> DescribeChanges(const std::vector<FieldChange>& changes) {
  std::vector<Cell> lines;
  for (const FieldChange& change : changes) Describe(change, lines);
  return lines;
}

}  // namespace conntrail
