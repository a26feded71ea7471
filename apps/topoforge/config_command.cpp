#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "topoforge/commands.hpp"
#include "topoforge/serve_options.hpp"

namespace topoforge {
namespace {

constexpr std::string_view kMask = "********";

std::string shown(const Setting& setting) {
  return setting.is_secret && !setting.value.empty() ? std::string(kMask) : setting.value;
}

std::string_view name_of(SettingLayer layer) {
  switch (layer) {
    case SettingLayer::defaults: return "default";
    case SettingLayer::file: return "file";
    case SettingLayer::dotenv: return "dotenv";
    case SettingLayer::environment: return "environment";
    case SettingLayer::flag: return "flag";
  }
  return {};
}

std::string to_json(const Settings& settings) {
  boost::json::array list;
  for (const Setting& setting : settings.list()) {
    list.push_back(boost::json::object{{"key", setting.key},
                                       {"value", shown(setting)},
                                       {"layer", name_of(setting.layer)},
                                       {"from", setting.from},
                                       {"default", setting.default_value},
                                       {"variable", setting.variable},
                                       {"flag", setting.flag},
                                       {"secret", setting.is_secret},
                                       {"about", setting.about}});
  }
  boost::json::array files;
  for (const std::string& file : settings.files()) files.emplace_back(file);
  return boost::json::serialize(boost::json::object{{"files", std::move(files)}, {"settings", std::move(list)}}) + "\n";
}

std::string to_text(const Settings& settings) {
  const std::vector<Setting> list = settings.list();
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  for (const Setting& setting : list) {
    key_width = std::max(key_width, setting.key.size());
    value_width = std::max(value_width, shown(setting).size());
  }
  std::string text;
  for (const Setting& setting : list) {
    const std::string value = shown(setting);
    text += fmt::format("{:<{}}  {:<{}}  {}\n", setting.key, key_width, value.empty() ? "-" : value, value_width,
                        setting.from);
  }
  const std::vector<std::string>& files = settings.files();
  return text + fmt::format("\nread: {}\n", files.empty() ? "no file" : fmt::to_string(fmt::join(files, ", ")));
}

}  // namespace

void add_config_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("config", "Print the settings of the server, and where each comes from");
  const auto json = std::make_shared<bool>(false);
  const std::shared_ptr<const Settings> settings = add_serve_options(*command);
  command->add_flag("--json", *json, "Print JSON");
  command->footer(settings_help(*command) +
                  "Examples:\n"
                  "  topoforge config\n"
                  "  topoforge config --config /etc/topoforge/topoforge.toml --json");
  command->callback([&action, settings, json] {
    action = [settings, json]() -> Result<void> {
      fmt::print("{}", *json ? to_json(*settings) : to_text(*settings));
      return {};
    };
  });
}

}  // namespace topoforge
