#include <cstddef>
#include <cstdint>

#include "events/base/check.h"
#include "projections/merkle/checkpoint.h"

// Any bytes are answered; what is taken for a note, a checkpoint or a key has one spelling, and
// nothing is taken to be signed that was not.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace conntrail;          // NOLINT: the function cannot stand in a namespace
  using namespace conntrail::merkle;  // NOLINT
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const SigningKey key(Ed25519Seed{1});
  const SigningKey* const keys[] = {&key};

  const Result<VerifierKey> vkey = VerifierKey::Parse(text);
  if (vkey.ok()) CONNTRAIL_CHECK(vkey->ToString() == text);

  const Result<Checkpoint> plain = ParseCheckpointText(text);
  if (plain.ok()) {
    CONNTRAIL_CHECK(CheckpointText(*plain) == text);
    const VerifierKey ours{plain->origin, key.public_key()};
    CONNTRAIL_CHECK(OpenCheckpoint(SignCheckpoint(*plain, keys), ours).value() == *plain);
    CONNTRAIL_CHECK(!OpenCheckpoint(text, ours).ok());
  }

  const Result<Note> note = ParseNote(text);
  if (note.ok()) {
    CONNTRAIL_CHECK(note->text.ends_with('\n') && !note->signatures.empty());
    const std::string name(note->signatures.front().name);
    const Result<std::string_view> opened = OpenNote(text, {name, key.public_key()});
    CONNTRAIL_CHECK(!opened.ok() || *opened == note->text);
    // The same text, signed, opens.
    CONNTRAIL_CHECK(OpenNote(SignNote(note->text, name, keys), {name, key.public_key()}).ok());
  }
  return 0;
}
