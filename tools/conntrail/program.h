#pragma once

namespace conntrail {

// The program conntrail; returns its exit code. Called once in a process.
int RunProgram(int argc, const char* const* argv);

}  // namespace conntrail
