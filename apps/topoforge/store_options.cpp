#include "topoforge/store_options.hpp"

#include <string>

#include "topoforge/settings.hpp"

namespace topoforge {

void add_store_options(CLI::App& command, StoreOptions& options) {
  command
      .add_option_function<std::string>(
          "--data-dir", [&options](const std::string& folder) { options.data_folder = folder; }, "Folder of the data")
      ->type_name("DIR")
      ->default_str(default_data_folder().string());
  add_secret(command, "MONGODB_URI", options.mongodb_uri, "MongoDB in the place of a file in that folder");
  command.add_option("--database-name", options.database_name, "Database of MONGODB_URI")
      ->type_name("NAME")
      ->envname("DATABASE_NAME")
      ->capture_default_str();
}

}  // namespace topoforge
