#include "tests/support/sample_events.h"

#include "events/codec/describe.h"
#include "events/model/enum_names.h"

namespace conntrail {
namespace {

constexpr UnixMs kSampleTimeMs = 1471558961000;  // 2016-08-18T22:22:41Z

// Fills every described member; texts hold the member's name, numbers count up.
class SampleFiller {
 public:
  template <typename T>
  void operator()(std::string_view name, T& member) {
    name_ = name;
    Fill(member);
  }
  void NonZero(std::string_view, uint64_t& number) { Fill(number); }
  void Org(std::string_view, OrgId& org) { Fill(org); }
  void Rights(std::string_view, uint64_t& rights) { rights = 0x7F; }
  void Action(std::string_view, conntrail::Action& action) {
    std::visit([&](auto& alternative) { Fill(alternative); }, action);
  }
  void Type(std::string_view, const conntrail::Action&) {}

 private:
  template <typename T>
  void Fill(T& described) {
    Describe(*this, described);
  }
  template <typename E>
    requires std::is_enum_v<E>
  void Fill(E& value) {
    value = static_cast<E>(1 + Next() % (kEnumNames<E>.size() - 1));
  }
  void Fill(bool& flag) { flag = true; }
  void Fill(uint32_t& number) { number = static_cast<uint32_t>(Next()); }
  void Fill(uint64_t& number) { number = UINT64_MAX - Next(); }
  void Fill(UnixMs& time_ms) { time_ms = kSampleTimeMs + static_cast<UnixMs>(Next()); }
  void Fill(std::string& text) { text = std::string(name_) + " · " + std::to_string(Next()); }
  void Fill(Uuid& id) { id = {0x0190a5c0'0000'7000, 0x8000'0000'0000'0000 + Next()}; }
  void Fill(Digest& digest) { digest.fill(static_cast<uint8_t>(Next())); }
  void Fill(Principal& principal) {
    principal.kind = static_cast<PrincipalKind>(1 + Next() % kPrincipalKindMax);
    Fill(principal.id);
  }
  void Fill(Grant& grant) {
    Fill(grant.relation);
    Fill(grant.principal);
  }
  void Fill(Fields& fields) {
    fields = {{"active", true},
              {"base_url", "https://pager.example/ünï"},
              {"retries", int64_t{-3}},
              {"scopes", TextList{"read", "write"}}};
  }
  void Fill(std::vector<FieldChange>& changes) {
    changes = {{"name", "pager", "Pager \"2\""},
               {"owner", "sre", {}},
               {"retries", {}, int64_t{5}},
               {"scopes", TextList{}, TextList{"read"}}};
  }
  void Fill(Transaction& transaction) {
    transaction = {.id = "commit-17", .position = 1, .size = 3};
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
    Fill(optional.emplace());
  }
  template <typename T>
  void Fill(std::vector<T>& items) {
    items.resize(2);
    for (T& item : items) Fill(item);
  }

  uint64_t Next() { return ++count_; }

  std::string_view name_;
  uint64_t count_ = 0;
};

}  // namespace

Event SampleEvent(EventType type) {
  Event event;
  event.action = NewAction(type);
  SampleFiller filler;
  Describe(filler, event);
  return event;
}

}  // namespace conntrail
