#include "tools/conntrail/completion.h"

#include <vector>

#include <fmt/format.h>

namespace conntrail {
namespace {

struct CompletedOption {
  std::vector<std::string> names;  // with their dashes
  std::string description;
  bool takes_value = false;
  bool takes_directory = false;
  bool takes_file = false;
  std::string values;  // with spaces between them; empty: anything
};

struct CompletedVerb {
  std::string path;  // "connections list"; "" for the program
  std::string description;
  std::vector<std::string> verbs;  // below this one
  std::vector<CompletedOption> options;
  std::string positional_values;
};

// CLI11 tells the values of an IsMember check as part of the type: "FORMAT:{table,json}".
std::string ValuesIn(const std::string& type_name) {
  const size_t begin = type_name.find('{');
  const size_t end = type_name.find('}');
  if (begin == std::string::npos || end == std::string::npos) return "";
  std::string values = type_name.substr(begin + 1, end - begin - 1);
  for (char& c : values) c = c == ',' ? ' ' : c;
  return values;
}

CompletedOption Completed(const CLI::Option& option) {
  CompletedOption completed;
  for (const std::string& name : option.get_lnames()) completed.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) completed.names.push_back("-" + name);
  completed.description = option.get_description();
  completed.takes_value = option.get_expected_max() > 0;
  const std::string type = option.get_type_name();
  completed.takes_directory = type == "DIR";
  completed.takes_file = type == "FILE";
  completed.values = completed.takes_value ? ValuesIn(type) : "";
  return completed;
}

// `app` and all below it. The options of the program may stand anywhere, so each verb has them.
void Collect(const CLI::App& app, const std::string& path,
             const std::vector<CompletedOption>& shared, std::vector<CompletedVerb>& verbs) {
  CompletedVerb verb{path, app.get_description(), {}, shared, ""};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      verb.positional_values += ValuesIn(option->get_type_name());
    } else if (!path.empty() && option->get_name() != "--help") {
      verb.options.push_back(Completed(*option));
    }
  }
  const size_t index = verbs.size();
  verbs.push_back(verb);
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    verbs[index].verbs.push_back(below->get_name());
    Collect(*below, path + (path.empty() ? "" : " ") + below->get_name(), shared, verbs);
  }
}

std::vector<CompletedVerb> AllVerbs(const CLI::App& app) {
  std::vector<CompletedOption> shared;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) shared.push_back(Completed(*option));
  }
  std::vector<CompletedVerb> verbs;
  Collect(app, "", shared, verbs);
  return verbs;
}

std::string Join(const std::vector<std::string>& words, std::string_view between) {
  return fmt::format("{}", fmt::join(words, between));
}

std::string NamesOf(const CompletedVerb& verb) {
  std::string names;
  for (const CompletedOption& option : verb.options) {
    names += (names.empty() ? "" : " ") + Join(option.names, " ");
  }
  return names;
}

// In single quotes of any of the three shells.
std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

// The part that bash and zsh share: what may follow each verb, and each option.
std::string Cases(const std::vector<CompletedVerb>& verbs) {
  std::string text = "  case \"$verb\" in\n";
  for (const CompletedVerb& verb : verbs) {
    text += fmt::format("    {}) verbs={}; options={} ;;\n", Quoted(verb.path),
                        Quoted(verb.verbs.empty() ? verb.positional_values : Join(verb.verbs, " ")),
                        Quoted(NamesOf(verb)));
  }
  text += "  esac\n  case \"$verb $previous\" in\n";
  for (const CompletedVerb& verb : verbs) {
    for (const CompletedOption& option : verb.options) {
      if (!option.takes_value) continue;
      for (const std::string& name : option.names) {
        const std::string kind = option.takes_directory ? "dirs"
                                 : option.takes_file    ? "files"
                                                        : "words";
        text += fmt::format("    {}) kind={}; values={} ;;\n", Quoted(verb.path + " " + name), kind,
                            Quoted(option.values));
      }
    }
  }
  return text + "  esac\n";
}

// Finds the verb among the words before the one to complete: a word that may follow the verb so far
// belongs to it, everything else is an option or a value.
std::string FindVerb(const std::vector<CompletedVerb>& verbs) {
  std::vector<std::string> paths;
  for (const CompletedVerb& verb : verbs) {
    if (!verb.path.empty()) paths.push_back(Quoted(verb.path));
  }
  return fmt::format(
      "    case \"${{verb:+$verb }}$word\" in\n"
      "      {}) verb=\"${{verb:+$verb }}$word\" ;;\n"
      "    esac\n",
      Join(paths, "|"));
}

}  // namespace

