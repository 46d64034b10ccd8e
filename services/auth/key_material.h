#pragma once

#include <string>
#include <string_view>

#include "events/event.h"

namespace conntrail {

// The text of a key, shown once, and what is kept of it.
struct KeyMaterial {
  std::string text;
  Digest digest{};
};

// A key from the system's random source, in the form that clients of this API know: an API key has
// 32 hexadecimal digits (128 random bits), an application key 40 (160). REQUIRES: `kind` is one of
// both.
KeyMaterial GenerateKey(KeyKind kind);

// SHA-256 of the text. A key has at least 128 random bits, so that neither salt nor a slow hash
// would make guessing harder.
Digest KeyDigest(std::string_view text);

// Compares without telling by its time where they differ.
bool SameDigest(const Digest& a, const Digest& b);

}  // namespace conntrail
