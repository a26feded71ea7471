#pragma once

#include <cstddef>

/// Purpose: as many open files as a server of many connections needs. Thread safety: once, at the start.
namespace topoforge {

/// Raises the process's limit of open files, as far as the system lets it, to that of so many connections beside what
/// else the program opens; where that is less, logs how many connections there can be.
void allow_open_files(std::size_t connections);

}  // namespace topoforge
