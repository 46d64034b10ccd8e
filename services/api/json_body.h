#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/json_reader.h"
#include "services/api/fault.h"

namespace conntrail::api {

inline constexpr size_t kBodyMembersMax = 64;  // of one object

// The tree of a request's body: ParseJson's rules, at most kBodyMembersMax members an object, and
// an object at the root. The fault says where, as far as that is known, and repeats no value.
Parsed<JsonValue> ParseBody(std::string_view body);

// Reads a body into values. The first fault is kept, with the JSON pointer (RFC 6901) of the value
// at fault; of a missing member it is the object that lacks it. Reading goes on with empty values,
// so that callers look once, at the end. No fault repeats a value that was sent.
//
// Not thread-safe. The tree must outlive the reader and stay where it is.
class BodyReader {
 public:
  explicit BodyReader(const JsonValue& root) : root_(root) {}

  bool ok() const { return !fault_; }
  // REQUIRES: !ok().
  const Fault& fault() const { return *fault_; }
  void Fail(const JsonValue& at, std::string_view what);

  // The member of that name; null if there is none, Require then fails.
  const JsonValue* Find(const JsonValue& object, std::string_view name);
  const JsonValue* Require(const JsonValue& object, std::string_view name);
  // Fails at a member that nobody has asked Find for; `known` names those that there are.
  void RefuseOthers(const JsonValue& object, std::string_view known = {});

  // Fail if the value is of another kind.
  const std::string& Text(const JsonValue& value);
  bool Bool(const JsonValue& value);
  int64_t Int(const JsonValue& value, int64_t min, int64_t max);
  const std::vector<JsonValue>& Items(const JsonValue& array);
  bool IsObject(const JsonValue& value);

  // A text of 1 to `characters_max` characters and at most `bytes_max` bytes, without control
  // characters, that holds no token.
  std::string Line(const JsonValue& value, size_t characters_max, size_t bytes_max);
  // Fails, naming the shape, if a free text holds what looks like a token.
  void RefuseTokens(const JsonValue& at, std::string_view text);

 private:
  bool Is(const JsonValue& value, JsonKind kind, std::string_view kind_name);

  const JsonValue& root_;
  std::optional<Fault> fault_;
};

// Reads the JSON:API envelope {"data":{"type":`type`,"id":…,"attributes":{…}}} and returns the
// attributes; null, with a fault, if there are none. With `id` a sent id must be that one, or is
// required to be if `id_required`; without, none may be sent.
enum class IdRule { kNone, kOptional, kRequired };
const JsonValue* ReadEnvelope(BodyReader& reader, const JsonValue& root, std::string_view type,
                              IdRule rule = IdRule::kNone, std::string_view id = {});

// Number of characters (code points) of well-formed UTF-8.
size_t CharactersOf(std::string_view text);
// True if `text` holds a control character: C0, DEL or C1.
bool HasControl(std::string_view text);

}  // namespace conntrail::api
