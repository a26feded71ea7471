#include "topoforge/data_folder_option.hpp"

#include "topoforge/stores.hpp"

namespace topoforge {

void add_data_folder_option(CLI::App& command, std::string& folder) {
  command.add_option("--data-dir", folder, "Folder of the data")
      ->type_name("DIR")
      ->default_str(default_data_folder().string());
}

}  // namespace topoforge
