#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "events/base/result.h"
#include "events/event.h"

// Stories as tables; tests/scenarios/README.md has their grammar.
namespace conntrail {

struct ScenarioStep {
  struct Deed {
    Event event;
  };
  struct Question {  // which relation somebody holds
    ConnectionId connection;
    Principal principal;
  };
  struct Pause {
    UnixMs ms = 0;
  };

  size_t line = 0;
  std::string text;  // the line as it stands there
  std::variant<Deed, Question, Pause> what;
  std::string expected;  // in the words of Words() or of RelationName(); "" for a pause
};

// Where a story is played: the fold, or a server.
class ScenarioExecutor {
 public:
  virtual ~ScenarioExecutor() = default;

  // What becomes of `event`, in the words of Words(). `event.recorded_at_ms`, where there is one,
  // counts from the executor's now.
  virtual std::string Execute(const Event& event) = 0;
  virtual Relation Holds(const ConnectionId& connection, const Principal& principal) = 0;
  virtual void Pass(UnixMs ms) = 0;
};

// kInvalidArgument names the line that is not understood.
Result<std::vector<ScenarioStep>> ParseScenario(std::string_view text);

// Plays `steps`; "" if all came as expected, else one line for each that did not.
std::string PlayScenario(const std::vector<ScenarioStep>& steps, ScenarioExecutor& executor);

}  // namespace conntrail
