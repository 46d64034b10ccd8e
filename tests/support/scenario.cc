#include "tests/support/scenario.h"

#include <charconv>

#include <fmt/format.h>

#include "tests/support/event_builder.h"
#include "tests/support/scenario_words.h"

namespace conntrail {
namespace {

constexpr std::string_view kArrow = "→";

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Puts one @option to `builder`; false if it is unknown or its value makes no sense.
bool ApplyOption(const std::string& name, const std::string& value, EventBuilder& builder) {
  if (name == "id") return (void)builder.Id(value), true;
  if (name == "idempotency") return (void)builder.IdempotencyKey(value), true;
  if (name == "request") return (void)builder.RequestHash(value), true;
  if (name == "key") return (void)builder.ApplicationKey(value), true;
  if (name == "api_key") return (void)builder.ApiKey(value), true;
  if (name == "admin") return (void)builder.Rights(kAdminRights), true;
  if (name == "backfill") return (void)builder.Rights(right::kBackfill), true;
  if (name == "refused") return (void)builder.RefusedBySource(), true;
  if (name == "lockout" || name == "owner") return true;  // the action's
  if (name == "rights") {
    const auto rights = ParseRights(value);
    if (rights) builder.Rights(*rights);
    return rights.has_value();
  }
  if (name == "if") {
    const auto revision = ParseNumber(value);
    if (revision) builder.IfRevision(*revision);
    return revision.has_value();
  }
  if (name == "from") {
    const std::vector<std::string> sides = SplitWords(value, ':');
    const auto number = sides.size() == 2 ? ParseNumber(sides[1]) : std::nullopt;
    if (number) builder.From(sides[0], *number);
    return number.has_value();
  }
  if (name == "ago") {
    const auto span = ParseSpan(value);
    if (span) builder.RecordedAt(-*span);
    return span.has_value();
  }
  return false;
}

// Everything before the arrow.
Result<ScenarioStep> ParseWords(std::vector<std::string> words) {
  const auto bad = [](std::string_view why) { return Status::InvalidArgument(std::string(why)); };
  if (words.size() == 3 && words[0] == "time" && words[1] == "passes") {
    const auto span = ParseSpan(words[2]);
    if (!span) return bad("this is no span of time");
    return ScenarioStep{.what = ScenarioStep::Pause{*span}};
  }
  if (words.size() == 4 && words[0] == "log" && words[1] == "activates" && words[2] == "rules") {
    const auto version = ParseNumber(words[3]);
    if (!version) return bad("rules have a number");
    const RulesActivated activated{RulesVersion(static_cast<uint32_t>(*version))};
    return ScenarioStep{.what = ScenarioStep::Deed{OfTheLog(activated).Org({})}};
  }
  const bool observed = !words.empty() && words[0] == "observed";
  if (observed) words.erase(words.begin());
  if (words.size() < 3) return bad("who does what?");
  if (words[1] == "holds") {
    return ScenarioStep{.what =
                            ScenarioStep::Question{ConnectionNamed(words[2]), ParseWho(words[0])}};
  }
  std::map<std::string, std::string> options;
  std::vector<std::string> args;
  for (size_t i = 2; i < words.size(); ++i) {
    if (!words[i].starts_with('@')) {
      args.push_back(words[i]);
      continue;
    }
    const std::vector<std::string> sides = SplitWords(std::string_view(words[i]).substr(1), '=');
    options[sides[0]] = sides.size() > 1 ? sides[1] : "";
  }
  std::optional<Action> action = ParseDeed(words[1], args, options, observed);
  if (!action) return bad("this verb with these arguments is not in the grammar");
  EventBuilder builder =
      observed ? Observation(std::move(*action)) : Intent("", std::move(*action));
  builder.By(words[0] == "somebody" ? std::nullopt : std::optional(ParseWho(words[0])));
  if (std::holds_alternative<ConnectionUsed>(builder.event().action)) {
    ConnectionUsed used = std::get<ConnectionUsed>(builder.event().action);
    used.principal = builder.event().actor.principal;
    builder.Does(used);
  }
  for (const auto& [name, value] : options) {
    if (!ApplyOption(name, value, builder)) return bad("unknown option @" + name);
  }
  return ScenarioStep{.what = ScenarioStep::Deed{builder.event()}};
}

}  // namespace

Result<std::vector<ScenarioStep>> ParseScenario(std::string_view text) {
  std::vector<ScenarioStep> steps;
  size_t number = 0;
  for (const std::string& line : SplitWords(text, '\n')) {
    ++number;
    const std::string content = line.substr(0, line.find('#'));
    const size_t arrow = content.find(kArrow);
    const std::vector<std::string> words = SplitWords(content.substr(0, arrow), ' ');
    if (words.empty()) continue;
    Result<ScenarioStep> step = ParseWords(words);
    if (!step.ok()) {
      return Status::InvalidArgument(
          fmt::format("line {}: {}: {}", number, step.status().message(), line));
    }
    step->line = number;
    step->text = line;
    if (arrow != std::string::npos) {
      const auto expected = SplitWords(content.substr(arrow + kArrow.size()), ' ');
      step->expected = fmt::format("{}", fmt::join(expected, " "));
    }
    const bool is_pause = std::holds_alternative<ScenarioStep::Pause>(step->what);
    if (step->expected.empty() != is_pause) {
      return Status::InvalidArgument(fmt::format("line {}: → and what? {}", number, line));
    }
    steps.push_back(std::move(*step));
  }
  return steps;
}

std::string PlayScenario(const std::vector<ScenarioStep>& steps, ScenarioExecutor& executor) {
  std::string differences;
  for (const ScenarioStep& step : steps) {
    std::string actual;
    if (const auto* pause = std::get_if<ScenarioStep::Pause>(&step.what)) {
      executor.Pass(pause->ms);
    } else if (const auto* question = std::get_if<ScenarioStep::Question>(&step.what)) {
      actual = RelationName(executor.Holds(question->connection, question->principal));
    } else {
      actual = executor.Execute(std::get<ScenarioStep::Deed>(step.what).event);
    }
    if (actual == step.expected) continue;
    differences += fmt::format("line {}: {}\n  but came: {}\n", step.line, step.text, actual);
  }
  return differences;
}

}  // namespace conntrail
