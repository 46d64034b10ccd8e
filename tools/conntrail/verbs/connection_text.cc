#include "tools/conntrail/verbs/connection_text.h"

namespace conntrail {

std::string TextOf(const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  std::string text;
  if (const auto* list = std::get_if<TextList>(&value)) {
    for (const std::string& item : *list) text += (text.empty() ? "" : ", ") + item;
  }
  return text;
}

std::string TextOf(const FieldValue* value) { return value == nullptr ? "" : TextOf(*value); }

std::string StateOf(const Connection& connection) {
  if (connection.life.deleted) return "deleted";
  return connection.suspended ? "suspended" : "active";
}

void AddMomentOption(CLI::App& verb, std::string& moment) {
  verb.add_option("--as-of", moment,
                  "As of when: now, time:RFC3339, index:N (right after that record), seq:N (right "
                  "after that number of the producer)")
      ->type_name("MOMENT");
}

}  // namespace conntrail
