#pragma once

#include <optional>
#include <string>
#include <vector>

#include "events/event.h"
#include "schemas/event_generated.h"

namespace conntrail {

// Turns values into the parts of a wire event. What is absent (empty text, nil id, no items)
// becomes a null offset or pointer, which the generated builders leave out.
//
// Parts must be written before the table that holds them is begun.
class WireWriter {
 public:
  using Builder = flatbuffers::FlatBufferBuilder;
  template <typename T>
  using Offset = flatbuffers::Offset<T>;
  template <typename T>
  using Vector = flatbuffers::Vector<T>;

  explicit WireWriter(Builder& builder) : builder_(builder) {}

  Builder& builder() { return builder_; }

  Offset<flatbuffers::String> Text(const std::string& text);
  Offset<Vector<Offset<flatbuffers::String>>> Texts(const TextList& texts);
  Offset<Vector<uint8_t>> Digest(const conntrail::Digest& digest);
  Offset<Vector<uint8_t>> Digest(const std::optional<conntrail::Digest>& digest);
  Offset<Vector<const wire::Principal*>> Principals(
      const std::vector<conntrail::Principal>& principals);
  Offset<Vector<const wire::Grant*>> Grants(const std::vector<conntrail::Grant>& grants);
  Offset<Vector<Offset<wire::SecretFingerprint>>> Secrets(
      const std::vector<SecretFingerprint>& secrets);
  Offset<wire::Consent> Consent(const std::optional<conntrail::Consent>& consent);
  Offset<Vector<Offset<wire::Field>>> Fields(const conntrail::Fields& fields);
  Offset<Vector<Offset<wire::FieldChange>>> Changes(const std::vector<FieldChange>& changes);

 private:
  Offset<wire::Value> Value(const FieldValue& value);

  Builder& builder_;
};

inline wire::Uuid ToWire(const Uuid& id) { return {id.hi, id.lo}; }
inline wire::Principal ToWire(const Principal& principal) {
  return {ToWire(principal.id), static_cast<wire::PrincipalKind>(principal.kind)};
}
inline wire::Grant ToWire(const Grant& grant) {
  return {ToWire(grant.principal), static_cast<wire::Relation>(grant.relation)};
}

// A struct of the wire that may be absent; the generated builders take a pointer to it.
template <typename Struct>
class Maybe {
 public:
  Maybe() = default;
  explicit Maybe(const Struct& value) : value_(value), present_(true) {}
  const Struct* get() const { return present_ ? &value_ : nullptr; }

 private:
  Struct value_;
  bool present_ = false;
};

inline Maybe<wire::Uuid> MaybeId(const Uuid& id) {
  return id.is_nil() ? Maybe<wire::Uuid>() : Maybe<wire::Uuid>(ToWire(id));
}
template <typename Id>
Maybe<wire::Uuid> MaybeId(const std::optional<Id>& id) {
  return id ? Maybe<wire::Uuid>(ToWire(id->uuid)) : Maybe<wire::Uuid>();
}
inline Maybe<wire::Principal> MaybePrincipal(const Principal& principal) {
  return principal.kind == PrincipalKind::kNone ? Maybe<wire::Principal>()
                                                : Maybe<wire::Principal>(ToWire(principal));
}
inline Maybe<wire::Principal> MaybePrincipal(const std::optional<Principal>& principal) {
  return principal ? Maybe<wire::Principal>(ToWire(*principal)) : Maybe<wire::Principal>();
}

}  // namespace conntrail
