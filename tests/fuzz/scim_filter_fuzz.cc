#include <cstddef>
#include <cstdint>
#include <string_view>

#include "events/base/check.h"
#include "services/api/scim/filter.h"
#include "services/api/scim/patch.h"

namespace conntrail::api::scim {
namespace {

const JsonValue& Resource() {
  static const JsonValue resource =
      ParseJson(R"({"id":"u","userName":"alice","active":true,"logins":7,"name":{"formatted":"A"},)"
                R"("emails":[{"value":"w@x","type":"work"},"plain"],)"
                R"("meta":{"created":"2024-05-01T12:00:00.000Z"}})")
          .value();
  return resource;
}

// A filter either matches or its negation does.
void TryFilter(std::string_view text) {
  const Parsed<Filter> filter = Filter::Parse(text);
  if (!filter.ok()) {
    CONNTRAIL_CHECK(filter.fault().status == 400 && filter.fault().title == "invalidFilter" &&
                    !filter.fault().detail.empty());
    return;
  }
  const bool matches = filter->Matches(Resource());
  const Parsed<Filter> negated = Filter::Parse("not (" + std::string(text) + ")");
  if (negated.ok()) CONNTRAIL_CHECK(negated->Matches(Resource()) != matches);
  if (filter->OnlyEquality()) CONNTRAIL_CHECK(filter->Equalities().has_value());
}

// The text as path of each operation, and as the body of a PATCH.
void TryPatch(std::string_view text) {
  for (const char* name : {"add", "replace", "remove"}) {
    JsonValue request = ObjectValue();
    JsonValue operation = ObjectValue();
    AddText(operation, "op", name);
    Add(operation, "path", TextValue(text));
    Add(operation, "value", TextValue("x"));
    Add(request, "Operations", ArrayValue()).items.push_back(std::move(operation));
    const Parsed<JsonValue> patched = ApplyPatch(Resource(), request);
    CONNTRAIL_CHECK(!patched.ok() || FindMember(*patched, "id")->text == "u");
  }
  const Result<JsonValue> body = ParseJson(text);
  if (!body.ok()) return;
  const Parsed<JsonValue> patched = ApplyPatch(Resource(), *body);
  if (!patched.ok()) return;
  JsonWriter out;
  WriteJson(out, *patched);
  CONNTRAIL_CHECK(FindMember(*patched, "id")->text == "u");
}

}  // namespace
}  // namespace conntrail::api::scim

// Whatever the text is, it is a filter or a fault, a path or a fault; and no PATCH changes an id.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  conntrail::api::scim::TryFilter(text);
  conntrail::api::scim::TryPatch(text);
  return 0;
}
