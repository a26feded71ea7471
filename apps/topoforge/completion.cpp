#include "topoforge/completion.hpp"

#include <functional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace topoforge {
namespace {

using Kind = CompletionValue::Kind;

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

CompletionValue value_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const auto open = type.find('{');
  const auto close = type.find('}', open);
  if (open != std::string::npos && close != std::string::npos) {
    CompletionValue value{.kind = Kind::choices};
    for (const std::string& choice : CLI::detail::split(type.substr(open + 1, close - open - 1), ',')) {
      value.choices.push_back(choice.substr(0, choice.find("->")));
    }
    return value;
  }
  if (type.find("FILE") != std::string::npos || type.find("PATH") != std::string::npos) return {.kind = Kind::file};
  if (type.find("DIR") != std::string::npos) return {.kind = Kind::directory};
  return {};
}

std::string replaced(std::string_view text, std::string_view characters, const std::function<std::string(char)>& by) {
  std::string result;
  for (const char c : text) {
    if (characters.find(c) == std::string_view::npos) {
      result += c;
    } else {
      result += by(c);
    }
  }
  return result;
}

std::string backslashed(std::string_view text, std::string_view characters) {
  return replaced(text, characters, [](char c) { return std::string("\\") + c; });
}

std::string single_quoted(std::string_view text) {
  return "'" + replaced(text, "'", [](char) { return std::string(R"('\'')"); }) + "'";
}

std::string fish_quoted(std::string_view text) { return "'" + backslashed(text, "'\\") + "'"; }

std::vector<std::string> names_of(const std::vector<CompletionCommand>& commands) {
  std::vector<std::string> names;
  for (const CompletionCommand& command : commands) names.push_back(command.name);
  return names;
}

// ---- bash

std::string bash_reply(const CompletionValue& value) {
  switch (value.kind) {
    case Kind::free: return ":";
    case Kind::choices:
      return fmt::format("_topoforge_words {}", single_quoted(fmt::to_string(fmt::join(value.choices, " "))));
    case Kind::file: return "_topoforge_files -f";
    case Kind::directory: return "_topoforge_files -d";
  }
  return ":";
}

/// Ways down the tree: `/rules` is the subcommand "rules" of the root.
void bash_steps(const CompletionCommand& command, const std::string& path, std::string& steps) {
  for (const CompletionCommand& child : command.subcommands) {
    const std::string below = path + "/" + child.name;
    steps += (steps.empty() ? "" : " | ") + single_quoted(below);
    bash_steps(child, below, steps);
  }
}

void bash_cases(const CompletionCommand& command, const std::string& path, std::string& cases) {
  cases += fmt::format("    {})\n      case \"$prev\" in\n", single_quoted(path));
  std::vector<std::string> words = names_of(command.subcommands);
  for (const CompletionOption& option : command.options) {
    words.insert(words.end(), option.names.begin(), option.names.end());
    if (!option.takes_value) continue;
    cases += fmt::format("        {}) {}; return ;;\n", fmt::join(option.names, " | "), bash_reply(option.value));
  }
  cases += "      esac\n";
  if (!command.positionals.empty()) {
    // Bash cannot tell how many positionals stand before without knowing each option's arity: the first one serves.
    cases +=
        fmt::format("      if [[ \"$cur\" != -* ]]; then {}; return; fi\n", bash_reply(command.positionals.front()));
  }
  cases += fmt::format("      _topoforge_words {} ;;\n", single_quoted(fmt::to_string(fmt::join(words, " "))));
  for (const CompletionCommand& child : command.subcommands) bash_cases(child, path + "/" + child.name, cases);
}

constexpr std::string_view kBashHead = R"(# Completion of topoforge for bash. Load it with:
#   source <(topoforge completion bash)
_topoforge_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_topoforge_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}
_topoforge() {
  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" path= i
  COMPREPLY=()
  # Bash breaks --option=value at the equals sign.
  if [[ "$cur" == "=" ]]; then
    cur=
  elif [[ "$prev" == "=" ]]; then
    prev="${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path/${COMP_WORDS[i]}" in
)";

// ---- zsh

std::string zsh_action(const CompletionValue& value) {
  switch (value.kind) {
    case Kind::free: return ":value: ";
    case Kind::choices: {
      std::vector<std::string> escaped;
      for (const std::string& choice : value.choices) escaped.push_back(backslashed(choice, "\\:() "));
      return fmt::format(":value:({})", fmt::join(escaped, " "));
    }
    case Kind::file: return ":file:_files";
    case Kind::directory: return ":directory:_files -/";
  }
  return {};
}

