#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "topoforge/base/result.hpp"

/// Purpose: the options of a command as settings, which come in layers: defaults, topoforge.toml, .env, environment,
/// flags; a later one wins. The declaration of an option is all there is: `--log-level` is the key log_level of the
/// file and the variable TOPOFORGE_LOG_LEVEL, unless it names another (envname()). What settings there are is said by
/// `topoforge serve`; other commands read those of them that they have. An empty variable counts as none.
/// Thread safety: one owner at a time; the environment is read while options are parsed.
namespace topoforge {

inline constexpr const char* kSettingsFile = "topoforge.toml";
inline constexpr const char* kDotenvFile = ".env";

/// The layers, the lowest first.
enum class SettingLayer { defaults, file, dotenv, environment, flag };

struct Setting {
  std::string key;
  std::string variable;
  std::string flag;  ///< empty for a secret
  std::string about;
  std::string default_value;  ///< empty: none
  std::string value;
  SettingLayer layer = SettingLayer::defaults;
  std::string from;  ///< "default", "topoforge.toml:3", ".env:2", "environment PORT", "flag --port"
  bool is_secret = false;
};

class Settings {
 public:
  explicit Settings(CLI::App& command) : command_(command) {}

  /// Gives the options that no flag sets the values of the other layers.
  /// Errors (CLI::ConfigError): a file that cannot be read; an unknown name, or a value that its option refuses, with
  /// the place; a secret on the command line.
  void load(const std::string& file);
  /// After the command was parsed, in the order of their declaration.
  [[nodiscard]] std::vector<Setting> list() const;
  /// Those that were read.
  [[nodiscard]] const std::vector<std::string>& files() const { return files_; }

 private:
  struct Origin {
    SettingLayer layer;
    std::string from;
  };
  struct Candidate;
  void apply(CLI::Option& option, const Candidate& candidate);
  [[nodiscard]] Origin origin_of(const CLI::Option& option) const;

  CLI::App& command_;
  std::vector<std::string> files_;
  std::vector<std::pair<const CLI::Option*, Origin>> origins_;
};

/// Makes options of the command settings, which are declared after this call, and adds --config.
std::shared_ptr<Settings> use_settings(CLI::App& command);

/// A text that no command line may show: `JWT_SECRET` is the key jwt_secret, and a flag of that name is refused.
CLI::Option* add_secret(CLI::App& command, const std::string& variable, std::string& value, const std::string& about);

/// What --help says at its end of the layers, and of the secrets of the command.
std::string settings_help(const CLI::App& command);

/// Takes a text of which `parse` makes a Result; its error is what is said.
template <class Parse>
CLI::Validator parsed_by(Parse parse) {
  const auto check = [parse = std::move(parse)](const std::string& text) -> std::string {
    const auto parsed = parse(text);
    return parsed ? std::string() : parsed.error().message;
  };
  return {check, ""};
}

}  // namespace topoforge
