#include "services/api/audit/tree.h"

#include "events/base/check.h"

namespace conntrail::api {

Tree::Tree() = default;
Tree::Tree(bool value) : value_(value) {}
Tree::Tree(std::string value) : value_(std::move(value)) {}
Tree::Tree(std::string_view value) : value_(std::string(value)) {}
Tree::Tree(const char* value) : value_(std::string(value)) {}
Tree::Tree(const Tree& other) = default;
Tree::Tree(Tree&& other) noexcept = default;
Tree& Tree::operator=(const Tree& other) = default;
Tree& Tree::operator=(Tree&& other) noexcept = default;
Tree::~Tree() = default;

const bool* Tree::flag() const { return std::get_if<bool>(&value_); }
const std::string* Tree::text() const { return std::get_if<std::string>(&value_); }
const int64_t* Tree::integer() const { return std::get_if<int64_t>(&value_); }
const uint64_t* Tree::natural() const { return std::get_if<uint64_t>(&value_); }
const Tree::Items* Tree::items() const { return std::get_if<Items>(&value_); }
const Tree::Members* Tree::members() const { return std::get_if<Members>(&value_); }

Tree Tree::Number(int64_t value) {
  Tree tree;
  tree.value_ = value;
  return tree;
}

Tree Tree::Number(uint64_t value) {
  Tree tree;
  tree.value_ = value;
  return tree;
}

Tree Tree::List(Items items) {
  Tree tree;
  tree.value_ = std::move(items);
  return tree;
}

Tree Tree::Object() {
  Tree tree;
  tree.value_ = Members();
  return tree;
}

Tree& Tree::operator[](std::string_view name) {
  if (is_null()) value_ = Members();
  Members* members = std::get_if<Members>(&value_);
  CONNTRAIL_CHECK(members != nullptr);
  for (TreeMember& member : *members) {
    if (member.name == name) return member.value;
  }
  members->push_back({std::string(name), Tree()});
  return members->back().value;
}

void Tree::Set(std::string_view path, Tree value) {
  Tree* at = this;
  for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    at = &(*at)[path.substr(0, dot)];
    path.remove_prefix(dot + 1);
  }
  (*at)[path] = std::move(value);
}

void Tree::SetText(std::string_view path, std::string_view text) {
  if (!text.empty()) Set(path, Tree(text));
}

const Tree* Tree::Find(std::string_view path) const {
  const Tree* found = nullptr;
  if (path.empty()) return this;
  if (members() == nullptr) return nullptr;
  for (const TreeMember& member : *members()) {
    if (member.name == path) return &member.value;
    if (found == nullptr && path.size() > member.name.size() && path.starts_with(member.name) &&
        path[member.name.size()] == '.') {
      found = member.value.Find(path.substr(member.name.size() + 1));
    }
  }
  return found;
}

bool Tree::AnyAt(std::string_view path, const std::function<bool(const Tree&)>& each) const {
  if (items() != nullptr) {
    for (const Tree& item : *items()) {
      if (item.AnyAt(path, each)) return true;
    }
    return false;
  }
  if (path.empty()) return each(*this);
  if (members() == nullptr) return false;
  for (const TreeMember& member : *members()) {
    if (!path.starts_with(member.name)) continue;
    const std::string_view rest = path.substr(member.name.size());
    if (!rest.empty() && rest.front() != '.') continue;
    if (rest.size() == 1) continue;  // "usr." names nothing
    if (member.value.AnyAt(rest.empty() ? rest : rest.substr(1), each)) return true;
  }
  return false;
}

bool Tree::AnyLeaf(const std::function<bool(const Tree&)>& each) const {
  if (items() != nullptr) {
    for (const Tree& item : *items()) {
      if (item.AnyLeaf(each)) return true;
    }
    return false;
  }
  if (members() == nullptr) return !is_null() && each(*this);
  for (const TreeMember& member : *members()) {
    if (member.value.AnyLeaf(each)) return true;
  }
  return false;
}

void Tree::Write(JsonWriter& out) const {
  if (flag() != nullptr) return out.Bool(*flag());
  if (text() != nullptr) return out.Text(*text());
  if (integer() != nullptr) return out.Int(*integer());
  if (natural() != nullptr) return out.Uint(*natural());
  if (items() != nullptr) {
    out.BeginArray();
    for (const Tree& item : *items()) item.Write(out);
    return out.EndArray();
  }
  if (members() == nullptr) return out.Null();
  out.BeginObject();
  for (const TreeMember& member : *members()) {
    out.Name(member.name);
    member.value.Write(out);
  }
  out.EndObject();
}

}  // namespace conntrail::api
