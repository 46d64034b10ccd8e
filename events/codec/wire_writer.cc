#include "events/codec/wire_writer.h"

namespace conntrail {

// The kinds of a value on the wire are the alternatives of FieldValue.
static_assert(std::variant_size_v<FieldValue> == static_cast<size_t>(wire::ValueKind::MAX) + 1);

flatbuffers::Offset<flatbuffers::String> WireWriter::Text(const std::string& text) {
  if (text.empty()) return 0;
  return builder_.CreateString(text);
}

auto WireWriter::Texts(const TextList& texts) -> Offset<Vector<Offset<flatbuffers::String>>> {
  if (texts.empty()) return 0;
  std::vector<Offset<flatbuffers::String>> offsets;
  offsets.reserve(texts.size());
  for (const std::string& text : texts) offsets.push_back(builder_.CreateString(text));
  return builder_.CreateVector(offsets);
}

auto WireWriter::Digest(const conntrail::Digest& digest) -> Offset<Vector<uint8_t>> {
  return builder_.CreateVector(digest.data(), digest.size());
}

auto WireWriter::Digest(const std::optional<conntrail::Digest>& digest) -> Offset<Vector<uint8_t>> {
  if (!digest) return 0;
  return Digest(*digest);
}

auto WireWriter::Principals(const std::vector<conntrail::Principal>& principals)
    -> Offset<Vector<const wire::Principal*>> {
  if (principals.empty()) return 0;
  return builder_.CreateVectorOfStructs<wire::Principal>(
      principals.size(), [&](size_t i, wire::Principal* out) { *out = ToWire(principals[i]); });
}

auto WireWriter::Grants(const std::vector<conntrail::Grant>& grants)
    -> Offset<Vector<const wire::Grant*>> {
  if (grants.empty()) return 0;
  return builder_.CreateVectorOfStructs<wire::Grant>(
      grants.size(), [&](size_t i, wire::Grant* out) { *out = ToWire(grants[i]); });
}

auto WireWriter::Secrets(const std::vector<SecretFingerprint>& secrets)
    -> Offset<Vector<Offset<wire::SecretFingerprint>>> {
  if (secrets.empty()) return 0;
  std::vector<Offset<wire::SecretFingerprint>> offsets;
  offsets.reserve(secrets.size());
  for (const SecretFingerprint& secret : secrets) {
    const auto field = Text(secret.field);
    const auto digest = Digest(secret.digest);
    offsets.push_back(wire::CreateSecretFingerprint(builder_, field, digest));
  }
  return builder_.CreateVector(offsets);
}

auto WireWriter::Consent(const std::optional<conntrail::Consent>& consent)
    -> Offset<wire::Consent> {
  if (!consent) return 0;
  const auto provider = Text(consent->provider);
  const auto client_id = Text(consent->client_id);
  const auto scopes = Texts(consent->scopes);
  const auto given_by = MaybePrincipal(consent->given_by);
  return wire::CreateConsent(builder_, provider, client_id, scopes, given_by.get());
}

auto WireWriter::Value(const FieldValue& value) -> Offset<wire::Value> {
  switch (static_cast<wire::ValueKind>(value.index())) {
    case wire::ValueKind::absent:
      return 0;
    case wire::ValueKind::text: {
      const auto text = Text(std::get<std::string>(value));
      return wire::CreateValue(builder_, wire::ValueKind::text, text);
    }
    case wire::ValueKind::flag:
      return wire::CreateValue(builder_, wire::ValueKind::flag, 0, std::get<bool>(value));
    case wire::ValueKind::number:
      return wire::CreateValue(builder_, wire::ValueKind::number, 0, false,
                               std::get<int64_t>(value));
    case wire::ValueKind::list: {
      const auto list = Texts(std::get<TextList>(value));
      return wire::CreateValue(builder_, wire::ValueKind::list, 0, false, 0, list);
    }
  }
  return 0;
}

auto WireWriter::Fields(const conntrail::Fields& fields) -> Offset<Vector<Offset<wire::Field>>> {
  if (fields.empty()) return 0;
  std::vector<Offset<wire::Field>> offsets;
  offsets.reserve(fields.size());
  for (const Field& field : fields) {
    const auto path = Text(field.path);
    const auto value = Value(field.value);
    offsets.push_back(wire::CreateField(builder_, path, value));
  }
  return builder_.CreateVector(offsets);
}

auto WireWriter::Changes(const std::vector<FieldChange>& changes)
    -> Offset<Vector<Offset<wire::FieldChange>>> {
  if (changes.empty()) return 0;
  std::vector<Offset<wire::FieldChange>> offsets;
  offsets.reserve(changes.size());
  for (const FieldChange& change : changes) {
    const auto path = Text(change.path);
    const auto before = Value(change.before);
    const auto after = Value(change.after);
    offsets.push_back(wire::CreateFieldChange(builder_, path, before, after));
  }
  return builder_.CreateVector(offsets);
}

}  // namespace conntrail
