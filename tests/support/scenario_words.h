#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/event.h"

namespace conntrail {

// "bob", "team/sre", "role/ops", "service/ci" or "everybody".
Principal ParseWho(std::string_view word);

// "90s", "30m", "25h"; nullopt for anything else.
std::optional<UnixMs> ParseSpan(std::string_view word);

// "connections_write+audit_logs_read"; nullopt for an unknown name.
std::optional<uint64_t> ParseRights(std::string_view words);

std::vector<std::string> SplitWords(std::string_view text, char at);

// The action that `verb` and `args` stand for, or nullopt. `observed` actions have a before.
std::optional<Action> ParseDeed(std::string_view verb, const std::vector<std::string>& args,
                                const std::map<std::string, std::string>& options, bool observed);

}  // namespace conntrail
