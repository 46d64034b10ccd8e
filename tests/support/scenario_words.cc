#include "tests/support/scenario_words.h"

#include <functional>

#include "events/model/enum_names.h"
#include "tests/support/actions.h"

namespace conntrail {
namespace {

using Args = std::vector<std::string>;

// What a verb makes of its arguments, of which there are at least `args_min`.
struct Verb {
  size_t args_min;
  std::function<std::optional<Action>(const Args&)> make;
};

std::optional<Grant> ParseGrant(std::string_view relation, std::string_view who) {
  const std::optional<Relation> parsed = ParseRelation(relation);
  if (!parsed) return std::nullopt;
  return Grant{*parsed, ParseWho(who)};
}

std::vector<Principal> People(const Args& args) {
  std::vector<Principal> people;
  for (size_t i = 1; i < args.size(); ++i) people.push_back(ParseWho(args[i]));
  return people;
}

// path=value, or path=before>after.
std::optional<FieldChange> ParseChange(const std::string& word, bool observed) {
  const Args sides = SplitWords(word, '=');
  if (sides.size() != 2) return std::nullopt;
  const auto value = [](const std::string& text) {
    return text.empty() ? FieldValue() : FieldValue(text);
  };
  if (!observed) return FieldChange{sides[0], {}, value(sides[1])};
  const Args values = SplitWords(sides[1], '>');
  if (values.size() != 2) return std::nullopt;
  return FieldChange{sides[0], value(values[0]), value(values[1])};
}

std::optional<Action> ParseEdit(const Args& args, bool observed) {
  ConnectionEdited action{.connection = ConnectionNamed(args[0])};
  for (size_t i = 1; i < args.size(); ++i) {
    const std::optional<FieldChange> change = ParseChange(args[i], observed);
    if (!change) return std::nullopt;
    action.changes.push_back(*change);
  }
  return action;
}

std::optional<Action> ParseCreate(const Args& args) {
  ConnectionCreated action = Create(args[0]);
  for (size_t i = 1; i < args.size(); ++i) {
    const std::optional<FieldChange> change = ParseChange(args[i], false);
    if (!change) return std::nullopt;
    SetField(action.fields, change->path, change->after);
  }
  return action;
}

// relation:who ...
std::optional<Action> ParseShare(const Args& args) {
  std::vector<Grant> grants;
  for (size_t i = 1; i < args.size(); ++i) {
    const Args sides = SplitWords(args[i], ':');
    const auto grant = sides.size() == 2 ? ParseGrant(sides[0], sides[1]) : std::nullopt;
    if (!grant) return std::nullopt;
    grants.push_back(*grant);
  }
  return Replace(args[0], std::move(grants));
}

std::optional<Action> ParsePatch(const Args& args, bool grants) {
  const auto grant = ParseGrant(args[1], args[2]);
  if (!grant) return std::nullopt;
  return grants ? Patch(args[0], {*grant}) : Patch(args[0], {}, {*grant});
}

std::optional<Action> ParseKey(const Args& args, bool is_new) {
  const std::optional<uint64_t> rights = ParseRights(args[1]);
  if (!rights) return std::nullopt;
  if (!is_new) return ChangeKey(args[0], *rights);
  return NewKey(args[0], *rights);
}

const std::map<std::string, Verb, std::less<>>& PlainVerbs() {
  using enum AccountChange;
  static const std::map<std::string, Verb, std::less<>> verbs = {
      {"creates", {1, ParseCreate}},
      {"deletes", {1, [](const Args& a) { return Delete(a[0]); }}},
      {"suspends", {1, [](const Args& a) { return Suspend(a[0]); }}},
      {"resumes", {1, [](const Args& a) { return Resume(a[0]); }}},
      {"issues", {2, [](const Args& a) { return Issue(a[0], a[1]); }}},
      {"rotates", {2, [](const Args& a) { return Rotate(a[0], a[1]); }}},
      {"withdraws", {1, [](const Args& a) { return Withdraw(a[0]); }}},
      {"shares", {2, ParseShare}},
      {"grants", {3, [](const Args& a) { return ParsePatch(a, true); }}},
      {"revokes", {3, [](const Args& a) { return ParsePatch(a, false); }}},
      {"restores", {1, [](const Args& a) { return RestoreDefault(a[0]); }}},
      {"uses", {1, [](const Args& a) { return Using(a[0]); }}},
      {"adds", {1, [](const Args& a) { return ChangeAccount(ParseWho(a[0]), kAdded); }}},
      {"deactivates",
       {1, [](const Args& a) { return ChangeAccount(ParseWho(a[0]), kDeactivated); }}},
      {"reactivates",
       {1, [](const Args& a) { return ChangeAccount(ParseWho(a[0]), kReactivated); }}},
      {"removes", {1, [](const Args& a) { return ChangeAccount(ParseWho(a[0]), kRemoved); }}},
      {"forms", {1, [](const Args& a) { return NewGroup(ParseWho(a[0]), People(a)); }}},
      {"admits", {2, [](const Args& a) { return Join(ParseWho(a[0]), People(a)); }}},
      {"expels", {2, [](const Args& a) { return Leave(ParseWho(a[0]), People(a)); }}},
      {"dissolves", {1, [](const Args& a) { return DeleteGroup(ParseWho(a[0])); }}},
      {"scraps", {1, [](const Args& a) { return DeleteWorkflow(a[0]); }}},
      {"mints", {2, [](const Args& a) { return ParseKey(a, true); }}},
      {"limits", {2, [](const Args& a) { return ParseKey(a, false); }}},
      {"cancels", {1, [](const Args& a) { return RevokeKey(a[0]); }}},
  };
  return verbs;
}

}  // namespace

Principal ParseWho(std::string_view word) {
  if (word == "everybody") return EverybodyAtAcme();
  if (word.starts_with("team/")) return TeamNamed(word.substr(5));
  if (word.starts_with("role/")) return RoleNamed(word.substr(5));
  if (word.starts_with("service/")) return ServiceNamed(word.substr(8));
  return UserNamed(word);
}

std::optional<UnixMs> ParseSpan(std::string_view word) {
  if (word.size() < 2 || word.size() > 9) return std::nullopt;
  UnixMs number = 0;
  for (const char digit : word.substr(0, word.size() - 1)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + (digit - '0');
  }
  switch (word.back()) {
    case 's':
      return number * 1000;
    case 'm':
      return number * 60'000;
    case 'h':
      return number * 3'600'000;
    default:
      return std::nullopt;
  }
}

std::optional<uint64_t> ParseRights(std::string_view words) {
  uint64_t rights = 0;
  for (const std::string& word : SplitWords(words, '+')) {
    uint64_t bit = 0;
    for (size_t i = 0; i < kRightNames.size(); ++i) {
      if (kRightNames[i] == word) bit = uint64_t{1} << i;
    }
    if (bit == 0) return std::nullopt;
    rights |= bit;
  }
  return rights;
}

std::vector<std::string> SplitWords(std::string_view text, char at) {
  std::vector<std::string> words;
  while (true) {
    const size_t end = text.find(at);
    if (at != ' ' || end != 0) words.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  if (at == ' ') std::erase(words, "");
  return words;
}

std::optional<Action> ParseDeed(std::string_view verb, const Args& args,
                                const std::map<std::string, std::string>& options, bool observed) {
  if (verb == "edits" && args.size() >= 2) return ParseEdit(args, observed);
  if (verb == "saves" && !args.empty()) {
    const auto owner = options.find("owner");
    return Save(args[0],
                owner == options.end() ? std::nullopt : std::optional(ParseWho(owner->second)),
                {args.begin() + 1, args.end()});
  }
  const auto found = PlainVerbs().find(verb);
  if (found == PlainVerbs().end() || args.size() < found->second.args_min) return std::nullopt;
  std::optional<Action> action = found->second.make(args);
  if (action && options.contains("lockout")) {
    if (auto* replaced = std::get_if<PolicyReplaced>(&*action)) replaced->allow_self_lockout = true;
    if (auto* patched = std::get_if<PolicyPatched>(&*action)) patched->allow_self_lockout = true;
  }
  return action;
}

}  // namespace conntrail