std::string BashCompletion(const CLI::App& app) {
  const std::vector<CompletedVerb> verbs = AllVerbs(app);
  return "# bash completion of conntrail: source <(conntrail completion bash)\n"
         "_conntrail() {\n"
         "  local word verb= verbs= options= kind= values=\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n" +
         FindVerb(verbs) + "  done\n" + Cases(verbs) +
         "  case \"$kind\" in\n"
         "    dirs) mapfile -t COMPREPLY < <(compgen -d -- \"$current\") ;;\n"
         "    files) mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
         "    words) mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$current\") ;;\n"
         "    *) case \"$current\" in\n"
         "      -*) mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\") ;;\n"
         "      *) mapfile -t COMPREPLY < <(compgen -W \"$verbs\" -- \"$current\") ;;\n"
         "    esac ;;\n"
         "  esac\n"
         "}\n"
         "complete -F _conntrail conntrail\n";
}

std::string ZshCompletion(const CLI::App& app) {
  const std::vector<CompletedVerb> verbs = AllVerbs(app);
  return "#compdef conntrail\n"
         "# zsh completion of conntrail: conntrail completion zsh > \"${fpath[1]}/_conntrail\"\n"
         "_conntrail() {\n"
         "  local word verb= verbs= options= kind= values=\n"
         "  local current=${words[CURRENT]} previous=${words[CURRENT-1]}\n"
         "  for word in \"${(@)words[2,CURRENT-1]}\"; do\n" +
         FindVerb(verbs) + "  done\n" + Cases(verbs) +
         "  case \"$kind\" in\n"
         "    dirs) _files -/ ;;\n"
         "    files) _files ;;\n"
         "    words) compadd -- ${=values} ;;\n"
         "    *) case \"$current\" in\n"
         "      -*) compadd -- ${=options} ;;\n"
         "      *) compadd -- ${=verbs}; [[ -n $verbs ]] || _files ;;\n"
         "    esac ;;\n"
         "  esac\n"
         "}\n"
         "if [ \"$funcstack[1]\" = _conntrail ]; then _conntrail \"$@\"; "
         "else compdef _conntrail conntrail; fi\n";
}

std::string FishCompletion(const CLI::App& app) {
  const std::vector<CompletedVerb> verbs = AllVerbs(app);
  std::string text =
      "# fish completion of conntrail: conntrail completion fish | source\n"
      "function __conntrail_verb\n"
      "  set -l verb\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    switch (string trim \"$verb $word\")\n"
      "      case";
  for (const CompletedVerb& verb : verbs) {
    if (!verb.path.empty()) text += " " + Quoted(verb.path);
  }
  text +=
      "\n        set verb (string trim \"$verb $word\")\n"
      "    end\n"
      "  end\n"
      "  test \"$verb\" = \"$argv[1]\"\n"
      "end\n"
      "complete -c conntrail -f\n";
  for (const CompletedVerb& verb : verbs) {
    const std::string at =
        "complete -c conntrail -n " + Quoted("__conntrail_verb \"" + verb.path + "\"");
    for (const CompletedVerb& below : verbs) {
      const size_t space = below.path.rfind(' ');
      const std::string parent = space == std::string::npos ? "" : below.path.substr(0, space);
      if (below.path.empty() || parent != verb.path) continue;
      const size_t name = space == std::string::npos ? 0 : space + 1;
      text += fmt::format("{} -a {} -d {}\n", at, Quoted(below.path.substr(name)),
                          Quoted(below.description));
    }
    if (!verb.positional_values.empty()) {
      text += fmt::format("{} -a {}\n", at, Quoted(verb.positional_values));
    }
    for (const CompletedOption& option : verb.options) {
      text += at;
      for (const std::string& name : option.names) {
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (option.takes_value) text += " -r";
      if (option.takes_directory || option.takes_file) text += " -F";
      if (!option.values.empty()) text += " -a " + Quoted(option.values);
      text += " -d " + Quoted(option.description) + "\n";
    }
  }
  return text;
}

}  // namespace conntrail
