#include "tools/conntrail/candidate_file.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <span>
#include <system_error>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "events/model/enum_names.h"

namespace conntrail {
namespace {

constexpr uintmax_t kFileBytesMax = uintmax_t{1} << 20;
constexpr std::string_view kFamilies[] = {"connection", "credential", "policy", "membership",
                                          "key"};
constexpr std::string_view kApprovers[] = {"nobody", "anybody", "another person", "the actor"};
constexpr std::string_view kPrincipalKinds[] = {"user", "service_account", "team", "role", "org"};

bool IsIn(std::string_view family, std::string_view type) {
  if (family == "membership") return type == "group.changed" || type == "account.changed";
  // Using a connection changes nothing.
  return type != "connection.used" && type.starts_with(family) && type[family.size()] == '.';
}

bool Matches(std::string_view pattern, std::string_view type) {
  constexpr std::string_view kChanges = " changes";
  if (pattern.ends_with(kChanges)) {
    const std::string_view family = pattern.substr(0, pattern.size() - kChanges.size());
    const bool is_one =
        std::find(std::begin(kFamilies), std::end(kFamilies), family) != std::end(kFamilies);
    return is_one && IsIn(family, type);
  }
  if (!pattern.ends_with('*')) return type == pattern;
  return type.starts_with(pattern.substr(0, pattern.size() - 1));
}

// The types that `pattern` means; the log's own are nobody's to refuse.
uint64_t TypesOf(std::string_view pattern) {
  uint64_t types = 0;
  for (uint8_t number = 1; number <= kEventTypeMax; ++number) {
    const auto type = static_cast<EventType>(number);
    const bool of_the_log = type == EventType::kOrgOpened || type == EventType::kRulesActivated ||
                            type == EventType::kSeal;
    if (!of_the_log && Matches(pattern, EventTypeName(type))) types |= uint64_t{1} << number;
  }
  return types;
}

std::string Listed(std::span<const std::string_view> names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

// Reads one file; the first thing that is wrong with it counts.
class Reader {
 public:
  explicit Reader(std::string path) : path_(std::move(path)) {}

  Result<CandidatePolicy> Read(const toml::table& file) {
    CandidatePolicy policy;
    for (const auto& [key, node] : file) {
      if (key.str() != "refuse") {
        Fail(node, fmt::format("\"{}\" is not known here; a candidate policy has [[refuse]] only",
                               key.str()));
      }
    }
    const toml::array* refusals = file["refuse"].as_array();
    if (refusals == nullptr || refusals->empty()) {
      Fail(file, "there is no [[refuse]], so nothing would be refused");
      return status_;
    }
    std::set<std::string> names;
    for (const toml::node& node : *refusals) {
      const toml::table* table = node.as_table();
      if (table == nullptr) {
        Fail(node, "a refusal is a table: [[refuse]] with name and types");
        break;
      }
      policy.refusals.push_back(ReadRefusal(*table));
      if (!names.insert(policy.refusals.back().name).second) {
        Fail(node, fmt::format("another [[refuse]] has the name \"{}\" already",
                               policy.refusals.back().name));
      }
    }
    if (!status_.ok()) return status_;
    return policy;
  }

 private:
  void Fail(const toml::node& node, const std::string& what) {
    if (!status_.ok()) return;
    status_ = Status::InvalidArgument(
        fmt::format("{}, line {}: {}", path_, node.source().begin.line, what));
  }

  Refusal ReadRefusal(const toml::table& table) {
    Refusal refusal;
    for (const auto& [key, node] : table) {
      if (key.str() == "name") {
        refusal.name = Text(key.str(), node);
      } else if (key.str() == "types") {
        refusal.types = Types(node);
      } else if (key.str() == "when") {
        refusal.when = ReadCondition(key.str(), node);
      } else if (key.str() == "unless") {
        refusal.unless = ReadCondition(key.str(), node);
      } else {
        Fail(node, fmt::format("\"{}\" is not known in [[refuse]]; there are: name, types, when, "
                               "unless",
                               key.str()));
      }
    }
    if (refusal.name.empty()) {
      Fail(table, "this [[refuse]] needs a name, as it is to stand in answers: name = \"…\"");
    }
    if (refusal.types == 0) {
      Fail(table, "this [[refuse]] needs types, like types = [\"policy changes\"]");
    }
    return refusal;
  }

  EventCondition ReadCondition(std::string_view name, const toml::node& node) {
    EventCondition condition;
    const toml::table* table = node.as_table();
    if (table == nullptr || table->empty()) {
      Fail(node,
           fmt::format("{} asks for something: {}.approver = \"another person\"", name, name));
      return condition;
    }
    for (const auto& [key, value] : *table) ReadFact(key.str(), value, condition);
    return condition;
  }

  void ReadFact(std::string_view name, const toml::node& node, EventCondition& c) {
    if (name == "approver") return ReadApprover(node, c);
    if (name == "interface")
      return Bits(name, node, std::span(kEnumNames<Interface>), c.interfaces);
    if (name == "actor_kind") {
      return Bits(name, node, std::span(kEnumNames<ActorKind>), c.actor_kinds);
    }
    if (name == "authority") {
      return Bits(name, node, std::span(kEnumNames<Authority>), c.authorities);
    }
    if (name == "gives")
      return Bits(name, node, std::span(kEnumNames<Relation>), c.gives_relations);
    if (name == "gives_to") return ReadGivesTo(name, node, c);
    if (name == "rights") return ReadRights(name, node, c);
    if (name == "event") return ReadEvents(name, node, c);
    if (name == "actor_holds") return ReadRelation(name, node, c);
    if (name == "integration") return (void)(c.integrations = Texts(name, node));
    if (name == "tag") return (void)(c.tags = Texts(name, node));
    if (name == "ticket") return (void)(c.ticket = Flag(name, node));
    if (name == "reason") return (void)(c.reason = Flag(name, node));
    if (name == "on_behalf_of") return (void)(c.on_behalf_of = Flag(name, node));
    if (name == "suspended") return (void)(c.suspended = Flag(name, node));
    if (name == "restricted") return (void)(c.restricted = Flag(name, node));
    Fail(node,
         fmt::format("\"{}\" cannot be asked; there are: approver, interface, actor_kind, "
                     "authority, rights, ticket, reason, on_behalf_of, gives, gives_to, event, "
                     "actor_holds, integration, tag, suspended, restricted",
                     name));
  }

  void ReadApprover(const toml::node& node, EventCondition& c) {
    const std::string text = Text("approver", node);
    const auto found = std::find(std::begin(kApprovers), std::end(kApprovers), text);
    if (found == std::end(kApprovers)) return Unknown("approver", node, text, kApprovers);
    c.approver = static_cast<ApproverIs>(found - std::begin(kApprovers));
  }

  void ReadGivesTo(std::string_view name, const toml::node& node, EventCondition& c) {
    for (const std::string& text : Texts(name, node)) {
      const auto found = std::find(std::begin(kPrincipalKinds), std::end(kPrincipalKinds), text);
      if (found == std::end(kPrincipalKinds)) return Unknown(name, node, text, kPrincipalKinds);
      const auto number = static_cast<unsigned>(found - std::begin(kPrincipalKinds)) + 1;
      c.gives_to = static_cast<uint8_t>(c.gives_to | 1u << number);
    }
  }

  void ReadRights(std::string_view name, const toml::node& node, EventCondition& c) {
    for (const std::string& text : Texts(name, node)) {
      const auto found = std::find(kRightNames.begin(), kRightNames.end(), text);
      if (found == kRightNames.end()) return Unknown(name, node, text, kRightNames);
      c.rights |= uint64_t{1} << (found - kRightNames.begin());
    }
  }

  void ReadEvents(std::string_view name, const toml::node& node, EventCondition& c) {
    for (const std::string& text : Texts(name, node)) {
      const auto id = Uuid::Parse(text);
      if (!id) return Fail(node, fmt::format("event: \"{}\" is no UUID", text));
      c.events.push_back({*id});
    }
  }

  void ReadRelation(std::string_view name, const toml::node& node, EventCondition& c) {
    const std::string text = Text(name, node);
    const auto relation = ParseRelation(text);
    if (!relation || *relation == Relation::kNone) {
      return Unknown(name, node, text, std::span(kEnumNames<Relation>).subspan(1));
    }
    c.actor_holds = *relation;
  }

  // The bits of the values that are named. The first name of an enum says that there is none.
  template <typename Mask>
  void Bits(std::string_view name, const toml::node& node, std::span<const std::string_view> names,
            Mask& bits) {
    for (const std::string& text : Texts(name, node)) {
      const auto found = std::find(names.begin() + 1, names.end(), text);
      if (found == names.end()) return Unknown(name, node, text, names.subspan(1));
      bits = static_cast<Mask>(bits | 1u << (found - names.begin()));
    }
  }

  uint64_t Types(const toml::node& node) {
    uint64_t types = 0;
    for (const std::string& text : Texts("types", node)) {
      const uint64_t found = TypesOf(text);
      if (found == 0) {
        Fail(node, fmt::format("\"{}\" is no type of event; write one as `conntrail trail search` "
                               "shows it (\"policy.patched\"), \"policy.*\", or a family: \"{} "
                               "changes\"",
                               text, fmt::join(kFamilies, " changes\", \"")));
      }
      types |= found;
    }
    return types;
  }

  void Unknown(std::string_view name, const toml::node& node, std::string_view text,
               std::span<const std::string_view> names) {
    Fail(node, fmt::format("{}: \"{}\" is not known; there are: {}", name, text, Listed(names)));
  }

  std::string Text(std::string_view name, const toml::node& node) {
    const auto text = node.value_exact<std::string>();
    if (!text || text->empty()) Fail(node, fmt::format("{} must be a text in quotes", name));
    return text.value_or("");
  }

  bool Flag(std::string_view name, const toml::node& node) {
    const auto flag = node.value_exact<bool>();
    if (!flag) Fail(node, fmt::format("{} must be true or false, without quotes", name));
    return flag.value_or(false);
  }

  // A list of texts, or one text that stands for a list of one.
  std::vector<std::string> Texts(std::string_view name, const toml::node& node) {
    std::vector<std::string> texts;
    if (const toml::array* array = node.as_array()) {
      for (const toml::node& item : *array) texts.push_back(Text(name, item));
    } else {
      texts.push_back(Text(name, node));
    }
    if (texts.empty()) Fail(node, fmt::format("{} must not be an empty list", name));
    return texts;
  }

  const std::string path_;
  Status status_;
};

}  // namespace

Result<CandidatePolicy> ParseCandidate(std::string_view text, const std::string& path) {
  try {
    return Reader(path).Read(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return Status::InvalidArgument(
        fmt::format("{}, line {}: {}", path, error.source().begin.line, error.description()));
  }
}

Result<CandidatePolicy> ReadCandidate(const std::string& path) {
  std::error_code error;
  const uintmax_t bytes = std::filesystem::file_size(path, error);
  if (error == std::errc::no_such_file_or_directory) {
    return Status::NotFound(path + ": there is no such file");
  }
  if (error) return Status::Io(path + ": " + error.message());
  if (bytes > kFileBytesMax) {
    return Status::InvalidArgument(path + " is too large for a candidate policy");
  }
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad() || !file.is_open()) {
    return Status::Io(path + ": " + std::error_code(errno, std::generic_category()).message());
  }
  return ParseCandidate(text, path);
}

}  // namespace conntrail
