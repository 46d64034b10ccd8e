#include "tests/support/fingerprinter.h"

#include <filesystem>

#include <stdlib.h>

#include "events/base/check.h"

namespace conntrail {

const Fingerprinter& TestFingerprinter() {
  static const Fingerprinter fingerprinter = [] {
    std::string folder = (std::filesystem::temp_directory_path() / "conntrail-key-XXXXXX").string();
    CONNTRAIL_CHECK(::mkdtemp(folder.data()) != nullptr);
    Result<Fingerprinter> opened = Fingerprinter::OpenOrCreate(folder + "/key");
    std::filesystem::remove_all(folder);
    return std::move(opened).value();
  }();
  return fingerprinter;
}

}  // namespace conntrail
