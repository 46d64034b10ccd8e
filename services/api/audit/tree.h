#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "events/base/json_writer.h"

namespace conntrail::api {

struct TreeMember;

// A JSON value that can be looked into by path and be written. Members keep the order in which they
// were set.
class Tree {
 public:
  using Items = std::vector<Tree>;
  using Members = std::vector<TreeMember>;

  Tree();
  Tree(bool value);              // NOLINT: implicit by intent
  Tree(std::string value);       // NOLINT: implicit by intent
  Tree(std::string_view value);  // NOLINT: implicit by intent
  Tree(const char* value);       // NOLINT: implicit by intent
  Tree(const Tree& other);
  Tree(Tree&& other) noexcept;
  Tree& operator=(const Tree& other);
  Tree& operator=(Tree&& other) noexcept;
  ~Tree();
  static Tree Number(int64_t value);
  static Tree Number(uint64_t value);
  static Tree List(Items items);
  static Tree Object();

  // The member of that name, made if there is none: null becomes an object.
  // REQUIRES: this is null or an object.
  Tree& operator[](std::string_view name);
  // Sets the value at a path of names with dots between them: Set("usr.id", …).
  void Set(std::string_view path, Tree value);
  // As Set, unless `text` is empty: then nothing is set.
  void SetText(std::string_view path, std::string_view text);

  bool is_null() const { return value_.index() == 0; }
  // Null if it is of another kind.
  const bool* flag() const;
  const std::string* text() const;
  const int64_t* integer() const;
  const uint64_t* natural() const;
  const Items* items() const;
  const Members* members() const;

  // The first value at `path`; null if there is none. Goes through no array.
  const Tree* Find(std::string_view path) const;

  // Calls `each` with every value at `path` that is no array, with the elements of those that are,
  // until it returns true; true if it did. Arrays on the way stand for their elements, and a name
  // may itself have dots.
  bool AnyAt(std::string_view path, const std::function<bool(const Tree&)>& each) const;
  // The same with every value below this that is neither array nor object.
  bool AnyLeaf(const std::function<bool(const Tree&)>& each) const;

  void Write(JsonWriter& out) const;

 private:
  std::variant<std::monostate, bool, int64_t, uint64_t, std::string, Items, Members> value_;
};

struct TreeMember {
  std::string name;
  Tree value;
};

}  // namespace conntrail::api
