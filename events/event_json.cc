#include "events/event_json.h"

#include <fmt/format.h>

#include "events/base/bytes.h"
#include "events/codec/describe.h"
#include "events/event_codec.h"
#include "events/model/enum_names.h"
#include "events/model/field_json.h"

namespace conntrail {
namespace {

template <typename E>
concept Enum = std::is_enum_v<E>;

// Writes described values. A member is left out if it holds what a new value holds, unless it is a
// number: 0 may be a fact.
class EventWriter {
 public:
  explicit EventWriter(JsonWriter& out) : out_(out) {}

  template <typename T>
  void operator()(std::string_view name, const T& member) {
    constexpr bool is_number = std::is_same_v<T, uint64_t> || std::is_same_v<T, uint32_t> ||
                               std::is_same_v<T, RulesVersion> || std::is_same_v<T, Digest>;
    if (!is_number && member == T()) return;
    out_.Name(name);
    Value(member);
  }

  void NonZero(std::string_view name, uint64_t number) {
    if (number != 0) (*this)(name, number);
  }
  void Rights(std::string_view name, uint64_t rights) {
    if (rights == 0) return;
    out_.Name(name);
    WriteRights(out_, rights);
  }
  // Also if it is nil: the log's own records have no other.
  void Org(std::string_view name, const OrgId& org) {
    out_.Name(name);
    Value(org);
  }
  void Action(std::string_view name, const conntrail::Action& action) {
    out_.Name(name);
    std::visit([&](const auto& alternative) { Value(alternative); }, action);
  }
  void Type(std::string_view name, const conntrail::Action& action) {
    out_.Name(name);
    out_.Text(EventTypeName(static_cast<EventType>(action.index())));
  }

  template <typename T>
  void Value(const T& described) {
    out_.BeginObject();
    Describe(*this, described);
    out_.EndObject();
  }
  void Value(bool flag) { out_.Bool(flag); }
  void Value(uint32_t number) { out_.Uint(number); }
  void Value(uint64_t number) { out_.Uint(number); }
  void Value(UnixMs time_ms) { out_.Text(FormatTime(time_ms)); }
  template <Enum E>
  void Value(const E& value) {
    out_.Text(EnumName(value));
  }
  void Value(const std::string& text) { out_.Text(text); }
  void Value(const Uuid& id) { out_.Text(id.ToString()); }
  void Value(const Digest& digest) { out_.Text(ToHex(std::as_bytes(std::span(digest)))); }
  void Value(const Principal& principal) { WritePrincipal(out_, principal); }
  void Value(const Grant& grant) { WriteGrant(out_, grant); }
  void Value(const Fields& fields) { WriteFields(out_, fields); }
  void Value(const std::vector<FieldChange>& changes) { WriteChanges(out_, changes); }
  template <typename Tag>
  void Value(const UuidId<Tag>& id) {
    Value(id.uuid);
  }
  template <typename Tag, typename Rep>
  void Value(const StrongId<Tag, Rep>& number) {
    Value(number.value);
  }
  template <typename T>
  void Value(const std::optional<T>& present) {
    Value(*present);
  }
  template <typename T>
  void Value(const std::vector<T>& items) {
    out_.BeginArray();
    for (const T& item : items) Value(item);
    out_.EndArray();
  }