void zsh_function(const CompletionCommand& command, const std::string& name, std::string& script) {
  for (const CompletionCommand& child : command.subcommands) zsh_function(child, name + "__" + child.name, script);
  script += fmt::format("{}() {{\n  local curcontext=\"$curcontext\" state state_descr line\n", name);
  script += "  typeset -A opt_args\n  _arguments -C";
  for (const CompletionOption& option : command.options) {
    for (const std::string& spelling : option.names) {
      const std::string spec =
          fmt::format("({}){}{}[{}]{}", fmt::join(option.names, " "), spelling,
                      option.takes_value && spelling.starts_with("--") ? "=" : "",
                      backslashed(option.description, "[]\\"), option.takes_value ? zsh_action(option.value) : "");
      script += " \\\n    " + single_quoted(spec);
    }
  }
  for (const CompletionValue& positional : command.positionals) {
    script += " \\\n    " + single_quoted(":" + zsh_action(positional));
  }
  if (command.subcommands.empty()) {
    script += "\n}\n";
    return;
  }
  script += " \\\n    '1: :->command' '*:: :->rest'\n  case $state in\n    command)\n      local -a commands=(\n";
  for (const CompletionCommand& child : command.subcommands) {
    script += "        " + single_quoted(backslashed(child.name, ":") + ":" + child.description) + "\n";
  }
  script += "      )\n      _describe command commands ;;\n    rest)\n      case $line[1] in\n";
  for (const CompletionCommand& child : command.subcommands) {
    script += fmt::format("        {}) {}__{} ;;\n", child.name, name, child.name);
  }
  script += "      esac ;;\n  esac\n}\n";
}

// ---- fish

std::string fish_value(const CompletionValue& value) {
  switch (value.kind) {
    case Kind::free: return " -x";
    case Kind::choices: return " -x -a " + fish_quoted(fmt::to_string(fmt::join(value.choices, " ")));
    case Kind::file: return " -r -F";
    case Kind::directory: return " -x -a '(__fish_complete_directories)'";
  }
  return {};
}

/// seen: the condition that the words so far chose this command; empty for the root.
void fish_lines(const CompletionCommand& command, const std::string& seen, std::string& script) {
  std::string here = seen.empty() ? "__fish_use_subcommand" : seen;
  const std::vector<std::string> children = names_of(command.subcommands);
  if (!seen.empty() && !children.empty()) {
    here += fmt::format("; and not __fish_seen_subcommand_from {}", fmt::join(children, " "));
  }
  const std::string head = "complete -c topoforge -n " + fish_quoted(here);
  for (const CompletionOption& option : command.options) {
    script += head;
    for (const std::string& name : option.names) {
      script += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (option.takes_value) script += fish_value(option.value);
    script += " -d " + fish_quoted(option.description) + "\n";
  }
  if (!command.positionals.empty()) {
    const CompletionValue& first = command.positionals.front();
    if (first.kind == Kind::file) script += head + " -F\n";
    if (first.kind == Kind::choices) script += head + fish_value(first) + "\n";
  }
  for (const CompletionCommand& child : command.subcommands) {
    script += head + " -a " + fish_quoted(child.name) + " -d " + fish_quoted(child.description) + "\n";
  }
  for (const CompletionCommand& child : command.subcommands) {
    fish_lines(child, (seen.empty() ? "" : seen + "; and ") + "__fish_seen_subcommand_from " + child.name, script);
  }
}

}  // namespace

CompletionCommand completion_tree(const CLI::App& app) {
  CompletionCommand command{.name = app.get_name(),
                            .description = first_line(app.get_description()),
                            .options = {},
                            .positionals = {},
                            .subcommands = {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // not shown by --help either
    if (option->get_positional()) {
      command.positionals.push_back(value_of(*option));
      continue;
    }
    CompletionOption entry{.names = {},
                           .description = first_line(option->get_description()),
                           .takes_value = option->get_items_expected_max() > 0,
                           .value = value_of(*option)};
    for (const std::string& name : option->get_snames()) entry.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) entry.names.push_back("--" + name);
    if (!entry.names.empty()) command.options.push_back(std::move(entry));
  }
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    command.subcommands.push_back(completion_tree(*child));
  }
  return command;
}

std::string bash_completion(const CompletionCommand& root) {
  std::string steps;
  bash_steps(root, "", steps);
  std::string cases;
  bash_cases(root, "", cases);
  return fmt::format(
      "{}      {}) path+=\"/${{COMP_WORDS[i]}}\" ;;\n    esac\n  done\n  case \"$path\" in\n{}  esac\n}}\n"
      "complete -F _topoforge topoforge\n",
      kBashHead, steps, cases);
}

std::string zsh_completion(const CompletionCommand& root) {
  std::string script =
      "#compdef topoforge\n# Completion of topoforge for zsh. Load it with:\n#   source <(topoforge completion zsh)\n"
      "# or write it to a file named _topoforge in a folder of $fpath.\n";
  zsh_function(root, "_topoforge", script);
  script +=
      "if [[ \"${funcstack[1]}\" == \"_topoforge\" ]]; then\n  _topoforge \"$@\"\nelse\n"
      "  compdef _topoforge topoforge\nfi\n";
  return script;
}

std::string fish_completion(const CompletionCommand& root) {
  std::string script =
      "# Completion of topoforge for fish. Load it with:\n#   topoforge completion fish | source\n"
      "complete -c topoforge -f\n";
  fish_lines(root, "", script);
  return script;
}

}  // namespace topoforge
