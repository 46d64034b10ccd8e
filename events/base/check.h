#pragma once

#include <cstdio>
#include <cstdlib>

// CONNTRAIL_CHECK(condition) stops the process when we ourselves are wrong, in release builds too.
// It is never for what a caller, a file or a network can bring about: those are Status and Outcome.
#define CONNTRAIL_CHECK(condition)                                                       \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] {                                                     \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
