#include "services/api/audit/asset_state.h"

#include "projections/views/connection_view.h"

namespace conntrail::api {
namespace {

constexpr int kLevelsMax = 8;

Tree TreeOf(const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return Tree(*text);
  if (const auto* flag = std::get_if<bool>(&value)) return Tree(*flag);
  if (const auto* number = std::get_if<int64_t>(&value)) return Tree::Number(*number);
  if (const auto* list = std::get_if<TextList>(&value)) {
    Tree::Items items;
    for (const std::string& text : *list) items.emplace_back(text);
    return Tree::List(std::move(items));
  }
  return {};
}

void SetNested(Tree& state, std::string_view path, Tree value) {
  Tree* at = &state;
  for (int level = 1; level < kLevelsMax; ++level) {
    const size_t dot = path.find('.');
    if (dot == std::string_view::npos) break;
    const std::string_view name = path.substr(0, dot);
    const Tree* known = at->Find(name);
    if (known != nullptr && known->members() == nullptr) break;
    at = &(*at)[name];
    path.remove_prefix(dot + 1);
  }
  (*at)[path] = std::move(value);
}

}  // namespace

Tree StateTree(const Entity& entity) {
  Tree state = Tree::Object();
  const bool is_connection = std::holds_alternative<Connection>(entity);
  for (const Field& field : FlattenEntity(entity)) {
    const bool is_credential = is_connection && field.path == "credential";
    SetNested(state, is_credential ? "credential.present" : field.path, TreeOf(field.value));
  }
  return state;
}

Tree TreeOf(const JsonValue& json) {
  switch (json.kind) {
    case JsonKind::kNull:
    case JsonKind::kNumber:
      return {};
    case JsonKind::kBool:
      return Tree(json.flag);
    case JsonKind::kInt:
      return Tree::Number(static_cast<int64_t>(json.bits));
    case JsonKind::kUint:
      return Tree::Number(json.bits);
    case JsonKind::kText:
      return Tree(json.text);
    case JsonKind::kArray: {
      Tree::Items items;
      for (const JsonValue& item : json.items) items.push_back(TreeOf(item));
      return Tree::List(std::move(items));
    }
    case JsonKind::kObject: {
      Tree object = Tree::Object();
      for (const JsonValue& item : json.items) object[item.name] = TreeOf(item);
      return object;
    }
  }
  return {};
}

std::string NameOf(const Entity& entity) {
  if (const auto* connection = std::get_if<Connection>(&entity)) {
    return std::string(connection->name());
  }
  if (const auto* group = std::get_if<Group>(&entity)) return group->name;
  if (const auto* workflow = std::get_if<Workflow>(&entity)) return workflow->name;
  if (const auto* key = std::get_if<AccessKey>(&entity)) return key->name;
  if (const auto* integration = std::get_if<Integration>(&entity)) {
    return integration->account.empty() ? integration->type
                                        : integration->type + " " + integration->account;
  }
  return "";
}

}  // namespace conntrail::api
