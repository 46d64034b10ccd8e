#include <cstddef>
#include <cstdint>

#include "events/base/check.h"
#include "projections/merkle/tlog_proof.h"

// Any bytes are answered; what is taken for a proof has one spelling, and proves nothing that was
// not signed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace conntrail;          // NOLINT: the function cannot stand in a namespace
  using namespace conntrail::merkle;  // NOLINT
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<TlogProof> proof = ParseTlogProof(text);
  if (!proof.ok()) return 0;
  CONNTRAIL_CHECK(FormatTlogProof(*proof) == text);

  static const SigningKey key(Ed25519Seed{1});
  const Note note = *ParseNote(proof->checkpoint);
  const Result<Checkpoint> head = ParseCheckpointText(note.text);
  if (!head.ok()) return 0;
  // Its text signed by us: what is believed then is a question of the hashes alone.
  const SigningKey* const keys[] = {&key};
  TlogProof ours = *proof;
  ours.checkpoint = SignCheckpoint(*head, keys);
  const Hash leaf = LeafHash(AsBytes("a leaf that no input has"));
  const Result<Checkpoint> verified = VerifyTlogProof(ours, leaf, {head->origin, key.public_key()});
  CONNTRAIL_CHECK(!verified.ok());
  return 0;
}
