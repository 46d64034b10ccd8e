#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace conntrail {

// The value of one field. A list stands for a set: sorted by bytes, without duplicates.
using TextList = std::vector<std::string>;
using FieldValue = std::variant<std::monostate, std::string, bool, int64_t, TextList>;

// One field of a document, named by its path: "name", "scopes", "integration.base_url",
// "metadata.contacts". monostate as the value means that the field is absent.
struct Field {
  std::string path;
  FieldValue value;

  bool operator==(const Field&) const = default;
};

// Sorted by path, each path once, no absent values.
using Fields = std::vector<Field>;

// One field's change. Either side may be absent (monostate): added, removed.
struct FieldChange {
  std::string path;
  FieldValue before;
  FieldValue after;

  bool operator==(const FieldChange&) const = default;
};

// The value at `path`, or nullptr.
const FieldValue* FindField(const Fields& fields, std::string_view path);

// Sets `path` to `value`; monostate removes it. `fields` stays sorted.
void SetField(Fields& fields, std::string_view path, FieldValue value);

// Sorts by path and sorts lists into sets; of a path that stands twice the first is kept.
void NormalizeFields(Fields& fields);
void NormalizeValue(FieldValue& value);

// What turns `before` into `after`, sorted by path; empty if they are equal.
std::vector<FieldChange> DiffFields(const Fields& before, const Fields& after);

}  // namespace conntrail
