#include "tools/verify/manifest.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/base/json_reader.h"
#include "events/base/json_writer.h"
#include "events/base/sha256.h"

namespace conntrail::verify {
namespace {

constexpr std::string_view kFormat = "conntrail evidence export";

void Member(JsonWriter& out, std::string_view name, std::string_view text) {
  out.Name(name);
  out.Text(text);
}
void Member(JsonWriter& out, std::string_view name, uint64_t number) {
  out.Name(name);
  out.Uint(number);
}

void WriteTotals(JsonWriter& out, std::string_view name,
                 const std::map<std::string, uint64_t>& totals) {
  out.Name(name);
  out.BeginArray();
  for (const auto& [total, count] : totals) {
    out.BeginObject();
    Member(out, "name", total);
    Member(out, "count", count);
    out.EndObject();
  }
  out.EndArray();
}

// Reads members; the first fault is the reader's.
class Members {
 public:
  Members(JsonReader& reader, const JsonValue& object) : reader_(reader), object_(object) {}

  const JsonValue* Find(std::string_view name) const {
    return object_.kind == JsonKind::kObject ? reader_.Require(object_, name) : nullptr;
  }
  std::string Text(std::string_view name) const {
    const JsonValue* value = Find(name);
    return value == nullptr ? std::string() : reader_.Text(*value);
  }
  uint64_t Number(std::string_view name) const {
    const JsonValue* value = Find(name);
    return value == nullptr ? 0 : reader_.Uint(*value);
  }
  // Fails if this is no object, or has other members.
  void End() const {
    (void)reader_.Members(object_);
    if (object_.kind == JsonKind::kObject) reader_.RefuseOthers(object_);
  }

