#pragma once

#include <string_view>

namespace conntrail {

// What `text` seems to hold, if anything in it has the shape of a known secret ("an AWS access key
// id", "a private key"); empty: nothing that is known.
//
// For free texts at the doors (names, reasons, field values): what is found must not enter an
// event, and must not be printed. A secret without a shape of its own (a password, a bare
// hexadecimal key) is not found; fields that hold secrets are fingerprinted instead.
std::string_view FindTokenShape(std::string_view text);

}  // namespace conntrail
