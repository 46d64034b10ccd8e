#pragma once

namespace conntrail::verify {

// The program conntrail-verify: 0 verified, 1 refused, 2 the command line is wrong, 7 something
// could not be read.
int RunProgram(int argc, const char* const* argv);

}  // namespace conntrail::verify
