#pragma once

#include <optional>
#include <string>
#include <vector>

#include "events/event.h"
#include "schemas/event_generated.h"

namespace conntrail {

// Turns the parts of a verified wire event into values, and checks what the FlatBuffers verifier
// does not. Each method takes the name of the field it reads; the first fault's name is kept in
// `place`, and reading goes on with an empty value, so that callers look once, at the end.
//
// Structs are copied out of the buffer: the verifier of FlatBuffers 2.0.8 does not check the
// alignment of vectors of structs.
class WireReader {
 public:
  // Null, or where the first fault is.
  const char* fault() const { return fault_; }
  void Fail(const char* place) {
    if (fault_ == nullptr) fault_ = place;
  }

  // Rows of our own store may have grown beyond what one event may hold: only the form is checked.
  void LiftLimits() { limited_ = false; }

  // If `subjects_optional`, Subject and SubjectPrincipal take absent ids.
  void set_subjects_optional(bool value) { subjects_optional_ = value; }

  // False, and a fault, if there are more than `items_max` items or if the event would become
  // larger than any record.
  bool Take(size_t items, size_t item_bytes, size_t items_max, const char* place);

  // Checks a text without copying it.
  void Check(const flatbuffers::String* in, const char* place);

  std::string Text(const flatbuffers::String* in, const char* place);
  TextList Texts(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* in,
                 size_t items_max, const char* place);
  std::optional<UnixMs> Time(const flatbuffers::Optional<int64_t>& in, const char* place);
  uint64_t Rights(wire::Right in, const char* place);

  // The nil id if it is absent.
  Uuid Id(const wire::Uuid* in);
  std::optional<Uuid> OptionalId(const wire::Uuid* in);
  // The id that the action is about: absent or nil is a fault, unless subjects are optional.
  Uuid Subject(const wire::Uuid* in, const char* place);

  std::optional<conntrail::Principal> Principal(const wire::Principal* in, const char* place);
  conntrail::Principal SubjectPrincipal(const wire::Principal* in, const char* place);
  std::vector<conntrail::Principal> Principals(
      const flatbuffers::Vector<const wire::Principal*>* in, const char* place);
  conntrail::Grant Grant(const wire::Grant& in, const char* place);
  std::vector<conntrail::Grant> Grants(const flatbuffers::Vector<const wire::Grant*>* in,
                                       const char* place);

  std::optional<conntrail::Digest> OptionalDigest(const flatbuffers::Vector<uint8_t>* in,
                                                  const char* place);
  conntrail::Digest Digest(const flatbuffers::Vector<uint8_t>* in, const char* place);
  std::vector<conntrail::SecretFingerprint> Secrets(
      const flatbuffers::Vector<flatbuffers::Offset<wire::SecretFingerprint>>* in,
      const char* place);
  std::optional<conntrail::Consent> Consent(const wire::Consent* in, const char* place);

  // Normal whatever the order on the wire; a path that stands twice is a fault.
  conntrail::Fields Fields(const flatbuffers::Vector<flatbuffers::Offset<wire::Field>>* in,
                           const char* place);
  std::vector<conntrail::FieldChange> Changes(
      const flatbuffers::Vector<flatbuffers::Offset<wire::FieldChange>>* in, const char* place);

  // `Value` and `in` are enums of the same numbers.
  template <typename Value, typename Wire>
  Value Enum(Wire in, uint8_t max, const char* place) {
    const auto number = static_cast<uint8_t>(in);
    if (number > max) {
      Fail(place);
      return {};
    }
    return static_cast<Value>(number);
  }

 private:
  std::string_view Checked(const flatbuffers::String* in, const char* place);
  FieldValue Value(const wire::Value* in, const char* place);
  conntrail::Principal PrincipalOf(const wire::Principal& in, const char* place);

  const char* fault_ = nullptr;
  bool subjects_optional_ = false;
  bool limited_ = true;
  size_t bytes_taken_ = 0;
};

}  // namespace conntrail
