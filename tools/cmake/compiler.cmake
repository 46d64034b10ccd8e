# Language level, warnings as errors, sanitizers, ccache and the mold linker where they are installed.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O3")  # no -DNDEBUG: assertions stay on in production

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror -fno-omit-frame-pointer)
add_compile_options(-Wno-missing-field-initializers)  # what a designated initializer leaves out has its default
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these wrongly inside libstdc++ at -O3 (GCC bugs 105329, 105651; mended in g++ 13).
  add_compile_options(-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized)
endif()

if(CONNTRAIL_SANITIZE)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # With sanitizers g++ 12 takes the recycled frames of Asio's coroutines for memory of another allocator.
    add_compile_options(-Wno-mismatched-new-delete)
    # ThreadSanitizer sees no fences; Asio has them beside its mutexes, and these it sees.
    if(CONNTRAIL_SANITIZE MATCHES thread)
      add_compile_options(-Wno-tsan)
    endif()
  endif()
  add_compile_options(-fsanitize=${CONNTRAIL_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CONNTRAIL_SANITIZE})
endif()
if(CONNTRAIL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
