#include "events/codec/wire_reader.h"

#include <algorithm>
#include <cstring>

#include "events/base/bytes.h"
#include "events/event_codec.h"
#include "events/log/event_log.h"

namespace conntrail {
namespace {

// A text takes at least its bytes, its length and an offset to it.
constexpr size_t kTextOverheadBytes = 8;

template <typename Struct>
Struct CopyAt(const flatbuffers::Vector<const Struct*>& in, size_t i) {
  Struct copy;
  std::memcpy(&copy, in.Data() + i * sizeof(Struct), sizeof(Struct));
  return copy;
}

// Sorts by path unless it is sorted; false if a path stands twice.
template <typename Items>
bool SortByPath(Items& items) {
  const auto less = [](const auto& a, const auto& b) { return a.path < b.path; };
  const auto same = [](const auto& a, const auto& b) { return a.path == b.path; };
  if (!std::is_sorted(items.begin(), items.end(), less)) {
    std::sort(items.begin(), items.end(), less);
  }
  return std::adjacent_find(items.begin(), items.end(), same) == items.end();
}

}  // namespace

// A buffer may point at one part many times, so sixty kilobytes could describe gigabytes. Without
// sharing, what is taken is never more than the buffer; beyond kRecordBytesMax we stop.
bool WireReader::Take(size_t items, size_t item_bytes, size_t items_max, const char* place) {
  if (!limited_) return true;
  bytes_taken_ += items * item_bytes;
  if (items <= items_max && bytes_taken_ <= kRecordBytesMax) return true;
  Fail(place);
  return false;
}

std::string_view WireReader::Checked(const flatbuffers::String* in, const char* place) {
  if (in == nullptr) return {};
  const std::string_view text(in->c_str(), in->size());
  if (text.size() > kTextBytesMax || !Take(1, text.size() + kTextOverheadBytes, 1, place) ||
      !IsText(text)) {
    Fail(place);
    return {};
  }
  return text;
}

void WireReader::Check(const flatbuffers::String* in, const char* place) { Checked(in, place); }

std::string WireReader::Text(const flatbuffers::String* in, const char* place) {
  return std::string(Checked(in, place));
}

TextList WireReader::Texts(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* in,
                           size_t items_max, const char* place) {
  TextList texts;
  if (in == nullptr || !Take(in->size(), 0, items_max, place)) return texts;
  texts.reserve(in->size());
  for (const flatbuffers::String* text : *in) {
    texts.emplace_back(Checked(text, place));
    if (fault_ != nullptr) break;
  }
  return texts;
}

std::optional<UnixMs> WireReader::Time(const flatbuffers::Optional<int64_t>& in,
                                       const char* place) {
  if (!in) return std::nullopt;
  if (*in < kTimeMsMin || *in > kTimeMsMax) Fail(place);
  return *in;
}

uint64_t WireReader::Rights(wire::Right in, const char* place) {
  const auto bits = static_cast<uint64_t>(in);
  if ((bits & ~right::kAll) != 0) Fail(place);
  return bits;
}

Uuid WireReader::Id(const wire::Uuid* in) {
  return in == nullptr ? Uuid{} : Uuid{in->hi(), in->lo()};
}

std::optional<Uuid> WireReader::OptionalId(const wire::Uuid* in) {
  if (in == nullptr) return std::nullopt;
  return Id(in);
}

Uuid WireReader::Subject(const wire::Uuid* in, const char* place) {
  const Uuid id = Id(in);
  if (id.is_nil() && !subjects_optional_) Fail(place);
  return id;
}

Principal WireReader::PrincipalOf(const wire::Principal& in, const char* place) {
  const auto kind = Enum<PrincipalKind>(in.kind(), kPrincipalKindMax, place);
  if (kind == PrincipalKind::kNone) Fail(place);
  return {kind, Id(&in.id())};
}

std::optional<Principal> WireReader::Principal(const wire::Principal* in, const char* place) {
  if (in == nullptr) return std::nullopt;
  const conntrail::Principal principal = PrincipalOf(*in, place);
  if (principal.kind == PrincipalKind::kNone) return std::nullopt;
  return principal;
}

Principal WireReader::SubjectPrincipal(const wire::Principal* in, const char* place) {
  if (in != nullptr) return PrincipalOf(*in, place);
  if (!subjects_optional_) Fail(place);
  return {};
}

std::vector<Principal> WireReader::Principals(const flatbuffers::Vector<const wire::Principal*>* in,
                                              const char* place) {
  std::vector<conntrail::Principal> principals;
  if (in == nullptr || !Take(in->size(), sizeof(wire::Principal), kPrincipalsMax, place)) {
    return principals;
  }
  principals.reserve(in->size());
  for (size_t i = 0; i < in->size(); ++i) principals.push_back(PrincipalOf(CopyAt(*in, i), place));
  return principals;
}

Grant WireReader::Grant(const wire::Grant& in, const char* place) {
  const auto relation = Enum<Relation>(in.relation(), kRelationMax, place);
  if (relation == Relation::kNone) Fail(place);
  return {relation, PrincipalOf(in.principal(), place)};
}

std::vector<Grant> WireReader::Grants(const flatbuffers::Vector<const wire::Grant*>* in,
                                      const char* place) {
  std::vector<conntrail::Grant> grants;
  if (in == nullptr || !Take(in->size(), sizeof(wire::Grant), kPrincipalsMax, place)) return grants;
  grants.reserve(in->size());
  for (size_t i = 0; i < in->size(); ++i) grants.push_back(Grant(CopyAt(*in, i), place));
  return grants;
}

std::optional<Digest> WireReader::OptionalDigest(const flatbuffers::Vector<uint8_t>* in,
                                                 const char* place) {
  if (in == nullptr) return std::nullopt;
  return Digest(in, place);
}

Digest WireReader::Digest(const flatbuffers::Vector<uint8_t>* in, const char* place) {
  conntrail::Digest digest{};
  if (in == nullptr || in->size() != digest.size()) {
    Fail(place);
  } else {
    std::memcpy(digest.data(), in->data(), digest.size());
  }
  return digest;
}

std::vector<SecretFingerprint> WireReader::Secrets(
    const flatbuffers::Vector<flatbuffers::Offset<wire::SecretFingerprint>>* in,
    const char* place) {
  std::vector<SecretFingerprint> secrets;
  if (in == nullptr || !Take(in->size(), sizeof(conntrail::Digest), kFieldsMax, place)) {
    return secrets;
  }
  secrets.reserve(in->size());
  for (const wire::SecretFingerprint* secret : *in) {
    secrets.push_back({Text(secret->field(), place), Digest(secret->digest(), place)});
    if (secrets.back().field.empty()) Fail(place);
  }
  return secrets;
}

std::optional<Consent> WireReader::Consent(const wire::Consent* in, const char* place) {
  if (in == nullptr) return std::nullopt;
  return conntrail::Consent{
      .provider = Text(in->provider(), place),
      .client_id = Text(in->client_id(), place),
      .scopes = Texts(in->scopes(), kListItemsMax, place),
      .given_by = Principal(in->given_by(), place).value_or(conntrail::Principal{})};
}

FieldValue WireReader::Value(const wire::Value* in, const char* place) {
  if (in == nullptr) return {};
  switch (in->kind()) {
    case wire::ValueKind::absent:
      return {};
    case wire::ValueKind::text:
      return Text(in->text(), place);
    case wire::ValueKind::flag:
      return in->flag();
    case wire::ValueKind::number:
      return in->number();
    case wire::ValueKind::list: {
      FieldValue list = Texts(in->list(), kListItemsMax, place);
      NormalizeValue(list);
      return list;
    }
  }
  Fail(place);
  return {};
}

Fields WireReader::Fields(const flatbuffers::Vector<flatbuffers::Offset<wire::Field>>* in,
                          const char* place) {
  conntrail::Fields fields;
  if (in == nullptr || !Take(in->size(), 0, kFieldsMax, place)) return fields;
  fields.reserve(in->size());
  for (const wire::Field* field : *in) {
    fields.push_back({Text(field->path(), place), Value(field->value(), place)});
    if (fields.back().path.empty()) Fail(place);
    if (fault_ != nullptr) return {};
  }
  if (!SortByPath(fields)) Fail(place);
  std::erase_if(fields, [](const Field& field) { return field.value.index() == 0; });
  return fields;
}

std::vector<FieldChange> WireReader::Changes(
    const flatbuffers::Vector<flatbuffers::Offset<wire::FieldChange>>* in, const char* place) {
  std::vector<FieldChange> changes;
  if (in == nullptr || !Take(in->size(), 0, kFieldsMax, place)) return changes;
  changes.reserve(in->size());
  for (const wire::FieldChange* change : *in) {
    changes.push_back({Text(change->path(), place), Value(change->before(), place),
                       Value(change->after(), place)});
    if (changes.back().path.empty()) Fail(place);
    if (fault_ != nullptr) return {};
  }
  if (!SortByPath(changes)) Fail(place);
  return changes;
}

}  // namespace conntrail
