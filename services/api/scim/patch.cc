#include "services/api/scim/patch.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "services/api/scim/filter.h"

namespace conntrail::api::scim {
namespace {

enum class Operation { kAdd, kReplace, kRemove };

using Failure = std::optional<Fault>;

Fault Wrong(std::string_view type, std::string detail) {
  return {.status = 400, .title = std::string(type), .detail = std::move(detail)};
}

bool IsReadOnly(std::string_view name) {
  return SameName(name, "id") || SameName(name, "meta") || SameName(name, "groups") ||
         SameName(name, "schemas");
}

bool IsMultiValued(std::string_view name) {
  for (const std::string_view known : {"emails", "members", "phoneNumbers", "addresses", "ims",
                                       "photos", "roles", "entitlements", "x509Certificates"}) {
    if (SameName(known, name)) return true;
  }
  return false;
}

void Remove(JsonValue& object, std::string_view name) {
  std::erase_if(object.items, [&](const JsonValue& item) { return SameName(item.name, name); });
}

// Puts `value` at `name`, whatever was there.
void Set(JsonValue& object, std::string_view name, JsonValue value) {
  if (JsonValue* known = FindMember(object, name)) {
    value.name = known->name;
    *known = std::move(value);
  } else {
    Add(object, name, std::move(value));
  }
}

JsonValue AsArray(JsonValue value) {
  if (value.kind == JsonKind::kArray) return value;
  JsonValue array = ArrayValue();
  if (value.kind == JsonKind::kNull) return array;
  array.items.push_back(std::move(value));
  return array;
}

// Appends those elements of `more` that are not there; elements are told apart by their `value`.
void Append(JsonValue& array, JsonValue more) {
  std::unordered_set<std::string_view> known;
  for (const JsonValue& item : array.items) {
    if (const std::string_view value = MemberText(item, "value"); !value.empty()) {
      known.insert(value);
    }
  }
  std::vector<JsonValue> added;
  for (JsonValue& item : more.items) {
    const std::string_view value = MemberText(item, "value");
    const bool is_known = value.empty()
                              ? std::any_of(array.items.begin(), array.items.end(),
                                            [&](const JsonValue& x) { return SameValue(x, item); })
                              : !known.insert(value).second;
    if (!is_known) added.push_back(item);
  }
  for (JsonValue& item : added) array.items.push_back(std::move(item));
}

// Takes the elements out that `values` lists by their `value`.
void TakeOut(JsonValue& array, const JsonValue& values) {
  std::unordered_set<std::string_view> gone;
  for (const JsonValue& item : values.items) {
    gone.insert(item.kind == JsonKind::kText ? std::string_view(item.text)
                                             : MemberText(item, "value"));
  }
  std::erase_if(array.items, [&](const JsonValue& item) {
    const std::string_view value = MemberText(item, "value");
    return !value.empty() && gone.contains(value);
  });
}

// One operation on one resource.
class Patcher {
 public:
  Patcher(JsonValue& resource, Operation operation) : root_(resource), operation_(operation) {}

  Failure Apply(std::string_view path_text, const JsonValue* value) {
    const Parsed<PatchPath> path = PatchPath::Parse(path_text);
    if (!path.ok()) return path.fault();
    if (IsReadOnly(path->attribute.name)) {
      return Wrong("mutability", path->attribute.name + " cannot be changed");
    }
    if (operation_ != Operation::kRemove && value == nullptr) {
      return Wrong("invalidValue", "value is missing");
    }
    JsonValue* holder = Holder(path->attribute.schema);
    if (holder == nullptr) return std::nullopt;
    if (path->filter) return ApplyToElements(*holder, *path, value);
    if (!path->attribute.sub.empty()) return ApplyToPart(*holder, path->attribute, value);
    return ApplyToAttribute(*holder, path->attribute.name, value);
  }

 private:
  // Where the attributes of that schema are; null if there is nothing to be removed.
  JsonValue* Holder(const std::string& schema) {
    if (schema.empty()) return &root_;
    if (JsonValue* known = FindMember(root_, schema)) return AsObject(*known);
    if (operation_ == Operation::kRemove) return nullptr;
    return &Add(root_, schema, ObjectValue());
  }

  static JsonValue* AsObject(JsonValue& value) {
    if (value.kind != JsonKind::kObject) {
      std::string name = std::move(value.name);
      value = ObjectValue();
      value.name = std::move(name);
    }
    return &value;
  }

  Failure ApplyToAttribute(JsonValue& holder, const std::string& name, const JsonValue* value) {
    JsonValue* known = FindMember(holder, name);
    if (operation_ == Operation::kRemove) {
      const bool lists_elements = value != nullptr && value->kind != JsonKind::kNull;
      if (known != nullptr && known->kind == JsonKind::kArray && lists_elements) {
        TakeOut(*known, AsArray(*value));
      } else {
        Remove(holder, name);
      }
      return std::nullopt;
    }
    const bool has_elements = known != nullptr && known->kind == JsonKind::kArray;
    const bool is_array = IsMultiValued(name) || has_elements;
    if (operation_ == Operation::kAdd && has_elements) {
      Append(*known, AsArray(*value));
    } else if (known != nullptr && known->kind == JsonKind::kObject &&
               value->kind == JsonKind::kObject) {
      for (const JsonValue& part : value->items) Set(*known, part.name, part);
    } else {
      Set(holder, name, is_array ? AsArray(*value) : *value);
    }
    return std::nullopt;
  }

