#include "tests/support/event_generators.h"

#include <limits>
#include <ostream>
#include <set>

#include "events/codec/describe.h"
#include "events/event_json.h"
#include "events/model/enum_names.h"

namespace conntrail {
namespace {

constexpr size_t kItemsMax = 3;

uint64_t AnyNumber() {
  return *rc::gen::oneOf(rc::gen::arbitrary<uint64_t>(), rc::gen::inRange<uint64_t>(0, 4),
                         rc::gen::just(std::numeric_limits<uint64_t>::max()));
}

FieldValue AnyFieldValue() {
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return *AnyText();
    case 1:
      return *rc::gen::arbitrary<bool>();
    case 2:
      return *rc::gen::element<int64_t>(0, -1, 17, std::numeric_limits<int64_t>::min(),
                                        std::numeric_limits<int64_t>::max());
    default: {
      FieldValue list = *rc::gen::container<TextList>(AnyText());
      NormalizeValue(list);
      return list;
    }
  }
}

std::string AnyPath() {
  return *rc::gen::element<std::string>("name", "scopes", "base_url", "metadata.contacts", "ø",
                                        "a \"b\" \\ c", "integration.type");
}

// Fills every described member, inside a generator.
struct RandomFiller {
  template <typename T>
  void operator()(std::string_view, T& member) {
    Fill(member);
  }
  void NonZero(std::string_view, uint64_t& number) { Fill(number); }
  void Org(std::string_view, OrgId& org) { Fill(org); }
  void Rights(std::string_view, uint64_t& rights) {
    rights = *rc::gen::inRange<uint64_t>(0, right::kAll + 1);
  }
  void Action(std::string_view, conntrail::Action& action) {
    std::visit([&](auto& alternative) { Fill(alternative); }, action);
  }
  void Type(std::string_view, const conntrail::Action&) {}

  template <typename T>
  void Fill(T& described) {
    Describe(*this, described);
  }
  template <typename E>
    requires std::is_enum_v<E>
  void Fill(E& value) {
    value = static_cast<E>(*rc::gen::inRange<size_t>(0, kEnumNames<E>.size()));
  }
  void Fill(bool& flag) { flag = *rc::gen::arbitrary<bool>(); }
  void Fill(uint32_t& number) { number = static_cast<uint32_t>(AnyNumber()); }
  void Fill(uint64_t& number) { number = AnyNumber(); }
  void Fill(UnixMs& time_ms) {
    time_ms = *rc::gen::oneOf(rc::gen::element(kTimeMsMin, kTimeMsMax),
                              rc::gen::inRange<UnixMs>(kTimeMsMin, kTimeMsMax));
  }
  void Fill(std::string& text) { text = *AnyText(); }
  void Fill(Uuid& id) {
    id = {*rc::gen::inRange<uint64_t>(1, 1000), *rc::gen::arbitrary<uint64_t>()};
  }
  void Fill(Digest& digest) {
    for (uint8_t& byte : digest) byte = *rc::gen::arbitrary<uint8_t>();
  }
  void Fill(Principal& principal) { principal = *AnyPrincipal(); }
  void Fill(Grant& grant) {
    grant.relation = static_cast<Relation>(*rc::gen::inRange<int>(1, kRelationMax + 1));
    Fill(grant.principal);
  }
  void Fill(Fields& fields) { fields = *AnyFields(); }
  void Fill(std::vector<FieldChange>& changes) {
    for (const std::string& path :
         *rc::gen::container<std::set<std::string>>(rc::gen::exec([] { return AnyPath(); }))) {
      FieldChange& change = changes.emplace_back();
      change.path = path;
      if (*rc::gen::arbitrary<bool>()) change.before = AnyFieldValue();
      if (*rc::gen::arbitrary<bool>()) change.after = AnyFieldValue();
    }
  }
  void Fill(SecretFingerprint& secret) {
    secret.field = AnyPath();
    Fill(secret.digest);
  }
  void Fill(Transaction& transaction) {
    Fill(transaction.id);
    transaction.size = *rc::gen::inRange<uint32_t>(1, 5);
    transaction.position = *rc::gen::inRange<uint32_t>(0, transaction.size);
  }
  template <typename Tag>
  void Fill(UuidId<Tag>& id) {
    Fill(id.uuid);
  }
  template <typename Tag, typename Rep>
  void Fill(StrongId<Tag, Rep>& number) {
    Fill(number.value);
  }
  template <typename T>
  void Fill(std::optional<T>& optional) {
    if (*rc::gen::arbitrary<bool>()) Fill(optional.emplace());
  }
  template <typename T>
  void Fill(std::vector<T>& items) {
    items.resize(*rc::gen::inRange<size_t>(0, kItemsMax + 1));
    for (T& item : items) Fill(item);
  }
};

}  // namespace

rc::Gen<std::string> AnyText() {
  const auto hard = rc::gen::element<std::string>(
      "", "\"", "\\", "/", "\n\r\t\b\f", "\x01\x1f\x7f", "ß", "日本語", "😀", "\u2028", "\uFFFD",
      "e\u0301", "null", "{\"a\":[1]}", std::string(300, 'x'));
  const auto ascii = rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '\x7f'));
  return rc::gen::map(rc::gen::pair(ascii, hard), [](const std::pair<std::string, std::string>& p) {
    return p.first.substr(0, 40) + p.second;
  });
}

rc::Gen<Fields> AnyFields() {
  return rc::gen::exec([] {
    Fields fields;
    const int count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) SetField(fields, AnyPath(), AnyFieldValue());
    return fields;
  });
}

rc::Gen<Principal> AnyPrincipal() {
  return rc::gen::exec([] {
    const int kind = *rc::gen::inRange<int>(1, kPrincipalKindMax + 1);
    return Principal{static_cast<PrincipalKind>(kind),
                     {*rc::gen::arbitrary<uint64_t>(), *rc::gen::inRange<uint64_t>(0, 100)}};
  });
}

rc::Gen<Event> EventsOf(EventType type) {
  return rc::gen::exec([type] {
    Event event;
    event.action = NewAction(type);
    RandomFiller filler;
    Describe(filler, event);
    return event;
  });
}

rc::Gen<Event> AnyEvent() {
  return rc::gen::mapcat(rc::gen::inRange<int>(1, kEventTypeMax + 1),
                         [](int type) { return EventsOf(static_cast<EventType>(type)); });
}

void showValue(const Event& event, std::ostream& out) { out << EventToJson(event); }

}  // namespace conntrail
