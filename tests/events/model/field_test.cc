#include "events/model/field.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "events/model/field_json.h"
#include "tests/support/event_generators.h"

namespace conntrail {
namespace {

RC_GTEST_PROP(DiffFields, TurnsBeforeIntoAfter, ()) {
  const Fields before = *AnyFields();
  const Fields after = *AnyFields();
  Fields fields = before;
  for (const FieldChange& change : DiffFields(before, after)) {
    const FieldValue* old = FindField(fields, change.path);
    RC_ASSERT((old == nullptr ? FieldValue() : *old) == change.before);
    RC_ASSERT(change.before != change.after);
    SetField(fields, change.path, change.after);
  }
  RC_ASSERT(fields == after);
}

RC_GTEST_PROP(DiffFields, OfEqualFieldsIsEmpty, ()) {
  const Fields fields = *AnyFields();
  RC_ASSERT(DiffFields(fields, fields).empty());
}

RC_GTEST_PROP(SetField, KeepsFieldsSortedAndFindable, ()) {
  const Fields fields = *AnyFields();
  RC_ASSERT(std::is_sorted(fields.begin(), fields.end(),
                           [](const Field& a, const Field& b) { return a.path < b.path; }));
  for (const Field& field : fields) RC_ASSERT(*FindField(fields, field.path) == field.value);
}

RC_GTEST_PROP(FieldJson, IsReadAsItWasWritten, ()) {
  const Fields fields = *AnyFields();
  const Result<JsonValue> root = ParseJson(FieldsToJson(fields));
  RC_ASSERT(root.ok());
  JsonReader reader(*root);
  RC_ASSERT(ReadFields(reader, *root) == fields);
  RC_ASSERT(reader.ok());
}

TEST(DiffFields, ListsWhatCameWhatWentAndWhatIsOther) {
  const Fields before = {{"base_url", "https://a"}, {"name", "pager"}, {"retries", int64_t{3}}};
  const Fields after = {{"active", true}, {"name", "pager"}, {"retries", "3"}};
  EXPECT_THAT(DiffFields(before, after),
              testing::ElementsAre(FieldChange{"active", {}, true},
                                   FieldChange{"base_url", "https://a", {}},
                                   FieldChange{"retries", int64_t{3}, "3"}));
}

TEST(NormalizeFields, SortsMakesSetsDropsAbsentAndKeepsTheFirstOfAPath) {
  Fields fields = {{"b", TextList{"y", "x", "y"}}, {"a", "first"}, {"a", "second"}, {"c", {}}};
  NormalizeFields(fields);
  const Fields expected = {{"a", "first"}, {"b", TextList{"x", "y"}}};
  EXPECT_EQ(fields, expected);
}

}  // namespace
}  // namespace conntrail