 private:
  JsonWriter& out_;
};

std::optional<Digest> ParseDigest(std::string_view hex) {
  Digest digest;
  if (hex.size() != 2 * digest.size()) return std::nullopt;
  for (size_t i = 0; i < hex.size(); ++i) {
    const size_t digit = std::string_view("0123456789abcdef").find(hex[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    digest[i / 2] = static_cast<uint8_t>(digest[i / 2] << 4 | digit);
  }
  return digest;
}

// Reads described values out of one object.
class EventReader {
 public:
  EventReader(JsonReader& reader, const JsonValue& object) : reader_(reader), object_(object) {}

  template <typename T>
  void operator()(std::string_view name, T& member) {
    // An absent digest is not zeros.
    const JsonValue* in =
        std::is_same_v<T, Digest> ? reader_.Require(object_, name) : reader_.Find(object_, name);
    if (in != nullptr) Value(*in, member);
  }
  void NonZero(std::string_view name, uint64_t& number) { (*this)(name, number); }
  void Rights(std::string_view name, uint64_t& rights) {
    if (const JsonValue* in = reader_.Find(object_, name)) rights = ReadRights(reader_, *in);
  }
  void Org(std::string_view name, OrgId& org) {
    if (const JsonValue* in = reader_.Require(object_, name)) Value(*in, org);
  }
  void Action(std::string_view name, conntrail::Action& action);
  void Type(std::string_view, const conntrail::Action&) {}

  template <typename T>
  void Value(const JsonValue& in, T& described) {
    EventReader members(reader_, in);
    Describe(members, described);
    if (reader_.ok()) reader_.RefuseOthers(in);
  }
  void Value(const JsonValue& in, bool& out) { out = reader_.Bool(in); }
  void Value(const JsonValue& in, uint64_t& out) { out = reader_.Uint(in); }
  void Value(const JsonValue& in, std::string& out) { out = reader_.Text(in); }
  void Value(const JsonValue& in, Principal& out) { out = ReadPrincipal(reader_, in); }
  void Value(const JsonValue& in, Grant& out) { out = ReadGrant(reader_, in); }
  void Value(const JsonValue& in, Fields& out) { out = ReadFields(reader_, in); }
  void Value(const JsonValue& in, std::vector<FieldChange>& out) { out = ReadChanges(reader_, in); }
  void Value(const JsonValue& in, uint32_t& out) {
    const uint64_t number = reader_.Uint(in);
    if (number > UINT32_MAX) reader_.Fail(in, "is too large");
    out = static_cast<uint32_t>(number);
  }
  void Value(const JsonValue& in, UnixMs& out) {
    Parsed(in, ParseTime(reader_.Text(in)), out, "must be a time, as in 2016-08-18T22:22:41.000Z");
  }
  void Value(const JsonValue& in, Uuid& out) {
    Parsed(in, Uuid::Parse(reader_.Text(in)), out, "must be a UUID in lower case");
  }
  void Value(const JsonValue& in, Digest& out) {
    Parsed(in, ParseDigest(reader_.Text(in)), out, "must be 64 hexadecimal digits in lower case");
  }
  template <Enum E>
  void Value(const JsonValue& in, E& out) {
    Parsed(in, ParseEnum<E>(reader_.Text(in)), out, "there is no such name here");
  }
  template <typename Tag>
  void Value(const JsonValue& in, UuidId<Tag>& out) {
    Value(in, out.uuid);
  }
  template <typename Tag, typename Rep>
  void Value(const JsonValue& in, StrongId<Tag, Rep>& out) {
    Value(in, out.value);
  }
  template <typename T>
  void Value(const JsonValue& in, std::optional<T>& out) {
    Value(in, out.emplace());
  }
  template <typename T>
  void Value(const JsonValue& in, std::vector<T>& out) {
    for (const JsonValue& item : reader_.Items(in)) Value(item, out.emplace_back());
  }

 private:
  template <typename T>
  void Parsed(const JsonValue& in, const std::optional<T>& value, T& out, std::string_view what) {
    if (!value) reader_.Fail(in, what);
    out = value.value_or(T());
  }

  JsonReader& reader_;
  const JsonValue& object_;
};

void EventReader::Action(std::string_view name, conntrail::Action& action) {
  const JsonValue* type_name = reader_.Require(object_, "type");
  if (type_name == nullptr) return;
  const std::optional<EventType> type = ParseEventType(reader_.Text(*type_name));
  if (!type) return reader_.Fail(*type_name, "there is no such type of event");
  const JsonValue* in = reader_.Require(object_, name);
  if (in == nullptr) return;
  action = NewAction(*type);
  std::visit([&](auto& alternative) { Value(*in, alternative); }, action);
}

}  // namespace

std::string EventToJson(const Event& event) {
  JsonWriter out;
  EventWriter(out).Value(event);
  return out.Take();
}

Result<Event> EventFromJson(std::string_view json) {
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue root, ParseJson(json));
  JsonReader reader(root);
  Event event;
  EventReader(reader, root).Value(root, event);
  CONNTRAIL_RETURN_IF_ERROR(reader.status());
  // One place decides what a valid event is.
  DecodedEvent decoded = DecodeEvent(EncodeEvent(event));
  if (decoded.fault == DecodeFault::kNotAnEvent) {
    return Status::InvalidArgument("the event is larger than a record may be");
  }
  if (decoded.fault != DecodeFault::kNone) {
    return Status::InvalidArgument(fmt::format("{}: breaks a rule of events", decoded.place));
  }
  return std::move(decoded.event);
}

}  // namespace conntrail
