#include <memory>
#include <string>

#include <fmt/format.h>

#include "topoforge/commands.hpp"
#include "topoforge/completion.hpp"

namespace topoforge {

void add_completion_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("completion", "Print a script that completes topoforge's command line");
  const auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "Shell that will read the script")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer(
      "Examples:\n"
      "  source <(topoforge completion bash)\n"
      "  topoforge completion zsh > ~/.zfunc/_topoforge\n"
      "  topoforge completion fish > ~/.config/fish/completions/topoforge.fish");
  command->callback([&app, &action, shell] {
    action = [&app, shell]() -> Result<void> {
      const CompletionCommand root = completion_tree(app);
      fmt::print("{}", *shell == "bash"  ? bash_completion(root)
                       : *shell == "zsh" ? zsh_completion(root)
                                         : fish_completion(root));
      return {};
    };
  });
}

}  // namespace topoforge
