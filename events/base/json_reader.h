#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"

namespace conntrail {

enum class JsonKind : uint8_t {
  kNull,
  kBool,
  kInt,     // an integer that fits int64_t
  kUint,    // an integer above that which fits uint64_t
  kNumber,  // with a fraction or an exponent; its value is not kept
  kText,
  kArray,
  kObject,
};

// One value of a JSON text, with all that is in it.
struct JsonValue {
  JsonKind kind = JsonKind::kNull;
  bool flag = false;             // of kBool
  mutable bool is_read = false;  // JsonReader::Find has been asked for it
  uint64_t bits = 0;             // of kInt (two's complement) and kUint
  std::string name;              // of a member of an object
  std::string text;              // of kText; well-formed UTF-8 without NUL
  std::vector<JsonValue> items;  // of kArray; the members of kObject, in the order of the text
};

inline constexpr size_t kJsonDepthMax = 16;     // levels of objects and arrays
inline constexpr size_t kJsonMembersMax = 256;  // members of one object

// Parses one JSON text (RFC 8259), stricter than that: no byte order mark, no member twice in one
// object, no U+0000 in a text, no integer beyond uint64_t, and the limits above. kInvalidArgument
// begins with the place: "line 3, column 14: ..." or a path as JsonReader writes it.
Result<JsonValue> ParseJson(std::string_view text);

// Reads a tree into values. The first fault is kept in status(), which begins with the path of the
// value at fault ("action.changes[3].path: must be a text"); reading goes on with empty values, so
// that callers look once, at the end.
//
// Not thread-safe. The tree must outlive the reader and stay where it is.
class JsonReader {
 public:
  explicit JsonReader(const JsonValue& root) : root_(root) {}

  const Status& status() const { return status_; }
  bool ok() const { return status_.ok(); }
  void Fail(const JsonValue& at, std::string_view what);

  // The member of that name; null if there is none, Require then fails.
  const JsonValue* Find(const JsonValue& object, std::string_view name);
  const JsonValue* Require(const JsonValue& object, std::string_view name);
  // Fails if `object` has a member that nobody has asked Find for.
  void RefuseOthers(const JsonValue& object);

  // Fail if the value is of another kind.
  const std::string& Text(const JsonValue& value);
  bool Bool(const JsonValue& value);
  int64_t Int(const JsonValue& value);
  uint64_t Uint(const JsonValue& value);
  const std::vector<JsonValue>& Items(const JsonValue& array);
  const std::vector<JsonValue>& Members(const JsonValue& object);

 private:
  bool Is(const JsonValue& value, JsonKind kind, std::string_view kind_name);

  const JsonValue& root_;
  Status status_;
};

}  // namespace conntrail