 private:
  JsonReader& reader_;
  const JsonValue& object_;
};

void ReadTotals(JsonReader& reader, const JsonValue* array,
                std::map<std::string, uint64_t>& totals) {
  if (array == nullptr) return;
  std::string last;
  for (const JsonValue& item : reader.Items(*array)) {
    const Members members(reader, item);
    const std::string name = members.Text("name");
    if (!totals.empty() && name <= last) reader.Fail(item, "names must rise");
    totals[name] = members.Number("count");
    last = name;
    members.End();
  }
}

bool ReadHex(std::string_view text, std::array<uint8_t, 32>& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (text.size() != 2 * out.size()) return false;
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t high = kDigits.find(text[2 * i]), low = kDigits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    out[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

void ReadFiles(JsonReader& reader, const JsonValue* array, std::vector<ManifestFile>& files) {
  if (array == nullptr) return;
  for (const JsonValue& item : reader.Items(*array)) {
    const Members members(reader, item);
    ManifestFile file{members.Text("path"), members.Number("bytes"), {}};
    if (!ReadHex(members.Text("sha256"), file.sha256)) {
      reader.Fail(item, "sha256 must be 64 hexadecimal digits");
    }
    if (!IsExportPath(file.path)) reader.Fail(item, "path must be one inside of the export");
    if (!files.empty() && file.path <= files.back().path) reader.Fail(item, "paths must rise");
    members.End();
    files.push_back(std::move(file));
  }
}

void ReadHead(JsonReader& reader, const JsonValue* object, merkle::Checkpoint& head) {
  if (object == nullptr) return;
  const Members members(reader, *object);
  head.origin = members.Text("origin");
  head.size = members.Number("size");
  const std::optional<merkle::Hash> root = merkle::ParseHashText(members.Text("root"));
  if (!root) reader.Fail(*object, "root must be base64 of 32 bytes");
  head.root = root.value_or(merkle::Hash{});
  members.End();
}

}  // namespace

bool IsExportPath(std::string_view path) {
  if (path.empty() || path.size() > 200) return false;
  while (true) {
    const size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    const bool is_named = std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '_' || c == '.';
    });
    if (!is_named || name.empty() || name == "." || name == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

std::string FormatManifest(const Manifest& manifest) {
  JsonWriter out;
  out.BeginObject();
  Member(out, "format", kFormat);
  Member(out, "version", kManifestVersion);
  Member(out, "vkey", manifest.vkey);
  out.Name("org");
  out.BeginObject();
  Member(out, "id", manifest.org_id);
  Member(out, "name", manifest.org_name);
  out.EndObject();
  out.Name("checkpoint");
  out.BeginObject();
  Member(out, "origin", manifest.checkpoint.origin);
  Member(out, "size", manifest.checkpoint.size);
  Member(out, "root", merkle::HashText(manifest.checkpoint.root));
  out.EndObject();
  out.Name("range");
  out.BeginObject();
  Member(out, "begin", manifest.begin);
  Member(out, "end", manifest.end);
  out.EndObject();
  Member(out, "ocsf_rows", manifest.ocsf_rows);
  out.Name("totals");
  out.BeginObject();
  WriteTotals(out, "outcome", manifest.by_outcome);
  WriteTotals(out, "type", manifest.by_type);
  out.EndObject();
  out.Name("files");
  out.BeginArray();
  for (const ManifestFile& file : manifest.files) {
    out.BeginObject();
    Member(out, "path", file.path);
    Member(out, "bytes", file.bytes);
    Member(out, "sha256", ToHex(std::as_bytes(std::span(file.sha256))));
    out.EndObject();
  }
  out.EndArray();
  std::string text = out.Take();
  const auto hash = Sha256(AsBytes(text));
  const std::string sha256 = ToHex(std::as_bytes(std::span(hash)));
  return text + ",\"sha256\":\"" + sha256 + "\"}\n";
}

Result<Manifest> ParseManifest(std::string_view text) {
  if (text.size() > kManifestBytesMax) {
    return Status::Corruption(
        fmt::format("expected at most {} bytes, found {}", kManifestBytesMax, text.size()));
  }
  const Result<JsonValue> json = ParseJson(text);
  if (!json.ok()) return Status::Corruption(json.status().message());
  JsonReader reader(*json);
  const Members members(reader, *json);
  if (members.Text("format") != kFormat) {
    reader.Fail(*json, fmt::format("format must be \"{}\"", kFormat));
  }
  if (members.Number("version") != kManifestVersion) {
    reader.Fail(*json, fmt::format("version must be {}", kManifestVersion));
  }
  Manifest manifest;
  manifest.vkey = members.Text("vkey");
  if (const JsonValue* org = members.Find("org")) {
    const Members of_org(reader, *org);
    manifest.org_id = of_org.Text("id");
    manifest.org_name = of_org.Text("name");
    of_org.End();
  }
  ReadHead(reader, members.Find("checkpoint"), manifest.checkpoint);
  if (const JsonValue* range = members.Find("range")) {
    const Members of_range(reader, *range);
    manifest.begin = of_range.Number("begin");
    manifest.end = of_range.Number("end");
    if (manifest.begin > manifest.end || manifest.end > manifest.checkpoint.size) {
      reader.Fail(*range, "expected begin <= end <= size of the checkpoint");
    }
    of_range.End();
  }
  manifest.ocsf_rows = members.Number("ocsf_rows");
  if (const JsonValue* totals = members.Find("totals")) {
    const Members of_totals(reader, *totals);
    ReadTotals(reader, of_totals.Find("outcome"), manifest.by_outcome);
    ReadTotals(reader, of_totals.Find("type"), manifest.by_type);
    of_totals.End();
  }
  ReadFiles(reader, members.Find("files"), manifest.files);
  (void)members.Text("sha256");
  members.End();
  if (!reader.ok()) return Status::Corruption(reader.status().message());
  // One spelling, and with it the hash.
  const std::string expected = FormatManifest(manifest);
  if (expected != text) {
    const auto at = std::mismatch(expected.begin(), expected.end(), text.begin(), text.end());
    const auto place = static_cast<size_t>(at.first - expected.begin());
    return Status::Corruption(fmt::format("byte {}: expected {}, found {}", place,
                                          expected.substr(place, 80), text.substr(place, 80)));
  }
  return manifest;
}

}  // namespace conntrail::verify
