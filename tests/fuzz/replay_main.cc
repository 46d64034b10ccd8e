// Runs a fuzzer over files, where its compiler has no libFuzzer: each argument is a file or a
// directory of files. The empty input is always tried.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size);

namespace {

std::vector<uint8_t> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

int ReplayFile(const std::filesystem::path& path) {
  const std::vector<uint8_t> input = ReadFile(path);
  LLVMFuzzerTestOneInput(input.data(), input.size());
  return 1;
}

int ReplayAll(const std::filesystem::path& path) {
  if (std::filesystem::is_regular_file(path)) return ReplayFile(path);
  if (!std::filesystem::is_directory(path)) return 0;
  int replayed = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) replayed += ReplayFile(entry.path());
  }
  return replayed;
}

}  // namespace

int main(int argc, char** argv) {
  const uint8_t nothing = 0;
  LLVMFuzzerTestOneInput(&nothing, 0);
  int replayed = 0;
  for (int i = 1; i < argc; ++i) replayed += ReplayAll(argv[i]);
  std::printf("replayed %d inputs\n", replayed);
}
