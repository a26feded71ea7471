#include "topoforge/settings.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "topoforge/codec/dotenv/dotenv.hpp"
#include "topoforge/codec/text/nearest_name.hpp"
#include "topoforge/codec/text/quote.hpp"
#include "topoforge/codec/toml/settings_toml.hpp"
#include "topoforge/text_file.hpp"

namespace topoforge {
namespace {

constexpr const char* kConfigFlag = "--config";
constexpr const char* kConfigVariable = "TOPOFORGE_CONFIG";
constexpr std::string_view kPrefix = "TOPOFORGE_";
/// Options of no group are not shown by --help: secrets.
constexpr const char* kSecretGroup = "";

[[noreturn]] void refuse(const std::string& message) { throw CLI::ConfigError(message); }

std::string key_of(const CLI::Option& option) {
  std::string key = option.get_lnames().front();
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string variable_of(const CLI::Option& option) {
  const std::string named = option.get_envname();
  return named.empty() ? std::string(kPrefix) + upper_case(key_of(option)) : named;
}

bool is_secret(const CLI::Option& option) { return option.get_group() == kSecretGroup; }

std::string default_of(const CLI::Option& option) {
  const bool is_flag = option.get_expected_min() == 0;
  return is_flag ? "false" : option.get_default_str();
}

bool can_be_setting(const CLI::Option& option) { return option.get_configurable() && !option.get_lnames().empty(); }

/// The options of `topoforge serve`, which is the list of the settings.
std::vector<const CLI::Option*> known_settings(const CLI::App& command) {
  const CLI::App* root = &command;
  while (root->get_parent() != nullptr) root = root->get_parent();
  const CLI::App* const serve = root->get_subcommand("serve");
  return serve->get_options([](const CLI::Option* option) { return can_be_setting(*option); });
}

/// The options of the command that are settings.
std::vector<CLI::Option*> settings_in(CLI::App& command) {
  std::vector<std::string> keys;
  for (const CLI::Option* known : known_settings(command)) keys.push_back(key_of(*known));
  return command.get_options([&](const CLI::Option* option) {
    return can_be_setting(*option) && std::find(keys.begin(), keys.end(), key_of(*option)) != keys.end();
  });
}

bool was_flagged(const CLI::App& command, const CLI::Option& option) {
  const auto& given = command.parse_order();
  return std::find(given.begin(), given.end(), &option) != given.end();
}

std::optional<std::string> environment_value(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

/// A folder of the name .env is a Python environment.
bool is_there(const char* file) {
  std::error_code error;
  return std::filesystem::is_regular_file(file, error);
}

template <class Read>
std::vector<SettingEntry> read_file(const std::string& path, std::size_t max_bytes, Read read) {
  auto entries = read_text_file(path, max_bytes).and_then([&](const std::string& text) { return read(text, path); });
  if (!entries) refuse(entries.error().message);
  return std::move(*entries);
}

/// The last one counts.
const SettingEntry* find_entry(const std::vector<SettingEntry>& entries, const std::string& key) {
  const auto found =
      std::find_if(entries.rbegin(), entries.rend(), [&](const auto& entry) { return entry.key == key; });
  return found == entries.rend() ? nullptr : &*found;
}

/// Says which of the keys, that must all be known, are not.
void check_names(const std::string& file, const std::vector<SettingEntry>& entries,
                 const std::vector<std::string>& known) {
  std::string first;
  std::size_t more = 0;
  for (const SettingEntry& entry : entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    if (!first.empty()) {
      ++more;
      continue;
    }
    const auto nearest = nearest_name(entry.key, known);
    first = fmt::format("{}:{}: unknown setting {}; {}", file, entry.line, quote_text(entry.key),
                        nearest ? fmt::format("did you mean '{}'?", *nearest) : "`topoforge config` lists them");
  }
  if (more > 0) first += fmt::format(" (and {} more {})", more, more == 1 ? "problem" : "problems");
  if (!first.empty()) refuse(first);
}

/// One line on standard error for a file with a secret that everybody on the machine can read.
void warn_of_readers(const std::string& file, const std::vector<SettingEntry>& entries,
                     const std::vector<std::string>& secret_names) {
  std::error_code error;
  const auto permissions = std::filesystem::status(file, error).permissions();
  if (error || (permissions & std::filesystem::perms::others_read) == std::filesystem::perms::none) return;
  for (const SettingEntry& entry : entries) {
    if (entry.value.empty()) continue;
    if (std::find(secret_names.begin(), secret_names.end(), entry.key) == secret_names.end()) continue;
    fmt::print(stderr, "topoforge: warning: {} holds {}, and every user of this machine can read it; chmod 600 {}\n",
               file, entry.key, file);
    return;
  }
}

}  // namespace

struct Settings::Candidate {
  std::string value;
  Origin origin;
};

void Settings::load(const std::string& file) {
  if (command_.get_help_ptr()->count() > 0) throw CLI::CallForHelp();
  const std::vector<const CLI::Option*> known = known_settings(command_);
  std::vector<std::string> keys;
  std::vector<std::string> variables = {kConfigVariable};
  std::vector<std::string> secret_names;
  for (const CLI::Option* option : known) {
    keys.push_back(key_of(*option));
    variables.push_back(variable_of(*option));
    if (is_secret(*option)) secret_names.insert(secret_names.end(), {keys.back(), variables.back()});
  }

  std::vector<SettingEntry> dotenv;
  if (is_there(kDotenvFile)) {
    dotenv = read_file(kDotenvFile, kMaxDotenvBytes, read_dotenv);
    files_.emplace_back(kDotenvFile);
    warn_of_readers(kDotenvFile, dotenv, secret_names);
    std::vector<SettingEntry> ours;
    std::copy_if(dotenv.begin(), dotenv.end(), std::back_inserter(ours),
                 [](const SettingEntry& entry) { return entry.key.starts_with(kPrefix); });
    check_names(kDotenvFile, ours, variables);
  }
  std::string toml_file = file;
  const SettingEntry* const named = find_entry(dotenv, kConfigVariable);
  if (toml_file.empty() && named != nullptr) toml_file = named->value;
  std::vector<SettingEntry> toml;
  if (toml_file.empty() && is_there(kSettingsFile)) toml_file = kSettingsFile;
  if (!toml_file.empty()) {
    toml = read_file(toml_file, kMaxSettingsBytes, read_settings_toml);
    files_.push_back(toml_file);
    warn_of_readers(toml_file, toml, secret_names);
    check_names(toml_file, toml, keys);
  }

  for (CLI::Option* const option : settings_in(command_)) {
    const std::string variable = variable_of(*option);
    if (was_flagged(command_, *option)) {
      const std::string flag = "--" + option->get_lnames().front();
      if (is_secret(*option)) {
        refuse(fmt::format("{}: others can read a command line; set {} in the environment, in {} or in {}", flag,
                           variable, kDotenvFile, kSettingsFile));
      }
      origins_.emplace_back(option, Origin{SettingLayer::flag, "flag " + flag});
    } else if (const auto value = environment_value(variable)) {
      apply(*option, {*value, {SettingLayer::environment, "environment " + variable}});
    } else if (const auto* line = find_entry(dotenv, variable); line != nullptr && !line->value.empty()) {
      apply(*option, {line->value, {SettingLayer::dotenv, fmt::format("{}:{}", kDotenvFile, line->line)}});
    } else if (const auto* entry = find_entry(toml, key_of(*option)); entry != nullptr) {
      apply(*option, {entry->value, {SettingLayer::file, fmt::format("{}:{}", toml_file, entry->line)}});
    }
  }
}

void Settings::apply(CLI::Option& option, const Candidate& candidate) {
  // CLI11 puts in what it finds in the environment itself.
  option.clear();
  try {
    option.add_result(candidate.value);
    option.run_callback();
  } catch (const CLI::ParseError& error) {
    std::string message = error.what();
    // CLI11 does not name options that --help does not show.
    if (message.starts_with(':')) message = key_of(option) + message;
    refuse(fmt::format("{}: {}", candidate.origin.from, message));
  }
  origins_.emplace_back(&option, candidate.origin);
}

Settings::Origin Settings::origin_of(const CLI::Option& option) const {
  const auto found =
      std::find_if(origins_.begin(), origins_.end(), [&](const auto& origin) { return origin.first == &option; });
  return found == origins_.end() ? Origin{SettingLayer::defaults, "default"} : found->second;
}

std::vector<Setting> Settings::list() const {
  std::vector<Setting> settings;
  for (const CLI::Option* option : settings_in(command_)) {
    const Origin origin = origin_of(*option);
    const bool secret = is_secret(*option);
    settings.push_back({.key = key_of(*option),
                        .variable = variable_of(*option),
                        .flag = secret ? "" : "--" + option->get_lnames().front(),
                        .about = option->get_description(),
                        .default_value = default_of(*option),
                        .value = origin.layer == SettingLayer::defaults
                                     ? default_of(*option)
                                     : fmt::to_string(fmt::join(option->results(), ",")),
                        .layer = origin.layer,
                        .from = origin.from,
                        .is_secret = secret});
  }
  return settings;
}

std::shared_ptr<Settings> use_settings(CLI::App& command) {
  const auto settings = std::make_shared<Settings>(command);
  // Parsed when it is chosen: a command that is not does not look at the environment.
  command.immediate_callback();
  command
      .add_option_function<std::string>(
          kConfigFlag, [settings](const std::string& file) { settings->load(file); },
          fmt::format("File of settings [{} in this folder, if there is one]", kSettingsFile))
      ->type_name("FILE")
      ->envname(kConfigVariable)
      ->configurable(false)
      ->force_callback();
  return settings;
}

CLI::Option* add_secret(CLI::App& command, const std::string& variable, std::string& value, const std::string& about) {
  std::string flag = variable;
  std::transform(flag.begin(), flag.end(), flag.begin(),
                 [](unsigned char c) { return c == '_' ? '-' : static_cast<char>(std::tolower(c)); });
  return command.add_option("--" + flag, value, about)->envname(variable)->group(kSecretGroup);
}

std::string settings_help(const CLI::App& command) {
  std::string text = fmt::format(
      "Each option can stand in {} too (log_level = \"debug\"), in {} and in the environment\n"
      "(TOPOFORGE_LOG_LEVEL=debug, or the variable named above); a later one of these wins, and a flag over all.\n"
      "`topoforge config` shows what holds and from where.\n",
      kSettingsFile, kDotenvFile);
  const auto secrets = command.get_options([](const CLI::Option* option) { return is_secret(*option); });
  if (!secrets.empty()) text += "Secrets have no flag, as others can read a command line:\n";
  for (const CLI::Option* secret : secrets) {
    text += fmt::format("  {:<20} {}\n", variable_of(*secret), secret->get_description());
  }
  return text;
}

}  // namespace topoforge
