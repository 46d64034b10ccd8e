#include "tools/verify/program.h"

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "projections/merkle/leaf.h"
#include "tools/verify/export_check.h"
#include "tools/verify/proof_check.h"
#include "tools/verify/read_file.h"

namespace conntrail::verify {
namespace {

constexpr int kVerified = 0;
constexpr int kRefused = 1;
constexpr int kUsage = 2;
constexpr int kIo = 7;
constexpr size_t kKeyFileBytesMax = 4096;

struct Arguments {
  std::string path;
  std::string vkey;
  std::string since;
  std::string entry;
  bool skip_decoded = false;
  bool json = false;
};

constexpr const char* kFooter =
    "PATH is an evidence export, a zip file or a directory, or a file of a C2SP tlog-proof.\n"
    "Nothing but the key decides what is believed: have it from somebody you trust, not from\n"
    "the export. The key names the log; a checkpoint kept from an earlier review shows that\n"
    "nothing before it was changed.\n\n"
    "Exit codes: 0 verified, 1 refused, 2 the command line is wrong, 7 could not be read\n\n"
    "  conntrail-verify trail.zip --vkey log.vkey --since checkpoint.2026\n"
    "  conntrail-verify 4711.tlog-proof --vkey 'host/main/p0/o1+1a2b3c4d+AbCd…'";

Result<merkle::VerifierKey> ReadKey(const std::string& text) {
  if (!std::filesystem::exists(text)) return merkle::VerifierKey::Parse(text);
  CONNTRAIL_ASSIGN_OR_RETURN(std::string line, ReadFile(text, kKeyFileBytesMax));
  if (line.ends_with('\n')) line.pop_back();
  return merkle::VerifierKey::Parse(line);
}

// Whether the file begins as a proof does.
bool IsProof(const std::string& path) {
  if (path.ends_with(".tlog-proof")) return true;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  char begin[22] = {};
  return file != nullptr && std::fread(begin, 1, sizeof(begin), file.get()) == sizeof(begin) &&
         std::string_view(begin, sizeof(begin)) == "c2sp.org/tlog-proof@v1";
}

Status Run(const Arguments& arguments, Report& report) {
  CheckOptions options;
  CONNTRAIL_ASSIGN_OR_RETURN(options.key, ReadKey(arguments.vkey));
  options.with_decoded = !arguments.skip_decoded;
  if (!arguments.since.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(options.since, ReadFile(arguments.since, merkle::kNoteBytesMax));
  }
  if (!IsProof(arguments.path)) {
    if (!arguments.entry.empty()) {
      return Status::InvalidArgument("--entry is for a tlog-proof");
    }
    CheckExport(arguments.path, options, report);
    return Status::Ok();
  }
  std::optional<std::string> entry;
  if (!arguments.entry.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(entry, ReadFile(arguments.entry, merkle::kLeafBytesMax));
  }
  CheckProof(arguments.path, options.key, entry, options.since, report);
  return Status::Ok();
}

// What cannot be read is neither verified nor refused.
int CodeOf(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk:
      return kVerified;
    case StatusCode::kInvalidArgument:
    case StatusCode::kNotFound:
      return kUsage;
    case StatusCode::kIo:
      return kIo;
    default:
      return kRefused;
  }
}

// Written by strangers: control characters are shown, not obeyed.
std::string ForTerminal(const std::string& text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n') || byte == 0x7f) {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      shown.push_back(c);
    }
  }
  return shown;
}

}  // namespace

int RunProgram(int argc, const char* const* argv) {
  CLI::App app("Checks evidence of conntrail offline, knowing only the public key of the log.",
               "conntrail-verify");
  Arguments arguments;
  app.add_option("PATH", arguments.path, "What is to be checked")->required();
  app.add_option("--vkey", arguments.vkey, "The log's verifier key, or a file with it")
      ->required()
      ->type_name("KEY|FILE");
  app.add_option("--since", arguments.since, "A checkpoint that was kept: has anything changed?")
      ->type_name("FILE");
  app.add_option("--entry", arguments.entry, "What a tlog-proof is of, if it does not say itself")
      ->type_name("FILE");
  app.add_flag("--skip-decoded", arguments.skip_decoded, "Only the tree and its entries");
  app.add_flag("--json", arguments.json, "One line of JSON");
  app.set_version_flag("--version", CONNTRAIL_VERSION);
  app.footer(kFooter);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kVerified : kUsage;
  }
  Report report;
  report.path = arguments.path;
  if (const Status status = Run(arguments, report); !status.ok()) report.refused = status;
  const int code = CodeOf(report.refused);
  const std::string text = arguments.json ? ReportJson(report) : ForTerminal(ReportText(report));
  std::fputs(text.c_str(), code == kVerified || arguments.json ? stdout : stderr);
  return std::fflush(stdout) == 0 ? code : kIo;
}

}  // namespace conntrail::verify
