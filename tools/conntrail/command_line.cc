#include "tools/conntrail/command_line.h"

#include <map>

#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

// CLI11's help, but for the verbs: all of them in one list, those below others too.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_subcommands(const CLI::App* app, CLI::AppFormatMode) const override {
    std::string list;
    Append(*app, "", list);
    return list.empty() ? "" : "\nVerbs:\n" + list;
  }

 private:
  static void Append(const CLI::App& app, const std::string& path, std::string& list) {
    for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
      const std::string name = path + verb->get_name();
      if (verb->get_subcommands([](const CLI::App*) { return true; }).empty()) {
        const size_t fill = name.size() < kNameWidth ? kNameWidth - name.size() : 1;
        list += "  " + name + std::string(fill, ' ') + verb->get_description() + "\n";
      }
      Append(*verb, name + " ", list);
    }
  }
  static constexpr size_t kNameWidth = 22;
};

void AddSettings(CLI::App& app, Settings& settings) {
  SourceFlags& source = settings.source;
  app.add_option("--data", source.data, "The data directory (CONNTRAIL_DATA)")->type_name("DIR");
  app.add_option("--server", source.server, "Or the server that has it (CONNTRAIL_SERVER)")
      ->type_name("URL");
  app.add_option("--profile", source.profile,
                 "Or a profile of ~/.config/conntrail/config.toml (CONNTRAIL_PROFILE)")
      ->type_name("NAME");
  app.add_option("--ca-file", source.ca_file,
                 "Who is trusted for the server's certificate, PEM (CONNTRAIL_CA_FILE)")
      ->type_name("FILE");
  app.add_option("--log", settings.log.log,
                 "embedded or kafka:HOST:PORT,.../TOPIC; default: what the data directory has")
      ->type_name("LOG")
      ->envname("CONNTRAIL_LOG");
  app.add_option("--kafka-properties", settings.log.kafka_properties,
                 "A file of librdkafka's properties, NAME=VALUE: security.protocol, sasl.*, ssl.*")
      ->type_name("FILE")
      ->envname("CONNTRAIL_KAFKA_PROPERTIES");
  app.add_option("--unsafe", settings.log.unsafe,
                 "Findings of `kafka check` that are accepted, with commas")
      ->type_name("NAMES")
      ->envname("CONNTRAIL_UNSAFE");
  app.add_option("--org", settings.org, "The organisation, by name or id; default: the only one")
      ->type_name("NAME");
  app.add_option_function<std::string>(
         "--output",
         [&settings](const std::string& name) {
           static const std::map<std::string, Format> kFormats = {{"table", Format::kTable},
                                                                  {"json", Format::kJson},
                                                                  {"ndjson", Format::kNdjson},
                                                                  {"csv", Format::kCsv}};
           settings.format = kFormats.at(name);
         },
         "Form of the answer; in csv, cells that a spreadsheet would run begin with '")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "ndjson", "csv"}));
  app.add_option_function<std::string>(
         "--color",
         [&settings](const std::string& name) {
           settings.color = name == "always"  ? ColorChoice::kAlways
                            : name == "never" ? ColorChoice::kNever
                                              : ColorChoice::kAuto;
         },
         "Colours; auto: on a terminal, unless NO_COLOR is set")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_flag("--quiet,-q", settings.quiet, "Say nothing beside the answer and errors");
}

}  // namespace

CLI::App& AddVerb(CLI::App& group, const std::string& name, const std::string& description,
                  const std::string& examples) {
  CLI::App& verb = *group.add_subcommand(name, description);
  verb.footer((examples.empty() ? "" : "Examples:\n" + examples + "\n") +
              "conntrail --help has the options that all verbs share.");
  return verb;
}

void AddPageOptions(CLI::App& verb, size_t& limit, size_t limit_max, std::string* cursor) {
  CLI::Validator range = CLI::Range(size_t{1}, limit_max);
  range.description("");  // else it stands in the name of the type
  verb.add_option(cursor == nullptr ? "-n,--limit" : "--limit", limit,
                  "At most so many (" + std::to_string(limit) + ")")
      ->type_name("N")
      ->check(range);
  if (cursor == nullptr) return;
  verb.add_option("--cursor", *cursor, "Go on where an earlier answer ended")->type_name("TEXT");
}

std::unique_ptr<CommandLine> MakeCommandLine() {
  auto line = std::make_unique<CommandLine>();
  CLI::App& app = line->app;
  app.name("conntrail");
  app.description("conntrail: the audit trail of connections.");
  const auto formatter = std::make_shared<HelpFormatter>();
  formatter->label("SUBCOMMAND", "VERB");
  app.formatter(formatter);
  app.set_help_flag("--help,-h", "How it is used");
  app.fallthrough();  // so that shared options may stand after the verb as well
  app.require_subcommand(1);
  AddSettings(app, line->settings);
  app.footer(
      DescribeExitCodes() +
      "\n\nA flag counts more than a variable, a variable more than the default profile. The "
      "keys for a\nserver are in CONNTRAIL_API_KEY and CONNTRAIL_APPLICATION_KEY, or in the "
      "profile." +
      "\n\nconntrail VERB --help tells more about one of them, with examples.");
  AddAllVerbs(*line);
  return line;
}

}  // namespace conntrail
