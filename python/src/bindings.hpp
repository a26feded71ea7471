#pragma once

#include <nanobind/nanobind.h>

/// Purpose: what the module topoforge._core consists of, by topic. Its functions take exactly what they say; the
/// package converts, documents and names. Thread safety: called once, while the module is imported.
namespace topoforge::python {

void bind_cloud(nanobind::module_& module);
void bind_engines(nanobind::module_& module);
void bind_distances(nanobind::module_& module);
void bind_features(nanobind::module_& module);
void bind_analysis(nanobind::module_& module);

}  // namespace topoforge::python
