#include "services/api/scim/resource.h"

#include "events/base/bytes.h"
#include "events/base/time.h"
#include "events/secret/token_shapes.h"

namespace conntrail::api::scim {
namespace {

constexpr size_t kTextBytesMax = 1024;

}  // namespace

JsonValue Meta(std::string_view type, const Lifecycle& life, const std::string& location) {
  JsonValue meta = ObjectValue();
  AddText(meta, "resourceType", type);
  AddText(meta, "created", FormatTime(life.created.time_ms));
  AddText(meta, "lastModified", FormatTime(life.changed.time_ms));
  AddText(meta, "location", location);
  AddText(meta, "version", "\"" + std::to_string(life.revision.value) + "\"");
  return meta;
}

std::string Reader::Text(const JsonValue& object, std::string_view name) {
  const JsonValue* value = FindMember(object, name);
  if (value == nullptr || value->kind == JsonKind::kNull) return "";
  if (value->kind != JsonKind::kText) Fail(name, "must be a text");
  if (value->text.size() > kTextBytesMax) Fail(name, "is too long");
  if (!IsText(value->text)) Fail(name, "must be a text without NUL");
  const std::string_view shape = FindTokenShape(value->text);
  if (!shape.empty())
    Fail(name, "looks like " + std::string(shape) + ", which belongs nowhere here");
  return value->text;
}

std::optional<bool> Reader::Flag(const JsonValue& object, std::string_view name) {
  const JsonValue* value = FindMember(object, name);
  if (value == nullptr || value->kind == JsonKind::kNull) return std::nullopt;
  if (value->kind == JsonKind::kBool) return value->flag;
  if (value->kind == JsonKind::kText && SameName(value->text, "true")) return true;
  if (value->kind == JsonKind::kText && SameName(value->text, "false")) return false;
  Fail(name, "must be true or false");
  return std::nullopt;
}

void Reader::Fail(std::string_view name, std::string_view what) {
  if (fault_) return;
  fault_ = Fault{.status = 400,
                 .title = "invalidValue",
                 .detail = std::string(name) + " " + std::string(what)};
}

}  // namespace conntrail::api::scim
