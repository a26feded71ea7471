#pragma once

#include <cstdio>
#include <cstdlib>

/// Purpose: what all fuzz targets ask of a property. Thread safety: pure.
namespace topoforge {

/// Ends the run with an input that shows the broken property.
inline void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "broken property: %s\n", property);
  std::abort();
}

}  // namespace topoforge
