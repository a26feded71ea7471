#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

/// Purpose: shell completion read off the declared commands, so that it cannot fall behind them.
/// An option's type name says how its value completes: one with a list in braces ("TEXT:{csv,json}") by the list, one
/// with FILE or PATH by files, one with DIR by directories, another not at all. Thread safety: pure functions.
namespace topoforge {

struct CompletionValue {
  enum class Kind { free, choices, file, directory };
  Kind kind = Kind::free;
  std::vector<std::string> choices = {};
};

struct CompletionOption {
  std::vector<std::string> names;  ///< "--format", "-f"
  std::string description;         ///< one line
  bool takes_value = false;
  CompletionValue value;
};

struct CompletionCommand {
  std::string name;
  std::string description;  ///< one line
  std::vector<CompletionOption> options;
  std::vector<CompletionValue> positionals;
  std::vector<CompletionCommand> subcommands;
};

CompletionCommand completion_tree(const CLI::App& app);

/// Scripts for a root command with subcommands.
std::string bash_completion(const CompletionCommand& root);
std::string zsh_completion(const CompletionCommand& root);
std::string fish_completion(const CompletionCommand& root);

}  // namespace topoforge