  Failure ApplyToPart(JsonValue& holder, const AttributePath& path, const JsonValue* value) {
    JsonValue* known = FindMember(holder, path.name);
    if (known == nullptr) {
      if (operation_ == Operation::kRemove) return std::nullopt;
      known = &Add(holder, path.name, IsMultiValued(path.name) ? ArrayValue() : ObjectValue());
    }
    if (known->kind != JsonKind::kArray) return ChangePart(*AsObject(*known), path.sub, value);
    for (JsonValue& item : known->items) {
      if (const Failure failure = ChangePart(*AsObject(item), path.sub, value)) return failure;
    }
    return std::nullopt;
  }

  Failure ChangePart(JsonValue& object, const std::string& name, const JsonValue* value) {
    if (operation_ == Operation::kRemove) {
      Remove(object, name);
    } else {
      Set(object, name, *value);
    }
    return std::nullopt;
  }

  Failure ApplyToElements(JsonValue& holder, const PatchPath& path, const JsonValue* value) {
    JsonValue* known = FindMember(holder, path.attribute.name);
    if (known == nullptr || known->kind != JsonKind::kArray) {
      if (operation_ != Operation::kAdd) return NoElement(path);
      Set(holder, path.attribute.name, ArrayValue());
      known = FindMember(holder, path.attribute.name);
    }
    if (operation_ == Operation::kRemove && path.sub.empty()) {
      std::erase_if(known->items,
                    [&](const JsonValue& item) { return path.filter->Matches(item); });
      return std::nullopt;
    }
    bool found = false;
    for (JsonValue& item : known->items) {
      if (!path.filter->Matches(item)) continue;
      found = true;
      if (const Failure failure = ChangeElement(item, path.sub, value)) return failure;
    }
    if (found) return std::nullopt;
    return operation_ == Operation::kAdd ? AddElement(*known, path, *value) : NoElement(path);
  }

  Failure ChangeElement(JsonValue& item, const std::string& sub, const JsonValue* value) {
    if (!sub.empty()) return ChangePart(*AsObject(item), sub, value);
    if (value->kind != JsonKind::kObject) return Wrong("invalidValue", "value must be an object");
    for (const JsonValue& part : value->items) Set(*AsObject(item), part.name, part);
    return std::nullopt;
  }

  // `add emails[type eq "work"].value` where there is none of that type: makes one.
  Failure AddElement(JsonValue& array, const PatchPath& path, const JsonValue& value) {
    const auto equalities = path.filter->Equalities();
    if (!equalities) return Wrong("noTarget", "no element fits the filter, nor can one be made");
    JsonValue item = ObjectValue();
    for (const auto& [name, literal] : *equalities) Set(item, name, literal);
    if (const Failure failure = ChangeElement(item, path.sub, &value)) return failure;
    array.items.push_back(std::move(item));
    return std::nullopt;
  }

  Failure NoElement(const PatchPath& path) {
    // Whoever asks for something to be gone that is not there has it so.
    if (operation_ == Operation::kRemove) return std::nullopt;
    return Wrong("noTarget", "no element of " + path.attribute.name + " fits the filter");
  }

  JsonValue& root_;
  const Operation operation_;
};

std::optional<Operation> ParseOperation(std::string_view name) {
  if (SameName(name, "add")) return Operation::kAdd;
  if (SameName(name, "replace")) return Operation::kReplace;
  if (SameName(name, "remove")) return Operation::kRemove;
  return std::nullopt;
}

// Without a path the value has a member for each attribute.
Failure ApplyWithoutPath(JsonValue& resource, Operation operation, const JsonValue* value) {
  if (operation == Operation::kRemove) return Wrong("noTarget", "remove needs a path");
  if (value == nullptr || value->kind != JsonKind::kObject) {
    return Wrong("invalidValue", "without a path, value must be an object");
  }
  for (const JsonValue& member : value->items) {
    if (IsReadOnly(member.name)) continue;
    if (const Failure failure = Patcher(resource, operation).Apply(member.name, &member)) {
      return failure;
    }
  }
  return std::nullopt;
}

Failure ApplyOperation(JsonValue& resource, const JsonValue& request) {
  const std::optional<Operation> operation = ParseOperation(MemberText(request, "op"));
  if (!operation) return Wrong("invalidSyntax", "op must be add, replace or remove");
  const JsonValue* path = FindMember(request, "path");
  const JsonValue* value = FindMember(request, "value");
  if (path == nullptr) return ApplyWithoutPath(resource, *operation, value);
  if (path->kind != JsonKind::kText) return Wrong("invalidPath", "path must be a text");
  return Patcher(resource, *operation).Apply(path->text, value);
}

}  // namespace

Parsed<JsonValue> ApplyPatch(JsonValue resource, const JsonValue& request) {
  const JsonValue* operations = FindMember(request, "Operations");
  if (operations == nullptr || operations->kind != JsonKind::kArray || operations->items.empty()) {
    return Wrong("invalidSyntax", "Operations must be an array with at least one operation");
  }
  if (operations->items.size() > kPatchOperationsMax) {
    return Wrong("tooMany", "at most " + std::to_string(kPatchOperationsMax) +
                                " operations are taken at once");
  }
  for (size_t i = 0; i < operations->items.size(); ++i) {
    Failure failure = ApplyOperation(resource, operations->items[i]);
    if (!failure) continue;
    failure->detail = "Operations[" + std::to_string(i) + "]: " + failure->detail;
    return *failure;
  }
  return resource;
}

}  // namespace conntrail::api::scim
