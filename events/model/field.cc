#include "events/model/field.h"

#include <algorithm>

namespace conntrail {
namespace {

bool PathLess(const Field& field, std::string_view path) { return field.path < path; }

}  // namespace

const FieldValue* FindField(const Fields& fields, std::string_view path) {
  const auto at = std::lower_bound(fields.begin(), fields.end(), path, PathLess);
  return at != fields.end() && at->path == path ? &at->value : nullptr;
}

void SetField(Fields& fields, std::string_view path, FieldValue value) {
  const auto at = std::lower_bound(fields.begin(), fields.end(), path, PathLess);
  const bool present = at != fields.end() && at->path == path;
  const bool remove = std::holds_alternative<std::monostate>(value);
  if (present && remove) {
    fields.erase(at);
  } else if (present) {
    at->value = std::move(value);
  } else if (!remove) {
    fields.insert(at, {std::string(path), std::move(value)});
  }
}

void NormalizeValue(FieldValue& value) {
  TextList* list = std::get_if<TextList>(&value);
  if (list == nullptr) return;
  std::sort(list->begin(), list->end());
  list->erase(std::unique(list->begin(), list->end()), list->end());
}

void NormalizeFields(Fields& fields) {
  const auto by_path = [](const Field& a, const Field& b) { return a.path < b.path; };
  const auto same_path = [](const Field& a, const Field& b) { return a.path == b.path; };
  const auto is_absent = [](const Field& f) { return f.value.index() == 0; };
  if (!std::is_sorted(fields.begin(), fields.end(), by_path)) {
    std::stable_sort(fields.begin(), fields.end(), by_path);
  }
  fields.erase(std::unique(fields.begin(), fields.end(), same_path), fields.end());
  std::erase_if(fields, is_absent);
  for (Field& field : fields) NormalizeValue(field.value);
}

std::vector<FieldChange> DiffFields(const Fields& before, const Fields& after) {
  std::vector<FieldChange> changes;
  auto b = before.begin();
  auto a = after.begin();
  while (b != before.end() || a != after.end()) {
    if (a == after.end() || (b != before.end() && b->path < a->path)) {
      changes.push_back({b->path, b->value, {}});
      ++b;
    } else if (b == before.end() || a->path < b->path) {
      changes.push_back({a->path, {}, a->value});
      ++a;
    } else {
      if (b->value != a->value) changes.push_back({b->path, b->value, a->value});
      ++b;
      ++a;
    }
  }
  return changes;
}

}  // namespace conntrail
