#include <csignal>
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "topoforge/commands.hpp"

namespace {

using topoforge::Action;
using topoforge::ErrorCode;

int run(int argc, char** argv) {
  CLI::App app{"TopoForge: real-time anomaly detection by the shape of data", "topoforge"};
  app.set_version_flag("--version", "topoforge " TOPOFORGE_VERSION);
  app.require_subcommand(1);
  Action action;
  topoforge::add_detect_command(app, action);
  topoforge::add_serve_command(app, action);
  topoforge::add_watch_command(app, action);
  topoforge::add_diagram_command(app, action);
  topoforge::add_user_command(app, action);
  topoforge::add_config_command(app, action);
  topoforge::add_backup_command(app, action);
  topoforge::add_seed_command(app, action);
  topoforge::add_migrate_command(app, action);
  topoforge::add_rules_command(app, action);
  topoforge::add_completion_command(app, action);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ConfigError& error) {
    std::fprintf(stderr, "topoforge: error: %s\n", error.what());
    return topoforge::kExitUsage;
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? topoforge::kExitSuccess : topoforge::kExitUsage;
  }
  if (const auto done = action(); !done) {
    std::fprintf(stderr, "topoforge: error: %s\n", done.error().message.c_str());
    return done.error().code == ErrorCode::invalid_argument ? topoforge::kExitUsage : topoforge::kExitFailure;
  }
  return topoforge::kExitSuccess;
}

}  // namespace

int main(int argc, char** argv) {
  // Beyond `ulimit -f` a write then fails, like any other that does, and is told.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "topoforge: error: %s\n", error.what());
    return topoforge::kExitFailure;
  }
}
