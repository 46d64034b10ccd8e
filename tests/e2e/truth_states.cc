#include "tests/e2e/truth_states.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "events/base/bytes.h"
#include "events/base/json_reader.h"
#include "events/base/sha256.h"

namespace conntrail {
namespace {

TextList Texts(JsonReader& reader, const JsonValue& list) {
  TextList texts;
  for (const JsonValue& item : reader.Items(list)) texts.push_back(reader.Text(item));
  return texts;
}

void ReadState(std::string_view member_text, TruthStates& states) {
  const Result<JsonValue> root = ParseJson("{" + std::string(member_text) + "}");
  ASSERT_TRUE(root.ok()) << root.status().message();
  JsonReader reader(*root);
  const JsonValue& member = reader.Members(*root).front();
  TruthState& state = states[member.name];
  state.name = reader.Text(*reader.Require(member, "name"));
  state.scopes = Texts(reader, *reader.Require(member, "scopes"));
  state.resolvers = Texts(reader, *reader.Require(member, "resolvers"));
  state.suspended = reader.Bool(*reader.Require(member, "suspended"));
  ASSERT_TRUE(reader.ok()) << reader.status().message();
}

// The object has more members than our JSON texts may have: they are read one after the other.
TruthStates ReadStates(std::string_view object) {
  TruthStates states;
  size_t at = object.find('"');
  while (at != std::string_view::npos) {
    const size_t end = object.find('}', at);
    ReadState(object.substr(at, end + 1 - at), states);
    at = object.find('"', end);
  }
  return states;
}

TruthSample ReadSample(std::string line) {
  TruthSample sample;
  const size_t states = line.find("\"state\":{");
  if (states != std::string::npos) {
    const size_t begin = line.find('{', states);
    const size_t end = line.find("}}", begin) + 2;
    sample.states = ReadStates(std::string_view(line).substr(begin, end - begin));
    line.replace(begin, end - begin, "0");
  }
  const Result<JsonValue> root = ParseJson(line);
  EXPECT_TRUE(root.ok()) << root.status().message();
  if (!root.ok()) return sample;
  JsonReader reader(*root);
  sample.sequence = reader.Uint(*reader.Require(*root, "seq"));
  sample.connections = reader.Uint(*reader.Require(*root, "connections"));
  sample.digest = reader.Text(*reader.Require(*root, "digest"));
  sample.recorded_at_ms = ParseTime(reader.Text(*reader.Require(*root, "recorded_at"))).value();
  return sample;
}

TruthState StateOf(const Connection& connection) {
  TruthState state;
  state.name = connection.name();
  if (const FieldValue* scopes = FindField(connection.fields, "scopes")) {
    state.scopes = std::get<TextList>(*scopes);
  }
  std::set<std::string> resolvers;
  for (const HeldGrant& held : connection.grants) {
    if (held.grant.relation >= Relation::kResolver) {
      resolvers.insert(held.grant.principal.ToString());
    }
  }
  state.resolvers.assign(resolvers.begin(), resolvers.end());
  state.suspended = connection.suspended;
  return state;
}

}  // namespace

// Not by LineReader: the truth has lines that are longer than an import takes.
std::vector<std::string> LinesOf(const std::filesystem::path& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  std::string text;
  std::vector<char> buffer(1 << 16);
  int got = 0;
  while ((got = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0) {
    text.append(buffer.data(), static_cast<size_t>(got));
  }
  EXPECT_EQ(got, 0) << path << " is damaged";
  gzclose(file);
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::filesystem::path TruthFolder() {
  const char* named = std::getenv("CONNTRAIL_DATA_DIR");
  if (named != nullptr) return named;
  return std::filesystem::path(CONNTRAIL_SOURCE_DIR) / "../shared/data";
}

std::vector<TruthSample> ReadTruth(const std::filesystem::path& file) {
  std::vector<TruthSample> samples;
  for (std::string& line : LinesOf(file)) samples.push_back(ReadSample(std::move(line)));
  return samples;
}

TruthStates StatesAt(const OrgView& org, const Place& place) {
  TruthStates states;
  const Status status = org.ForEachEntity(EntityKind::kConnection, place, [&](const Entity& e) {
    const Connection& connection = std::get<Connection>(e);
    if (!connection.life.deleted) states[connection.id.ToString()] = StateOf(connection);
    return true;
  });
  EXPECT_TRUE(status.ok()) << status.ToString();
  return states;
}

std::string DigestOf(const TruthStates& states) {
  std::vector<std::string> lines;
  for (const auto& [id, state] : states) {
    lines.push_back(fmt::format("{}\t{}\t{}\t{}\t{}\n", id, state.name,
                                fmt::join(state.scopes, ","), fmt::join(state.resolvers, ","),
                                state.suspended ? 1 : 0));
  }
  std::sort(lines.begin(), lines.end());
  const auto digest = Sha256(AsBytes(fmt::format("{}", fmt::join(lines, ""))));
  return ToHex(std::as_bytes(std::span(digest)));
}

std::vector<std::string> Differences(const TruthStates& truth, const TruthStates& ours) {
  std::vector<std::string> found;
  for (const auto& [id, want] : truth) {
    const auto at = ours.find(id);
    if (at == ours.end()) {
      found.push_back(id + " is missing");
      continue;
    }
    const TruthState& have = at->second;
    if (want.name != have.name) found.push_back(id + " name: " + want.name + " | " + have.name);
    const auto lists = [&](const char* field, const TextList& a, const TextList& b) {
      if (a == b) return;
      found.push_back(
          fmt::format("{} {}: {} | {}", id, field, fmt::join(a, ","), fmt::join(b, ",")));
    };
    lists("scopes", want.scopes, have.scopes);
    lists("resolvers", want.resolvers, have.resolvers);
    if (want.suspended != have.suspended) found.push_back(id + " suspended");
  }
  for (const auto& [id, have] : ours) {
    if (!truth.contains(id)) found.push_back(id + " is one too many");
  }
  return found;
}

}  // namespace conntrail
